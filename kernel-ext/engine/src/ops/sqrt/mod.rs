//! `sqrt`: the square root; NaN for negative numbers.

use super::{Operation, Value, affine, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Sqrt];

struct Sqrt;

impl Operation for Sqrt {
    fn name(&self) -> &'static str {
        "sqrt"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (y, gradient) = (backward.output(), backward.output_gradient());
        let twice = affine::emit(backward, y, 2.0, 0.0);
        vec![Some(backward.emit(Op::new("divide"), &[gradient, twice]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("sqrt", f32::sqrt))
    }
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
