//! Metrics that look at answers at many thresholds.
//!
//! Source: `keras/src/metrics/confusion_metrics.py`, `keras/src/metrics/metrics_utils.py`.

use super::counts::ratio;
use super::{Curve, Kind, Metric, Summation};
use crate::error::{Error, Report};
use crate::{Result, Tensor, ops};
use engine_api::Op;

/// A share of right answers, for which more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Of what is found.
    Precision,
    /// Of what is to be found; also called sensitivity.
    Recall,
    /// Of what is not to be found.
    Specificity,
}

/// What is counted at one threshold.
#[derive(Clone, Copy)]
struct Counts {
    tp: f64,
    fp: f64,
    positives: f64,
    negatives: f64,
}

impl Counts {
    fn share(self, share: Share) -> f64 {
        match share {
            Share::Precision => ratio(self.tp, self.tp + self.fp),
            Share::Recall => ratio(self.tp, self.positives),
            Share::Specificity => ratio(self.negatives - self.fp, self.negatives),
        }
    }

    /// The place on a curve.
    fn point(self, curve: Curve) -> (f64, f64) {
        match curve {
            Curve::Roc => (ratio(self.fp, self.negatives), self.share(Share::Recall)),
            Curve::Pr => (self.share(Share::Recall), self.share(Share::Precision)),
            Curve::PrGain if self.tp == 0.0 => (0.0, 1.0),
            Curve::PrGain => {
                let gain = |wrong: f64| 1.0 - ratio(self.positives, self.negatives) * ratio(wrong, self.tp);
                (gain(self.positives - self.tp).max(0.0), gain(self.fp))
            }
        }
    }
}

/// What sums of [`Metric::counts_by_threshold`] say, threshold by threshold.
fn by_threshold(sums: &[f64]) -> Vec<Counts> {
    let count = (sums.len() - 2) / 2;
    let (positives, negatives) = (sums[2 * count], sums[2 * count + 1]);
    (0..count).map(|place| Counts { tp: sums[place], fp: sums[count + place], positives, negatives }).collect()
}

impl Metric {
    /// For each threshold the true positives, then for each the false ones, then all positives and all negatives; for
    /// each label, where each has a curve.
    ///
    /// # Shapes
    /// (batch, ...), (batch, ...) -> (batch, curves (2 thresholds + 2))
    pub(super) fn counts_by_threshold(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let (name, options) = (&self.name, &self.options);
        let prediction = if options.from_logits { &ops::unary("sigmoid", prediction, name)? } else { prediction };
        let labels = prediction.shape().sample_len().unwrap_or(1);
        if ![0, labels].contains(&options.label_weights.len()) {
            let report = Report::new(format!("metric `{name}`"), "there is not one weight for each label");
            return Err(Error::value(report.expected(labels, options.label_weights.len())));
        }
        let (prediction, truth) = self.answers(prediction, target)?;
        if !options.multi_label {
            let weights = options.label_weights.iter().map(|&weight| weight as f32).collect();
            return self.counts_of_curve(&prediction, &truth, weights);
        }
        let of_label = |label| {
            let only = |tensor| ops::slice(tensor, -1, label, 1, name);
            self.counts_of_curve(&only(&prediction)?, &only(&truth)?, Vec::new())
        };
        let curves = (0..labels).map(of_label).collect::<Result<Vec<_>>>()?;
        ops::concatenate(&curves.iter().collect::<Vec<_>>(), -1, name)
    }

