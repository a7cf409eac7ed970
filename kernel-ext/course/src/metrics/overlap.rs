//! How much what is found and what is there have in common (intersection over union).
//!
//! Source: `keras/src/metrics/iou_metrics.py`.

use super::Metric;
use super::counts::ratio;
use crate::error::{Error, Report};
use crate::{Result, Tensor, ops};
use engine_api::{Attr, Op};

/// How a tensor says to which class a place belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classes {
    /// By the class's number.
    Numbers,
    /// By the greatest number on the last axis.
    Greatest,
    /// By a number on one side of a threshold.
    Threshold,
}

impl Classes {
    /// By number, or by one number a class.
    pub fn written(as_number: bool) -> Self {
        if as_number { Self::Numbers } else { Self::Greatest }
    }
}

impl Metric {
    /// The confusion matrix of each sample: for each true class, which the answers are.
    ///
    /// # Shapes
    /// (batch, ...), (batch, ...) -> (batch, classes²)
    pub(super) fn confusion(
        &self,
        answer: Classes,
        prediction: &Tensor,
        truth: Classes,
        target: &Tensor,
    ) -> Result<Tensor> {
        let name = &self.name;
        let classes = self.classes(answer, prediction, truth, target)?;
        let mut truths = self.one_hot(truth, target, classes)?;
        if let Some(ignored) = self.options.ignore_class.and_then(|class| usize::try_from(class).ok()) {
            let counts = (0..classes).map(|class| if class == ignored { 0.0 } else { 1.0 }).collect();
            let counts = Tensor::apply(Op::constant(&[classes], counts), &[], name)?;
            truths = ops::binary("multiply", &truths, &counts, name)?;
        }
        let answers = self.one_hot(answer, prediction, classes)?;
        if truths.shape() != answers.shape() {
            let report = Report::new(format!("metric `{name}`"), "target and prediction do not name the same places");
            let hint = "`sparse_y_true(false)` or `sparse_y_pred(false)` says that classes lie on the last axis";
            return Err(Error::shape(report.expected(truths.shape(), answers.shape()).hint(hint)));
        }
        let matrix = Op::new("matmul").with("transpose_a", Attr::Bool(true));
        let matrix = Tensor::apply(matrix, &[&truths, &answers], name)?;
        ops::view(&matrix, &[-1, (classes * classes) as i64], name)
    }

    /// How many classes there are, by the options or by what lies on the last axis.
    fn classes(&self, answer: Classes, prediction: &Tensor, truth: Classes, target: &Tensor) -> Result<usize> {
        let seen = |classes: Classes, tensor: &Tensor| match classes {
            Classes::Numbers => None,
            Classes::Greatest => tensor.shape().0.last().copied().flatten(),
            Classes::Threshold => Some(2),
        };
        let known = self.options.num_classes.or(seen(answer, prediction)).or(seen(truth, target));
        known.ok_or_else(|| {
            let report = Report::new(format!("metric `{}`", self.name), "it is not known how many classes there are");
            Error::value(report.hint(format!("say it: `Metric::from(\"{}\").num_classes(10)`", self.name)))
        })
    }

    /// 1 at the class of each place.
    ///
    /// # Shapes
    /// (batch, ...) -> (batch, places, classes)
    fn one_hot(&self, written: Classes, tensor: &Tensor, classes: usize) -> Result<Tensor> {
        let name = &self.name;
        let numbers = match written {
            Classes::Numbers => tensor.clone(),
            Classes::Greatest => Tensor::apply(Op::new("argmax").with("axis", Attr::Int(-1)), &[tensor], name)?,
            Classes::Threshold => {
                let threshold = ops::number(self.options.threshold.unwrap_or(0.5), name)?;
                ops::binary("greater_equal", tensor, &threshold, name)?
            }
        };
        let places = numbers.shape().sample_len().unwrap_or(1);
        ops::view(&ops::one_hot(&numbers, classes, name)?, &[-1, places as i64, classes as i64], name)
    }

    /// The mean of TP / (TP + FP + FN) over the classes that are there or were answered.
    pub(super) fn overlap(&self, sums: &[f64]) -> f64 {
        let classes = sums.len().isqrt();
        let all: Vec<usize> = (0..classes).collect();
        let chosen = if self.options.target_class_ids.is_empty() { &all } else { &self.options.target_class_ids };
        let of_class = |&class: &usize| {
            let both = sums[class * classes + class];
            let there: f64 = sums[class * classes..(class + 1) * classes].iter().sum();
            let answered: f64 = sums[class..].iter().step_by(classes).sum();
            let either = there + answered - both;
            (either > 0.0).then(|| both / either)
        };
        let overlaps: Vec<f64> = chosen.iter().filter(|&&class| class < classes).filter_map(of_class).collect();
        ratio(overlaps.iter().sum(), overlaps.len() as f64)
    }
}
