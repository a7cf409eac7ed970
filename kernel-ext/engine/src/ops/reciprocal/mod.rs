//! `reciprocal`: `1 / x`.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "reciprocal", function: f32::recip, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let square = backward.emit(Op::new("square"), &[backward.output()]);
    let slope = affine::emit(backward, square, -1.0, 0.0);
    backward.emit(Op::new("multiply"), &[backward.output_gradient(), slope])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;

    #[test]
    fn numbers_and_gradient() {
        check_function("reciprocal", &[(4.0, 0.25), (-2.0, -0.5), (0.0, f32::INFINITY)], 0.0, 0.5..2.0);
    }
}
