//! `abs`: the absolute value; its gradient at 0 is 0.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Abs];

struct Abs;

impl Operation for Abs {
    fn name(&self) -> &'static str {
        "abs"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        let sign = backward.emit(Op::new("sign"), &[x]);
        vec![Some(backward.emit(Op::new("multiply"), &[gradient, sign]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("abs", f32::abs))
    }
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
