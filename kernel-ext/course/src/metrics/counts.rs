//! Metrics that count right and wrong answers.
//!
//! Source: `keras/src/metrics/confusion_metrics.py`, `keras/src/metrics/metrics_utils.py`.

use super::Metric;
use crate::{Result, Tensor, ops};

/// Which answers are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    TruePositives,
    FalsePositives,
    FalseNegatives,
    TrueNegatives,
}

impl Count {
    /// Its place among the sums.
    pub fn place(self) -> usize {
        self as usize
    }
}

/// What is below every prediction.
const LOWEST: f64 = -1e10;

/// a / b, and 0 for b = 0.
pub fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

impl Metric {
    /// True and false positives, false and true negatives of each sample.
    ///
    /// # Shapes
    /// (batch, ...), (batch, ...) -> (batch, 4)
    pub(super) fn counts(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let (prediction, truth) = self.answers(prediction, target)?;
        let default = if self.options.top_k.is_some() { LOWEST } else { 0.5 };
        let yes = self.greater(&prediction, self.options.threshold.unwrap_or(default))?;
        self.table(&yes, &truth)
    }

    /// The predictions and truths that count, flat: of one class, or of the likeliest ones.
    pub(super) fn answers(&self, prediction: &Tensor, target: &Tensor) -> Result<(Tensor, Tensor)> {
        ops::compare("mean_squared_error", target, prediction, &self.name)?;
        let mut prediction = prediction.clone();
        if let Some(k) = self.options.top_k {
            prediction = self.only_greatest(&prediction, k)?;
        }
        let of_class = |tensor: &Tensor| match self.options.class_id {
            Some(class) => ops::slice(tensor, -1, class, 1, &self.name),
            None => Ok(tensor.clone()),
        };
        let flat = |tensor: &Tensor| match tensor.shape().rank() {
            1 => ops::expand_dims(tensor, 1, &self.name),
            _ => ops::flatten(tensor, &self.name),
        };
        Ok((flat(&of_class(&prediction)?)?, flat(&self.greater(&of_class(target)?, 0.0)?)?))
    }

    /// The k greatest predictions of each row; the others become so low that they pass no threshold.
    fn only_greatest(&self, prediction: &Tensor, k: usize) -> Result<Tensor> {
        let name = &self.name;
        let (row, column) = (ops::expand_dims(prediction, -2, name)?, ops::expand_dims(prediction, -1, name)?);
        // How many predictions of the row are greater.
        let rank = ops::reduce("sum", &ops::binary("greater", &row, &column, name)?, &[-1], false, name)?;
        let among = ops::binary("less", &rank, &ops::number(k as f64, name)?, name)?;
        let kept = ops::binary("multiply", prediction, &among, name)?;
        ops::binary("add", &kept, &ops::affine(&among, -LOWEST, LOWEST, name)?, name)
    }

    /// Sums over the places of each sample, for answers (batch, places) of 0 and 1.
    fn table(&self, yes: &Tensor, truth: &Tensor) -> Result<Tensor> {
        let name = &self.name;
        let sum = |tensor: &Tensor| ops::reduce("sum", tensor, &[-1], true, name);
        let not = |tensor: &Tensor| ops::affine(tensor, -1.0, 1.0, name);
        let both = |a: &Tensor, b: &Tensor| sum(&ops::binary("multiply", a, b, name)?);
        let (no, untruth) = (not(yes)?, not(truth)?);
        let columns = [both(yes, truth)?, both(yes, &untruth)?, both(&no, truth)?, both(&no, &untruth)?];
        ops::concatenate(&columns.iter().collect::<Vec<_>>(), -1, name)
    }
}
