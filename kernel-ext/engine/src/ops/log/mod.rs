//! `log`: the natural logarithm.

use super::{Operation, Value, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "log", function: f32::ln, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let gradient = backward.output_gradient();
    backward.emit(Op::new("divide"), &[gradient, backward.input(0)])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients_between, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("log"), &[(&[2], &[1.0, 10.0])]);
        assert_close(&y, &[0.0, std::f32::consts::LN_10], 1e-6);
        check_gradients_between(&Op::new("log"), &[&[3, 5]], 0.5..2.0);
    }
}
