//! `mean_squared_error`: `mean((targets - predictions)^2)` on the last axis.

use super::Operation;
use super::losses::{Loss, LossGradient, RowLoss};

pub const OPERATIONS: &[&dyn Operation] = &[&Loss(MeanSquaredError), &LossGradient(MeanSquaredError)];

struct MeanSquaredError;

impl RowLoss for MeanSquaredError {
    const NAME: &'static str = "mean_squared_error";
    const GRADIENT: &'static str = "mean_squared_error_gradient";

    fn value(_: bool, targets: &[f32], predictions: &[f32]) -> f32 {
        let square = |(t, p): (&f32, &f32)| (t - p) * (t - p);
        targets.iter().zip(predictions).map(square).sum::<f32>() / targets.len() as f32
    }

    fn slope(_: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]) {
        let count = targets.len() as f32;
        for ((slope, t), p) in slope.iter_mut().zip(targets).zip(predictions) {
            *slope = 2.0 * (p - t) / count;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_loss;

    #[test]
    fn numbers_and_gradients_of_keras() {
        // Reference MeanSquaredError.
        check_loss(
            &("mean_squared_error", false),
            (&[4, 3], &[-1.964053869, 1.850224614, 1.664503217, 1.478781819, 1.293060422, 1.107339025, 0.921617568, 0.73589617, 0.550174713, 0.364453316, 0.178731903, -0.006989516]),
            (&[4, 3], &[-0.819770336, -1.005491734, -1.191213131, -1.376934648, -1.562656045, -1.748377442, -1.93409884, 1.880179763, 1.694458365, 1.508736849, 1.323015451, 1.137294054]),
            &[5.873205185, 8.155116081, 3.591295242, 1.309384823],
            &[0.190713927, -0.475952715, -0.475952715, -0.475952744, -0.475952744, -0.475952744, -0.475952744, 0.190713927, 0.190713942, 0.190713927, 0.190713927, 0.190713927],
        );
    }
}
