//! `log`: the natural logarithm; `log1p`: `log(1 + x)` with all digits for small numbers.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[
    &Unary { name: "log", function: math::ln, gradient: |backward| over(backward, 0.0) },
    &Unary { name: "log1p", function: math::ln_1p, gradient: |backward| over(backward, 1.0) },
];

fn over(backward: &mut Backward, shift: f64) -> Value {
    let x = backward.input(0);
    let sum = if shift == 0.0 { x } else { affine::emit(backward, x, 1.0, shift) };
    backward.emit(Op::new("divide"), &[backward.output_gradient(), sum])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;
    use std::f32::consts::{LN_2, LN_10};

    #[test]
    fn numbers_and_gradients() {
        check_function("log", &[(1.0, 0.0), (10.0, LN_10), (0.0, f32::NEG_INFINITY)], 1e-6, 0.5..2.0);
        check_function("log1p", &[(1.0, LN_2), (9.0, LN_10), (1e-10, 1e-10)], 1e-6, 0.5..2.0);
    }
}
