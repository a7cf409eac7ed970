//! `categorical_accuracy`: 1 where the largest prediction stands where the largest target does, else 0.

use super::Operation;
use super::losses::{RowMetric, Targets, argmax};

pub const OPERATIONS: &[&dyn Operation] =
    &[&RowMetric { name: "categorical_accuracy", targets: Targets::Dense, value }];

fn value(targets: &[f32], predictions: &[f32]) -> f32 {
    f32::from(argmax(targets) == argmax(predictions))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::evaluate;
    use engine_api::Op;

    #[test]
    fn numbers() {
        let t = [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        let p = [0.1, 0.8, 0.1, 0.2, 0.5, 0.3, 0.4, 0.2, 0.4];
        let y = evaluate(&Op::new("categorical_accuracy"), &[(&[3, 3], &t), (&[3, 3], &p)]);
        assert_eq!(y, [1.0, 0.0, 0.0]);
    }
}
