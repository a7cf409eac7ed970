//! `binary_crossentropy`: `-mean(t log p + (1 - t) log(1 - p))` on the last axis; with the
//! attribute `from_logits` the predictions are logits and the sigmoid is part of the loss.

use super::Operation;
use super::losses::{EPSILON, Loss, LossCurvature, LossGradient, RowLoss};
use crate::cpu::math;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Loss(BinaryCrossentropy), &LossGradient(BinaryCrossentropy), &LossCurvature(BinaryCrossentropy)];

struct BinaryCrossentropy;

impl RowLoss for BinaryCrossentropy {
    const NAME: &'static str = "binary_crossentropy";
    const GRADIENT: &'static str = "binary_crossentropy_gradient";
    const CURVATURE: &'static str = "binary_crossentropy_curvature";

    fn value(from_logits: bool, targets: &[f32], predictions: &[f32]) -> f32 {
        let one = |(&t, &p): (&f32, &f32)| {
            if from_logits {
                return math::softplus(p) - p * t;
            }
            let p = p.clamp(EPSILON, 1.0 - EPSILON);
            -(t * math::ln(p) + (1.0 - t) * math::ln(1.0 - p))
        };
        targets.iter().zip(predictions).map(one).sum::<f32>() / targets.len() as f32
    }

    fn slope(from_logits: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]) {
        let count = targets.len() as f32;
        for ((slope, &t), &p) in slope.iter_mut().zip(targets).zip(predictions) {
            *slope = if from_logits {
                math::sigmoid(p) - t
            } else if p > EPSILON && p < 1.0 - EPSILON {
                (p - t) / (p * (1.0 - p))
            } else {
                0.0
            };
            *slope /= count;
        }
    }

    fn curvature(from_logits: bool, targets: &[f32], predictions: &[f32], direction: &[f32], change: &mut [f32]) {
        let count = targets.len() as f32;
        let pairs = targets.iter().zip(predictions).zip(direction);
        for (change, ((&t, &p), along)) in change.iter_mut().zip(pairs) {
            let slope = if from_logits {
                let yes = math::sigmoid(p);
                yes * (1.0 - yes)
            } else if p > EPSILON && p < 1.0 - EPSILON {
                t / (p * p) + (1.0 - t) / ((1.0 - p) * (1.0 - p))
            } else {
                0.0
            };
            *change = slope * along / count;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_loss;

    #[test]
    fn numbers_and_gradients_of_keras() {
        // Reference BinaryCrossentropy.
        check_loss(
            &("binary_crossentropy", false),
            (&[4, 1], &[0.0, 1.0, 0.0, 1.0]),
            (&[4, 1], &[0.37630954, 0.2938652, 0.2230244, 0.1652641]),
            &[0.47210103, 1.224634, 0.25234628, 1.8002105],
            &[0.40083983, -0.8507302, 0.32176042, -1.5127302],
        );
        // Reference BinaryCrossentropy with from_logits.
        check_loss(
            &("binary_crossentropy", true),
            (&[4, 1], &[0.0, 1.0, 0.0, 1.0]),
            (&[4, 1], &[-0.5052421, -0.87668496, -1.2481278, -1.6195706]),
            &[0.4721011, 1.2246342, 0.25234634, 1.8002105],
            &[0.094077386, -0.17653368, 0.055756092, -0.20868398],
        );
        // Reference BinaryCrossentropy.
        check_loss(
            &("binary_crossentropy", false),
            (&[4, 3], &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]),
            (
                &[4, 3],
                &[
                    0.46179187, 0.3185156, 0.21969247, 0.46179187, 0.3185156, 0.21969247, 0.4617919, 0.3185156,
                    0.21969245, 0.46179187, 0.3185156, 0.21969247,
                ],
            ),
            &[0.46806335, 0.83950615, 0.6705537, 0.46806335],
            &[
                -0.18045647,
                0.12228209,
                0.106795505,
                0.15483478,
                0.12228209,
                -0.37931812,
                0.15483478,
                -0.26163033,
                0.106795505,
                -0.18045647,
                0.12228209,
                0.106795505,
            ],
        );
    }
}
