//! `mean_squared_error`: `mean((targets - predictions)^2)` on the last axis.

use super::Operation;
use super::losses::{Loss, LossCurvature, LossGradient, RowLoss};

pub const OPERATIONS: &[&dyn Operation] =
    &[&Loss(MeanSquaredError), &LossGradient(MeanSquaredError), &LossCurvature(MeanSquaredError)];

struct MeanSquaredError;

impl RowLoss for MeanSquaredError {
    const NAME: &'static str = "mean_squared_error";
    const GRADIENT: &'static str = "mean_squared_error_gradient";
    const CURVATURE: &'static str = "mean_squared_error_curvature";

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

    fn curvature(_: bool, targets: &[f32], _: &[f32], direction: &[f32], change: &mut [f32]) {
        let count = targets.len() as f32;
        change.iter_mut().zip(direction).for_each(|(change, along)| *change = 2.0 * along / count);
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
            (
                &[4, 3],
                &[
                    -1.9640539,
                    1.8502246,
                    1.6645032,
                    1.4787818,
                    1.2930604,
                    1.107339,
                    0.92161757,
                    0.73589617,
                    0.5501747,
                    0.36445332,
                    0.1787319,
                    -0.006989516,
                ],
            ),
            (
                &[4, 3],
                &[
                    -0.81977034,
                    -1.0054917,
                    -1.1912131,
                    -1.3769346,
                    -1.562656,
                    -1.7483774,
                    -1.9340988,
                    1.8801798,
                    1.6944584,
                    1.5087368,
                    1.3230155,
                    1.137294,
                ],
            ),
            &[5.873205, 8.155116, 3.5912952, 1.3093848],
            &[
                0.19071393,
                -0.4759527,
                -0.4759527,
                -0.47595274,
                -0.47595274,
                -0.47595274,
                -0.47595274,
                0.19071393,
                0.19071394,
                0.19071393,
                0.19071393,
                0.19071393,
            ],
        );
    }
}
