//! `arcsin`, `arccos`, `arctan`: the angles in radians; NaN where there are none.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[
    &Unary { name: "arcsin", function: f32::asin, gradient: over_height },
    &Unary { name: "arccos", function: f32::acos, gradient: minus_over_height },
    &Unary { name: "arctan", function: f32::atan, gradient: over_one_plus_square },
];

/// The height of the unit circle at `x` is `sqrt(1 - x x)`.
fn over_height(backward: &mut Backward) -> Value {
    let square = backward.emit(Op::new("square"), &[backward.input(0)]);
    let rest = affine::emit(backward, square, -1.0, 1.0);
    let height = backward.emit(Op::new("sqrt"), &[rest]);
    backward.emit(Op::new("divide"), &[backward.output_gradient(), height])
}

fn minus_over_height(backward: &mut Backward) -> Value {
    let gradient = over_height(backward);
    affine::emit(backward, gradient, -1.0, 0.0)
}

fn over_one_plus_square(backward: &mut Backward) -> Value {
    let square = backward.emit(Op::new("square"), &[backward.input(0)]);
    let sum = affine::emit(backward, square, 1.0, 1.0);
    backward.emit(Op::new("divide"), &[backward.output_gradient(), sum])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;
    use std::f32::consts::{FRAC_PI_2, FRAC_PI_3, FRAC_PI_4, FRAC_PI_6, PI};

    #[test]
    fn numbers_and_gradients() {
        check_function("arcsin", &[(0.5, FRAC_PI_6), (-1.0, -FRAC_PI_2), (2.0, f32::NAN)], 1e-6, -0.5..0.5);
        check_function("arccos", &[(0.5, FRAC_PI_3), (-1.0, PI), (2.0, f32::NAN)], 1e-6, -0.5..0.5);
        check_function("arctan", &[(0.0, 0.0), (1.0, FRAC_PI_4), (f32::INFINITY, FRAC_PI_2)], 1e-6, -2.0..2.0);
    }
}
