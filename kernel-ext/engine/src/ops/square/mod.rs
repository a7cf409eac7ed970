//! `square`: `x x`.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "square", function: |x: f32| x * x, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let (x, gradient) = (backward.input(0), backward.output_gradient());
    let product = backward.emit(Op::new("multiply"), &[gradient, x]);
    affine::emit(backward, product, 2.0, 0.0)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("square"), &[(&[3], &[-3.0, 0.0, 0.5])]);
        assert_close(&y, &[9.0, 0.0, 0.25], 0.0);
        check_gradients(&Op::new("square"), &[&[3, 5]]);
    }
}
