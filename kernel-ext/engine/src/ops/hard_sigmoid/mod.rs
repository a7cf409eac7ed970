//! `hard_sigmoid`: `x / 6 + 1/2`, kept between 0 and 1.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&HardSigmoid, &HardSigmoidGradient];

struct HardSigmoid;

impl Operation for HardSigmoid {
    fn name(&self) -> &'static str {
        "hard_sigmoid"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("hard_sigmoid_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("hard_sigmoid", |x| (x / 6.0 + 0.5).clamp(0.0, 1.0)))
    }
}

/// The incoming gradient times the slope, from the gradient and the output.
struct HardSigmoidGradient;

impl Operation for HardSigmoidGradient {
    fn name(&self) -> &'static str {
        "hard_sigmoid_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 0
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.input(1));
        vec![Some(backward.emit(Op::new("hard_sigmoid_gradient"), &[gradient, y])), None]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("hard_sigmoid_gradient", |gradient, y| if y > 0.0 && y < 1.0 { gradient / 6.0 } else { 0.0 }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("hard_sigmoid"), &[(&[3], &[-1.0, 4.0, -4.0])]);
        assert_close(&y, &[0.333_333_34, 1.0, 0.0], 1e-7);
        check_gradients(&Op::new("hard_sigmoid"), &[&[3, 5]]);
    }
}
