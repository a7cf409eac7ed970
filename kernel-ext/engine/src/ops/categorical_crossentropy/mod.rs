//! `categorical_crossentropy`: `-sum(targets * log(probabilities))` on the last axis; with the
//! attribute `from_logits` the predictions are logits and the softmax is part of the loss.
//!
//! Probabilities are divided by their sum and kept away from 0 and 1, as in Keras
//! (`keras/src/backend/jax/nn.py`).

use super::Operation;
use super::losses::{EPSILON, Loss, LossCurvature, LossGradient, RowLoss};
use super::softmax;
use crate::cpu::math;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Loss(CategoricalCrossentropy), &LossGradient(CategoricalCrossentropy), &LossCurvature(CategoricalCrossentropy)];

struct CategoricalCrossentropy;

impl RowLoss for CategoricalCrossentropy {
    const NAME: &'static str = "categorical_crossentropy";
    const GRADIENT: &'static str = "categorical_crossentropy_gradient";
    const CURVATURE: &'static str = "categorical_crossentropy_curvature";

    fn value(from_logits: bool, targets: &[f32], predictions: &[f32]) -> f32 {
        if from_logits {
            let (largest, log_sum) = softmax::log_sum(predictions);
            // The distance to the largest logit is exact where logits are large.
            return targets.iter().zip(predictions).map(|(t, logit)| t * (log_sum - (logit - largest))).sum();
        }
        let total: f32 = predictions.iter().sum();
        let log = |probability: f32| math::ln((probability / total).clamp(EPSILON, 1.0 - EPSILON));
        -targets.iter().zip(predictions).map(|(t, &probability)| t * log(probability)).sum::<f32>()
    }

    fn slope(from_logits: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]) {
        if from_logits {
            softmax::row(predictions, slope);
            let total: f32 = targets.iter().sum();
            slope.iter_mut().zip(targets).for_each(|(slope, t)| *slope = *slope * total - t);
            return;
        }
        let total: f32 = predictions.iter().sum();
        let mut mean = 0.0;
        for ((slope, &t), &prediction) in slope.iter_mut().zip(targets).zip(predictions) {
            let probability = prediction / total;
            let inside = probability > EPSILON && probability < 1.0 - EPSILON;
            *slope = if inside { -t / probability } else { 0.0 };
            mean += *slope * probability;
        }
        slope.iter_mut().for_each(|slope| *slope = (*slope - mean) / total);
    }

    fn curvature(from_logits: bool, targets: &[f32], predictions: &[f32], direction: &[f32], change: &mut [f32]) {
        let all: f32 = targets.iter().sum();
        let total: f32 = predictions.iter().sum();
        if from_logits {
            return softmax::curvature(predictions, direction, all, change);
        }
        // Within the bounds the loss is all · ln(total) - Σ t ln p.
        let inside = |p: f32| p / total > EPSILON && p / total < 1.0 - EPSILON;
        let counted = |(&t, &p): (&f32, &f32)| if inside(p) { t } else { 0.0 };
        let weights = targets.iter().zip(predictions).map(counted);
        let shared = weights.clone().sum::<f32>() * direction.iter().sum::<f32>() / (total * total);
        for (change, ((t, p), along)) in change.iter_mut().zip(weights.zip(predictions).zip(direction)) {
            let own = if t == 0.0 { 0.0 } else { t * along / (p * p) };
            *change = own - shared;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_loss;

    #[test]
    fn numbers_and_gradients_of_keras() {
        // Reference CategoricalCrossentropy.
        check_loss(
            &("categorical_crossentropy", false),
            (&[4, 3], &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]),
            (
                &[4, 3],
                &[
                    0.46179187, 0.3185156, 0.21969247, 0.46179187, 0.3185156, 0.21969247, 0.4617919, 0.3185156,
                    0.21969245, 0.46179187, 0.3185156, 0.21969247,
                ],
            ),
            &[0.7726408, 1.5155264, 1.1440839, 0.7726408],
            &[
                -0.29136944,
                0.25,
                0.25,
                0.25,
                0.25,
                -0.88795435,
                0.24999999,
                -0.5348909,
                0.24999999,
                -0.29136944,
                0.25,
                0.25,
            ],
        );
        // Reference CategoricalCrossentropy.
        check_loss(
            &("categorical_crossentropy", false),
            (&[4, 3], &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]),
            (
                &[4, 3],
                &[
                    0.0, 1.0, 0.0, 1.0, 1e-09, 1e-09, 0.4617919, 0.3185156, 0.21969245, 0.46179187, 0.3185156,
                    0.21969247,
                ],
            ),
            &[16.118095, 16.118095, 1.1440839, 0.7726408],
            &[-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, 0.24999999, -0.5348909, 0.24999999, -0.29136944, 0.25, 0.25],
        );
        // Reference CategoricalCrossentropy with from_logits.
        check_loss(
            &("categorical_crossentropy", true),
            (&[4, 3], &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]),
            (
                &[4, 3],
                &[
                    2.9176235,
                    2.5461807,
                    2.174738,
                    1.803295,
                    1.4318522,
                    1.0604094,
                    0.6889666,
                    0.31752372,
                    -0.05391912,
                    -0.42536196,
                    -0.7968048,
                    -1.1682476,
                ],
            ),
            &[0.772641, 1.5155265, 1.1440837, 0.772641],
            &[
                -0.13455203,
                0.0796289,
                0.054923117,
                0.11544797,
                0.0796289,
                -0.19507688,
                0.115447976,
                -0.1703711,
                0.054923113,
                -0.13455203,
                0.0796289,
                0.054923117,
            ],
        );
    }
}
