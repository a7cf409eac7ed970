//! `sparse_categorical_crossentropy`: `-log(probability of the target's class)`; targets are class
//! numbers. Otherwise as `categorical_crossentropy`. A number that is no class gives NaN, which shows
//! in the loss.

use super::Operation;
use super::losses::{EPSILON, Loss, LossCurvature, LossGradient, RowLoss, Targets};
use super::softmax;
use crate::cpu::math;

/// The class that a target names, if there is such a class.
fn class_of(targets: &[f32], classes: usize) -> Option<usize> {
    let class = targets[0];
    (class >= 0.0 && class.fract() == 0.0 && (class as usize) < classes).then_some(class as usize)
}

pub const OPERATIONS: &[&dyn Operation] = &[
    &Loss(SparseCategoricalCrossentropy),
    &LossGradient(SparseCategoricalCrossentropy),
    &LossCurvature(SparseCategoricalCrossentropy),
];

struct SparseCategoricalCrossentropy;

impl RowLoss for SparseCategoricalCrossentropy {
    const NAME: &'static str = "sparse_categorical_crossentropy";
    const GRADIENT: &'static str = "sparse_categorical_crossentropy_gradient";
    const CURVATURE: &'static str = "sparse_categorical_crossentropy_curvature";
    const TARGETS: Targets = Targets::Sparse;

    fn value(from_logits: bool, targets: &[f32], predictions: &[f32]) -> f32 {
        let class = class_of(targets, predictions.len());
        let Some(class) = class else { return f32::NAN };
        if from_logits {
            let (largest, log_sum) = softmax::log_sum(predictions);
            return log_sum - (predictions[class] - largest);
        }
        let total: f32 = predictions.iter().sum();
        -math::ln((predictions[class] / total).clamp(EPSILON, 1.0 - EPSILON))
    }

    fn slope(from_logits: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]) {
        let Some(class) = class_of(targets, predictions.len()) else { return slope.fill(f32::NAN) };
        if from_logits {
            softmax::row(predictions, slope);
            slope[class] -= 1.0;
            return;
        }
        let total: f32 = predictions.iter().sum();
        let probability = predictions[class] / total;
        let inside = probability > EPSILON && probability < 1.0 - EPSILON;
        slope.fill(if inside { 1.0 / total } else { 0.0 });
        if inside {
            slope[class] -= 1.0 / (probability * total);
        }
    }

    fn curvature(from_logits: bool, targets: &[f32], predictions: &[f32], direction: &[f32], change: &mut [f32]) {
        let Some(class) = class_of(targets, predictions.len()) else { return change.fill(f32::NAN) };
        if from_logits {
            return softmax::curvature(predictions, direction, 1.0, change);
        }
        let (total, p) = (predictions.iter().sum::<f32>(), predictions[class]);
        if p / total <= EPSILON || p / total >= 1.0 - EPSILON {
            return change.fill(0.0);
        }
        change.fill(-direction.iter().sum::<f32>() / (total * total));
        change[class] += direction[class] / (p * p);
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_loss;

    #[test]
    fn numbers_and_gradients_of_keras() {
        // Reference SparseCategoricalCrossentropy.
        check_loss(
            &("sparse_categorical_crossentropy", false),
            (&[4], &[0.0, 2.0, 1.0, 0.0]),
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
        // Reference SparseCategoricalCrossentropy with from_logits.
        check_loss(
            &("sparse_categorical_crossentropy", true),
            (&[4], &[0.0, 2.0, 1.0, 0.0]),
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
