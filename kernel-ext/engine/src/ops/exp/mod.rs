//! `exp` and, as Keras calls the activation, `exponential`: the exponential function; `expm1`:
//! `exp(x) - 1` with all digits for small numbers.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[
    &Unary { name: "exp", function: math::exp, gradient: times_output },
    &Unary { name: "exponential", function: math::exp, gradient: times_output },
    &Unary { name: "expm1", function: math::exp_m1, gradient: times_output_plus_one },
];

fn times_output(backward: &mut Backward) -> Value {
    backward.emit(Op::new("multiply"), &[backward.output_gradient(), backward.output()])
}

fn times_output_plus_one(backward: &mut Backward) -> Value {
    let y = backward.output();
    let slope = affine::emit(backward, y, 1.0, 1.0);
    backward.emit(Op::new("multiply"), &[backward.output_gradient(), slope])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;
    use std::f32::consts::E;

    #[test]
    fn numbers_and_gradients() {
        for name in ["exp", "exponential"] {
            check_function(name, &[(0.0, 1.0), (1.0, E), (-200.0, 0.0)], 1e-6, 0.5..2.0);
        }
        check_function("expm1", &[(0.0, 0.0), (1.0, E - 1.0), (-200.0, -1.0), (1e-10, 1e-10)], 1e-6, 0.5..2.0);
    }
}
