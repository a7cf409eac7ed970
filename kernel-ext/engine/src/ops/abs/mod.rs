//! `abs`: the absolute value; its gradient at 0 is 0.

use super::{Operation, Value, elementwise::Unary};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "abs", function: f32::abs, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let (x, gradient) = (backward.input(0), backward.output_gradient());
    let sign = backward.emit(Op::new("sign"), &[x]);
    backward.emit(Op::new("multiply"), &[gradient, sign])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("abs"), &[(&[3], &[-3.0, 0.0, 0.5])]);
        assert_close(&y, &[3.0, 0.0, 0.5], 0.0);
        check_gradients(&Op::new("abs"), &[&[3, 5]]);
    }
}
