//! `tan`: the tangent of an angle in radians.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "tan", function: f32::tan, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let (y, gradient) = (backward.output(), backward.output_gradient());
    let square = backward.emit(Op::new("square"), &[y]);
    let slope = affine::emit(backward, square, 1.0, 1.0);
    backward.emit(Op::new("multiply"), &[gradient, slope])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients_between, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("tan"), &[(&[2], &[0.0, std::f32::consts::FRAC_PI_4])]);
        assert_close(&y, &[0.0, 1.0], 1e-6);
        check_gradients_between(&Op::new("tan"), &[&[3, 5]], -1.0..1.0);
    }
}
