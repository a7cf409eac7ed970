//! `sparse_categorical_crossentropy`: `-log(probability of the target's class)`; targets are class
//! numbers. Otherwise as `categorical_crossentropy`. A number that is no class gives NaN, which shows
//! in the loss.

use super::Operation;
use super::losses::{EPSILON, Loss, LossGradient, RowLoss, Targets};
use super::softmax;

/// The class that a target names, if there is such a class.
fn class_of(targets: &[f32], classes: usize) -> Option<usize> {
    let class = targets[0];
    (class >= 0.0 && class.fract() == 0.0 && (class as usize) < classes).then_some(class as usize)
}

pub const OPERATIONS: &[&dyn Operation] = &[&Loss(SparseCategoricalCrossentropy), &LossGradient(SparseCategoricalCrossentropy)];

struct SparseCategoricalCrossentropy;

impl RowLoss for SparseCategoricalCrossentropy {
    const NAME: &'static str = "sparse_categorical_crossentropy";
    const GRADIENT: &'static str = "sparse_categorical_crossentropy_gradient";
    const TARGETS: Targets = Targets::Sparse;

    fn value(from_logits: bool, targets: &[f32], predictions: &[f32]) -> f32 {
        let class = class_of(targets, predictions.len());
        let Some(class) = class else { return f32::NAN };
        if from_logits {
            let largest = predictions.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let log_sum = predictions.iter().map(|logit| (logit - largest).exp()).sum::<f32>().ln();
            return log_sum - (predictions[class] - largest);
        }
        let total: f32 = predictions.iter().sum();
        -(predictions[class] / total).clamp(EPSILON, 1.0 - EPSILON).ln()
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
            (&[4, 3], &[0.461791873, 0.318515599, 0.219692469, 0.461791873, 0.318515599, 0.219692469, 0.461791903, 0.318515599, 0.219692454, 0.461791873, 0.318515599, 0.219692469]),
            &[0.772640824, 1.515526414, 1.144083858, 0.772640824],
            &[-0.291369438, 0.25, 0.25, 0.25, 0.25, -0.887954354, 0.249999985, -0.53489089, 0.249999985, -0.291369438, 0.25, 0.25],
        );
        // Reference SparseCategoricalCrossentropy with from_logits.
        check_loss(
            &("sparse_categorical_crossentropy", true),
            (&[4], &[0.0, 2.0, 1.0, 0.0]),
            (&[4, 3], &[2.91762352, 2.546180725, 2.17473793, 1.803295016, 1.431852221, 1.060409427, 0.688966572, 0.317523718, -0.053919122, -0.425361961, -0.796804786, -1.168247581]),
            &[0.772641003, 1.515526533, 1.144083738, 0.772641003],
            &[-0.134552032, 0.0796289, 0.054923117, 0.115447968, 0.0796289, -0.195076883, 0.115447976, -0.1703711, 0.054923113, -0.134552032, 0.0796289, 0.054923117],
        );
    }
}
