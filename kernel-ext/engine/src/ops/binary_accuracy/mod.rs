//! `binary_accuracy`: the share of predictions on the right side of 0.5.

use super::Operation;
use super::losses::{RowMetric, Targets};

pub const OPERATIONS: &[&dyn Operation] = &[&RowMetric { name: "binary_accuracy", targets: Targets::Dense, value }];

fn value(targets: &[f32], predictions: &[f32]) -> f32 {
    let right = |(&t, &p): (&f32, &f32)| f32::from(t == f32::from(p > 0.5));
    targets.iter().zip(predictions).map(right).sum::<f32>() / targets.len() as f32
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::evaluate;
    use engine_api::Op;

    #[test]
    fn numbers() {
        let y = evaluate(
            &Op::new("binary_accuracy"),
            &[(&[2, 2], &[1.0, 0.0, 1.0, 1.0]), (&[2, 2], &[0.9, 0.5, 0.1, 0.7])],
        );
        assert_eq!(y, [1.0, 0.5]);
    }
}
