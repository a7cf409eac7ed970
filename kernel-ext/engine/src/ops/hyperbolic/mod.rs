//! `sinh`, `cosh`: the hyperbolic sine and cosine.

use super::{Operation, Value, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[
    &Unary { name: "sinh", function: f32::sinh, gradient: |backward| times(backward, "cosh") },
    &Unary { name: "cosh", function: f32::cosh, gradient: |backward| times(backward, "sinh") },
];

fn times(backward: &mut Backward, slope: &str) -> Value {
    let slope = backward.emit(Op::new(slope), &[backward.input(0)]);
    backward.emit(Op::new("multiply"), &[backward.output_gradient(), slope])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;

    #[test]
    fn numbers_and_gradients() {
        check_function("sinh", &[(0.0, 0.0), (1.0, 1.175_201_2), (-2.0, -3.626_860_4)], 1e-6, -1.0..1.0);
        check_function("cosh", &[(0.0, 1.0), (1.0, 1.543_080_6), (-2.0, 3.762_195_6)], 1e-6, -1.0..1.0);
    }
}
