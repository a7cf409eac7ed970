//! `binary_crossentropy`: `-mean(t log p + (1 - t) log(1 - p))` on the last axis; with the
//! attribute `from_logits` the predictions are logits and the sigmoid is part of the loss.

use super::Operation;
use super::losses::{EPSILON, Loss, LossGradient, RowLoss};

pub const OPERATIONS: &[&dyn Operation] = &[&Loss(BinaryCrossentropy), &LossGradient(BinaryCrossentropy)];

struct BinaryCrossentropy;

impl RowLoss for BinaryCrossentropy {
    const NAME: &'static str = "binary_crossentropy";
    const GRADIENT: &'static str = "binary_crossentropy_gradient";

    fn value(from_logits: bool, targets: &[f32], predictions: &[f32]) -> f32 {
        let one = |(&t, &p): (&f32, &f32)| {
            if from_logits {
                return p.max(0.0) - p * t + (-p.abs()).exp().ln_1p();
            }
            let p = p.clamp(EPSILON, 1.0 - EPSILON);
            -(t * p.ln() + (1.0 - t) * (1.0 - p).ln())
        };
        targets.iter().zip(predictions).map(one).sum::<f32>() / targets.len() as f32
    }

    fn slope(from_logits: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]) {
        let count = targets.len() as f32;
        for ((slope, &t), &p) in slope.iter_mut().zip(targets).zip(predictions) {
            *slope = if from_logits {
                1.0 / (1.0 + (-p).exp()) - t
            } else if p > EPSILON && p < 1.0 - EPSILON {
                (p - t) / (p * (1.0 - p))
            } else {
                0.0
            };
            *slope /= count;
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
            (&[4, 1], &[0.376309544, 0.293865204, 0.223024398, 0.1652641]),
            &[0.472101033, 1.224634051, 0.252346277, 1.800210476],
            &[0.400839835, -0.850730181, 0.321760416, -1.512730241],
        );
        // Reference BinaryCrossentropy with from_logits.
        check_loss(
            &("binary_crossentropy", true),
            (&[4, 1], &[0.0, 1.0, 0.0, 1.0]),
            (&[4, 1], &[-0.505242109, -0.876684964, -1.248127818, -1.619570613]),
            &[0.472101092, 1.224634171, 0.252346337, 1.800210476],
            &[0.094077386, -0.176533684, 0.055756092, -0.208683982],
        );
        // Reference BinaryCrossentropy.
        check_loss(
            &("binary_crossentropy", false),
            (&[4, 3], &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]),
            (&[4, 3], &[0.461791873, 0.318515599, 0.219692469, 0.461791873, 0.318515599, 0.219692469, 0.461791903, 0.318515599, 0.219692454, 0.461791873, 0.318515599, 0.219692469]),
            &[0.468063354, 0.839506149, 0.670553684, 0.468063354],
            &[-0.180456474, 0.122282088, 0.106795505, 0.154834777, 0.122282088, -0.379318118, 0.154834777, -0.261630327, 0.106795505, -0.180456474, 0.122282088, 0.106795505],
        );
    }
}
