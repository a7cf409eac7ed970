//! `sin`: the sine of an angle in radians.

use super::{Operation, Value, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "sin", function: f32::sin, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let (x, gradient) = (backward.input(0), backward.output_gradient());
    let cosine = backward.emit(Op::new("cos"), &[x]);
    backward.emit(Op::new("multiply"), &[gradient, cosine])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("sin"), &[(&[2], &[0.0, std::f32::consts::FRAC_PI_6])]);
        assert_close(&y, &[0.0, 0.5], 1e-6);
        check_gradients(&Op::new("sin"), &[&[3, 5]]);
    }
}
