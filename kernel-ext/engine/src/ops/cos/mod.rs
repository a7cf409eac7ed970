//! `cos`: the cosine of an angle in radians.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "cos", function: f32::cos, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let (x, gradient) = (backward.input(0), backward.output_gradient());
    let sine = backward.emit(Op::new("sin"), &[x]);
    let product = backward.emit(Op::new("multiply"), &[gradient, sine]);
    affine::emit(backward, product, -1.0, 0.0)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("cos"), &[(&[2], &[0.0, std::f32::consts::FRAC_PI_3])]);
        assert_close(&y, &[1.0, 0.5], 1e-6);
        check_gradients(&Op::new("cos"), &[&[3, 5]]);
    }
}
