//! `sqrt`: the square root; NaN for negative numbers. `rsqrt`: 1 divided by it.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[
    &Unary { name: "sqrt", function: f32::sqrt, gradient: over_twice_root },
    &Unary { name: "rsqrt", function: |x: f32| 1.0 / x.sqrt(), gradient: minus_half_cube },
];

fn over_twice_root(backward: &mut Backward) -> Value {
    let (y, gradient) = (backward.output(), backward.output_gradient());
    let twice = affine::emit(backward, y, 2.0, 0.0);
    backward.emit(Op::new("divide"), &[gradient, twice])
}

/// The products in TensorFlow's order. What is 0 but for rounding, as the gradient of a bias before a batch normalisation,
/// depends on it, and Adam makes steps of the rounding.
fn minus_half_cube(backward: &mut Backward) -> Value {
    let (y, gradient) = (backward.output(), backward.output_gradient());
    let scaled = backward.emit(Op::new("multiply"), &[gradient, y]);
    let half = affine::emit(backward, scaled, -0.5, 0.0);
    let square = backward.emit(Op::new("square"), &[y]);
    backward.emit(Op::new("multiply"), &[half, square])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;
    use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

    #[test]
    fn numbers_and_gradients() {
        check_function("sqrt", &[(0.0, 0.0), (4.0, 2.0), (2.0, SQRT_2), (-1.0, f32::NAN)], 1e-7, 0.5..2.0);
        check_function("rsqrt", &[(0.0, f32::INFINITY), (4.0, 0.5), (2.0, FRAC_1_SQRT_2)], 1e-7, 0.5..2.0);
    }
}