    /// The counts of one curve over all places of (batch, places), each with its weight, or all alike.
    fn counts_of_curve(&self, prediction: &Tensor, truth: &Tensor, weights: Vec<f32>) -> Result<Tensor> {
        let name = &self.name;
        let constant = |numbers: Vec<f32>| Tensor::apply(Op::constant(&[numbers.len()], numbers), &[], name);
        let mut untruth = ops::affine(truth, -1.0, 1.0, name)?;
        let mut truth = truth.clone();
        if !weights.is_empty() {
            let weights = constant(weights)?;
            (truth, untruth) =
                (ops::binary("multiply", &truth, &weights, name)?, ops::binary("multiply", &untruth, &weights, name)?);
        }
        let thresholds = constant(self.thresholds_between())?;
        let column = |tensor: &Tensor| ops::expand_dims(tensor, -1, name);
        let yes = ops::binary("greater", &column(prediction)?, &thresholds, name)?;
        let among = |truth: &Tensor| {
            ops::reduce("sum", &ops::binary("multiply", &yes, &column(truth)?, name)?, &[1], false, name)
        };
        let all = |truth: &Tensor| ops::reduce("sum", truth, &[-1], true, name);
        ops::concatenate(&[&among(&truth)?, &among(&untruth)?, &all(&truth)?, &all(&untruth)?], -1, name)
    }

    /// The thresholds, from 0 to 1, for areas from just below to just above.
    fn thresholds_between(&self) -> Vec<f32> {
        let beyond = if self.kind == Kind::Auc { 1e-7 } else { 0.0 };
        let count = self.options.num_thresholds;
        let even = (1..count - 1).map(|place| place as f64 / (count - 1) as f64).collect();
        let inner = if self.options.thresholds.is_empty() { even } else { self.options.thresholds.clone() };
        let all = [-beyond].into_iter().chain(inner).chain([1.0 + beyond]);
        all.map(|threshold| threshold as f32).collect()
    }

    /// The area under the curve, or the mean of the labels' areas.
    pub(super) fn area(&self, sums: &[f64]) -> f64 {
        let options = &self.options;
        if !options.multi_label {
            return self.area_of_curve(sums);
        }
        let areas = sums.chunks(2 * self.thresholds_between().len() + 2).map(|sums| self.area_of_curve(sums));
        let weights = options.label_weights.iter().copied().chain(std::iter::repeat(1.0));
        let (total, weight) =
            areas.zip(weights).fold((0.0, 0.0), |(total, all), (area, weight)| (total + area * weight, all + weight));
        ratio(total, weight)
    }

    fn area_of_curve(&self, sums: &[f64]) -> f64 {
        let (curve, summation) = (self.options.curve, self.options.summation);
        let counts = by_threshold(sums);
        let pairs = counts.windows(2).map(|pair| (pair[0], pair[1]));
        if (curve, summation) == (Curve::Pr, Summation::Interpolation) {
            return pairs.map(|(a, b)| area_below_precision(a, b)).sum();
        }
        let rectangle = |(a, b): (Counts, Counts)| {
            let ((x_a, y_a), (x_b, y_b)) = (a.point(curve), b.point(curve));
            let height = match summation {
                Summation::Interpolation => (y_a + y_b) / 2.0,
                Summation::Minoring => y_a.min(y_b),
                Summation::Majoring => y_a.max(y_b),
            };
            (x_a - x_b) * height
        };
        pairs.map(rectangle).sum()
    }

    /// The greatest share at a threshold where the other one is reached, 0 if it is nowhere. Shares that are equal as
    /// 32-bit numbers are equal.
    pub(super) fn best(&self, wanted: Share, reached: Share, sums: &[f64]) -> f64 {
        let counts = by_threshold(sums);
        let feasible = counts.iter().filter(|counts| counts.share(reached) as f32 >= self.options.reached as f32);
        feasible.map(|counts| counts.share(wanted)).fold(0.0, f64::max)
    }
}

/// The area under precision over recall between two thresholds, as Davis and Goadrich (2006) say.
fn area_below_precision(a: Counts, b: Counts) -> f64 {
    let (p_a, p_b, more) = (a.tp + a.fp, b.tp + b.fp, a.tp - b.tp);
    let slope = ratio(more, (p_a - p_b).max(0.0));
    let intercept = b.tp - slope * p_b;
    let growth = if p_a > 0.0 && p_b > 0.0 { p_a / p_b } else { 1.0 };
    ratio(slope * (more + intercept * growth.ln()), a.positives)
}
