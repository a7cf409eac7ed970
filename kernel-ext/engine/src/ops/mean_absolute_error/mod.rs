//! `mean_absolute_error`: `mean(|targets - predictions|)` on the last axis.

use super::Operation;
use super::losses::{Loss, LossGradient, RowLoss};

pub const OPERATIONS: &[&dyn Operation] = &[&Loss(MeanAbsoluteError), &LossGradient(MeanAbsoluteError)];

struct MeanAbsoluteError;

impl RowLoss for MeanAbsoluteError {
    const NAME: &'static str = "mean_absolute_error";
    const GRADIENT: &'static str = "mean_absolute_error_gradient";

    fn value(_: bool, targets: &[f32], predictions: &[f32]) -> f32 {
        targets.iter().zip(predictions).map(|(t, p)| (t - p).abs()).sum::<f32>() / targets.len() as f32
    }

    fn slope(_: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]) {
        let count = targets.len() as f32;
        for ((slope, t), p) in slope.iter_mut().zip(targets).zip(predictions) {
            *slope = if p == t { 0.0 } else { (p - t).signum() / count };
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_loss;

    #[test]
    fn numbers_and_gradients_of_keras() {
        // Reference MeanAbsoluteError.
        check_loss(
            &("mean_absolute_error", false),
            (&[4, 3], &[-1.964053869, 1.850224614, 1.664503217, 1.478781819, 1.293060422, 1.107339025, 0.921617568, 0.73589617, 0.550174713, 0.364453316, 0.178731903, -0.006989516]),
            (&[4, 3], &[-0.819770336, -1.005491734, -1.191213131, -1.376934648, -1.562656045, -1.748377442, -1.93409884, 1.880179763, 1.694458365, 1.508736849, 1.323015451, 1.137294054]),
            &[2.285238743, 2.855716467, 1.714761257, 1.144283533],
            &[0.083333336, -0.083333336, -0.083333336, -0.083333336, -0.083333336, -0.083333336, -0.083333336, 0.083333336, 0.083333336, 0.083333336, 0.083333336, 0.083333336],
        );
    }
}
