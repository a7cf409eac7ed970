//! `sqrt`: the square root; NaN for negative numbers.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "sqrt", function: f32::sqrt, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let (y, gradient) = (backward.output(), backward.output_gradient());
    let twice = affine::emit(backward, y, 2.0, 0.0);
    backward.emit(Op::new("divide"), &[gradient, twice])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients_between, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("sqrt"), &[(&[3], &[0.0, 4.0, 2.0])]);
        assert_close(&y, &[0.0, 2.0, std::f32::consts::SQRT_2], 1e-7);
        check_gradients_between(&Op::new("sqrt"), &[&[3, 5]], 0.5..2.0);
    }
}
