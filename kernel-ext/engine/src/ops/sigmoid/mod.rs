//! `sigmoid`: `1 / (1 + exp(-x))`.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Sigmoid, &SigmoidGradient];

struct Sigmoid;

impl Operation for Sigmoid {
    fn name(&self) -> &'static str {
        "sigmoid"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("sigmoid_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("sigmoid", |x| 1.0 / (1.0 + (-x).exp())))
    }
}

/// `gradient * y * (1 - y)`, from the incoming gradient and the output `y`.
struct SigmoidGradient;

impl Operation for SigmoidGradient {
    fn name(&self) -> &'static str {
        "sigmoid_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, gradient, y) = (backward.output_gradient(), backward.input(0), backward.input(1));
        let to_gradient = backward.emit(Op::new("sigmoid_gradient"), &[incoming, y]);
        let slope = super::affine::emit(backward, y, -2.0, 1.0);
        let product = backward.emit(Op::new("multiply"), &[incoming, gradient]);
        vec![Some(to_gradient), Some(backward.emit(Op::new("multiply"), &[product, slope]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("sigmoid_gradient", |gradient, y| gradient * y * (1.0 - y)))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        // By hand: sigmoid(1.52) = 0.82053848.
        let y = evaluate(&Op::new("sigmoid"), &[(&[3], &[0.0, 1.52, -100.0])]);
        assert_close(&y, &[0.5, 0.820_538_48, 0.0], 1e-7);
        check_gradients(&Op::new("sigmoid"), &[&[3, 5]]);
        check_gradients(&Op::new("sigmoid_gradient"), &[&[3, 5], &[3, 5]]);
    }
}
