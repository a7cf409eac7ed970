//! `multiply`: `a * b`, with NumPy's broadcasting.

use super::{Operation, Value, broadcasting::Binary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Binary { name: "multiply", function: |a: f32, b: f32| a * b, gradient: Some(gradient) }];

fn gradient(backward: &mut Backward) -> [Value; 2] {
    let (a, b, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
    [backward.emit(Op::new("multiply"), &[gradient, b]), backward.emit(Op::new("multiply"), &[gradient, a])]
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_pairs;

    #[test]
    fn numbers_and_gradients_with_broadcasting() {
        check_pairs("multiply", &[(1.0, 2.0, 2.0), (4.0, -0.5, -2.0)], 0.0, 0.5..2.0);
    }
}
