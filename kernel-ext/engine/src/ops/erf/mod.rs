//! `erf`: the error function, `2 / sqrt(pi)` times the integral of `exp(-t t)` from 0 to `x`.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "erf", function: math::erf, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let square = backward.emit(Op::new("square"), &[backward.input(0)]);
    let exponent = affine::emit(backward, square, -1.0, 0.0);
    let bell = backward.emit(Op::new("exp"), &[exponent]);
    let slope = affine::emit(backward, bell, std::f64::consts::FRAC_2_SQRT_PI, 0.0);
    backward.emit(Op::new("multiply"), &[backward.output_gradient(), slope])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;

    #[test]
    fn numbers_and_gradient() {
        // Abramowitz and Stegun, table 7.1.
        check_function("erf", &[(0.0, 0.0), (0.5, 0.520_499_9), (-1.0, -0.842_700_8), (9.0, 1.0)], 1e-7, -1.5..1.5);
    }
}
