//! `relu`: `max(x, 0)`; its gradient at 0 is 0, as in Keras.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Relu, &ReluGradient];

struct Relu;

impl Operation for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("relu_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("relu", |x| if x > 0.0 { x } else { 0.0 }))
    }
}

/// `gradient where y > 0, else 0`, from the incoming gradient and the output `y`.
struct ReluGradient;

impl Operation for ReluGradient {
    fn name(&self) -> &'static str {
        "relu_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 0
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.input(1));
        vec![Some(backward.emit(Op::new("relu_gradient"), &[gradient, y])), None]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("relu_gradient", |gradient, y| if y > 0.0 { gradient } else { 0.0 }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        assert_close(&evaluate(&Op::new("relu"), &[(&[4], &[-1.0, 0.0, 2.0, -0.5])]), &[0.0, 0.0, 2.0, 0.0], 0.0);
        check_gradients(&Op::new("relu"), &[&[3, 5]]);
        check_gradients(&Op::new("relu_gradient"), &[&[3, 5], &[3, 5]]);
    }
}
