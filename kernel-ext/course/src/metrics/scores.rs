//! Scores that are made of sums over classes or outputs.
//!
//! Source: `keras/src/metrics/f_score_metrics.py`, `keras/src/metrics/regression_metrics.py`.

use super::{Averaging, EPSILON, Metric};
use crate::{Result, Tensor, ops};

impl Metric {
    /// For each class the true positives, then the false positives, then the false negatives.
    ///
    /// # Shapes
    /// (batch, classes), (batch, classes) -> (batch, 3 classes)
    pub(super) fn counts_by_class(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let name = &self.name;
        ops::compare("mean_squared_error", target, prediction, name)?;
        let yes = match self.options.threshold {
            Some(threshold) => self.greater(prediction, threshold)?,
            None => {
                let greatest = ops::reduce("max", prediction, &[-1], true, name)?;
                let chosen = ops::binary("greater_equal", prediction, &greatest, name)?;
                // Where all predictions are 0, no class is chosen.
                ops::binary("multiply", &chosen, &self.greater(&ops::unary("abs", prediction, name)?, 1e-9)?, name)?
            }
        };
        let not = |tensor: &Tensor| ops::affine(tensor, -1.0, 1.0, name);
        let columns = [
            ops::binary("multiply", &yes, target, name)?,
            ops::binary("multiply", &yes, &not(target)?, name)?,
            ops::binary("multiply", &not(&yes)?, target, name)?,
        ];
        ops::concatenate(&columns.iter().collect::<Vec<_>>(), -1, name)
    }

    /// The F score of the classes together.
    pub(super) fn f_score(&self, sums: &[f64]) -> f64 {
        let classes = sums.len() / 3;
        let column = |part: usize, class: usize| sums[part * classes + class];
        let score = |[tp, fp, fne]: [f64; 3]| {
            let (precision, recall) = (tp / (tp + fp + EPSILON), tp / (tp + fne + EPSILON));
            let square = self.options.beta * self.options.beta;
            (1.0 + square) * precision * recall / (square * precision + recall + EPSILON)
        };
        let of_class = |class: usize| score([0, 1, 2].map(|part| column(part, class)));
        if let Some(class) = self.options.class_id.filter(|&class| class < classes) {
            return of_class(class);
        }
        match self.options.average {
            Averaging::Micro => score([0, 1, 2].map(|part| (0..classes).map(|class| column(part, class)).sum())),
            Averaging::Macro => (0..classes).map(of_class).sum::<f64>() / classes as f64,
            Averaging::Weighted => {
                let samples = |class: usize| column(0, class) + column(2, class);
                let all: f64 = (0..classes).map(samples).sum();
                (0..classes).map(|class| of_class(class) * samples(class) / (all + EPSILON)).sum()
            }
        }
    }

    /// For each output the squares of the targets, then the targets, then the squared errors.
    ///
    /// # Shapes
    /// (batch, outputs), (batch, outputs) -> (batch, 3 outputs)
    pub(super) fn moments(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let name = &self.name;
        ops::compare("mean_squared_error", target, prediction, name)?;
        let square = |tensor: &Tensor| ops::unary("square", tensor, name);
        let errors = square(&ops::binary("subtract", target, prediction, name)?)?;
        ops::concatenate(&[&square(target)?, target, &errors], -1, name)
    }

    /// The mean of 1 - errors / (squares - sum² / samples) over the outputs, adjusted for the number of inputs.
    pub(super) fn r2(&self, sums: &[f64], samples: f64) -> f64 {
        let (outputs, options) = (sums.len() / 3, &self.options);
        // How far the targets lie from their mean, and the score.
        let of_output = |output: usize| {
            let [squares, sum, errors] = [0, 1, 2].map(|part| sums[part * outputs + output]);
            let spread = squares - sum * sum / samples;
            (spread, 1.0 - errors / spread)
        };
        let scores = || (0..outputs).map(of_output);
        let score = match (options.class_id.filter(|&output| output < outputs), options.average) {
            (Some(output), _) => of_output(output).1,
            (None, Averaging::Weighted) => {
                scores().map(|(spread, score)| spread * score).sum::<f64>()
                    / scores().map(|(spread, _)| spread).sum::<f64>()
            }
            _ => scores().map(|(_, score)| score).sum::<f64>() / outputs as f64,
        };
        let left = samples - options.num_regressors as f64 - 1.0;
        if options.num_regressors == 0 || left <= 0.0 { score } else { 1.0 - (1.0 - score) * (samples - 1.0) / left }
    }
}
