//! `mean_absolute_error`: `mean(|targets - predictions|)` on the last axis.

use super::Operation;
use super::losses::{Loss, LossCurvature, LossGradient, RowLoss};

pub const OPERATIONS: &[&dyn Operation] =
    &[&Loss(MeanAbsoluteError), &LossGradient(MeanAbsoluteError), &LossCurvature(MeanAbsoluteError)];

struct MeanAbsoluteError;

impl RowLoss for MeanAbsoluteError {
    const NAME: &'static str = "mean_absolute_error";
    const GRADIENT: &'static str = "mean_absolute_error_gradient";
    const CURVATURE: &'static str = "mean_absolute_error_curvature";

    fn value(_: bool, targets: &[f32], predictions: &[f32]) -> f32 {
        targets.iter().zip(predictions).map(|(t, p)| (t - p).abs()).sum::<f32>() / targets.len() as f32
    }

    fn slope(_: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]) {
        let count = targets.len() as f32;
        for ((slope, t), p) in slope.iter_mut().zip(targets).zip(predictions) {
            *slope = if p == t { 0.0 } else { (p - t).signum() / count };
        }
    }

    fn curvature(_: bool, _: &[f32], _: &[f32], _: &[f32], change: &mut [f32]) {
        change.fill(0.0);
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
            &[2.2852387, 2.8557165, 1.7147613, 1.1442835],
            &[
                0.083333336,
                -0.083333336,
                -0.083333336,
                -0.083333336,
                -0.083333336,
                -0.083333336,
                -0.083333336,
                0.083333336,
                0.083333336,
                0.083333336,
                0.083333336,
                0.083333336,
            ],
        );
    }
}
