//! `sparse_categorical_accuracy`: 1 where the largest prediction stands at the target, else 0.

use super::Operation;
use super::losses::{RowMetric, Targets, argmax};

pub const OPERATIONS: &[&dyn Operation] =
    &[&RowMetric { name: "sparse_categorical_accuracy", targets: Targets::Sparse, value }];

fn value(targets: &[f32], predictions: &[f32]) -> f32 {
    f32::from(argmax(predictions) as f32 == targets[0])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::evaluate;
    use engine_api::Op;

    #[test]
    fn numbers() {
        let p = [0.1, 0.8, 0.1, 0.2, 0.5, 0.3];
        for targets in [&[2][..], &[2, 1]] {
            let y = evaluate(&Op::new("sparse_categorical_accuracy"), &[(targets, &[1.0, 2.0]), (&[2, 3], &p)]);
            assert_eq!(y, [1.0, 0.0]);
        }
    }
}
