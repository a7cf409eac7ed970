//! `square`: `x x`.

use super::{Operation, Value, affine, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Square];

struct Square;

impl Operation for Square {
    fn name(&self) -> &'static str {
        "square"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        let product = backward.emit(Op::new("multiply"), &[gradient, x]);
        vec![Some(affine::emit(backward, product, 2.0, 0.0))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("square", |x| x * x))
    }
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
