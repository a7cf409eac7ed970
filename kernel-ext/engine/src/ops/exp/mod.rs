//! `exp` and, as Keras calls the activation, `exponential`: the exponential function.

use super::{Operation, Value, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "exp", function: f32::exp, gradient }, &Unary { name: "exponential", function: f32::exp, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let gradient = backward.output_gradient();
    backward.emit(Op::new("multiply"), &[gradient, backward.output()])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients_between, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("exp"), &[(&[2], &[0.0, 1.0])]);
        assert_close(&y, &[1.0, std::f32::consts::E], 1e-6);
        check_gradients_between(&Op::new("exp"), &[&[3, 5]], 0.5..2.0);
    }
}
