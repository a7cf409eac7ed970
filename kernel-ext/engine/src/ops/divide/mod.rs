//! `divide`: `a / b`, with NumPy's broadcasting.

use super::{Operation, Value, affine, broadcasting::Binary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Binary { name: "divide", function: |a: f32, b: f32| a / b, gradient: Some(gradient) }];

fn gradient(backward: &mut Backward) -> [Value; 2] {
    let (b, gradient) = (backward.input(1), backward.output_gradient());
    let to_a = backward.emit(Op::new("divide"), &[gradient, b]);
    let product = backward.emit(Op::new("multiply"), &[to_a, backward.output()]);
    [to_a, affine::emit(backward, product, -1.0, 0.0)]
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_pairs;

    #[test]
    fn numbers_and_gradients_with_broadcasting() {
        check_pairs("divide", &[(1.0, 2.0, 0.5), (4.0, -0.5, -8.0)], 0.0, 0.5..2.0);
    }
}
