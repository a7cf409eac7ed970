//! `tanh`: the hyperbolic tangent.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Tanh, &TanhGradient];

struct Tanh;

impl Operation for Tanh {
    fn name(&self) -> &'static str {
        "tanh"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("tanh_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("tanh", f32::tanh))
    }
}

/// `gradient * (1 - y * y)`, from the incoming gradient and the output `y`.
struct TanhGradient;

impl Operation for TanhGradient {
    fn name(&self) -> &'static str {
        "tanh_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, gradient, y) = (backward.output_gradient(), backward.input(0), backward.input(1));
        let to_gradient = backward.emit(Op::new("tanh_gradient"), &[incoming, y]);
        let slope = super::affine::emit(backward, y, -2.0, 0.0);
        let product = backward.emit(Op::new("multiply"), &[incoming, gradient]);
        vec![Some(to_gradient), Some(backward.emit(Op::new("multiply"), &[product, slope]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("tanh_gradient", |gradient, y| gradient * (1.0 - y * y)))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        let y = evaluate(&Op::new("tanh"), &[(&[3], &[0.0, 1.0, -20.0])]);
        assert_close(&y, &[0.0, 0.761_594_2, -1.0], 1e-7);
        check_gradients(&Op::new("tanh"), &[&[3, 5]]);
        check_gradients(&Op::new("tanh_gradient"), &[&[3, 5], &[3, 5]]);
    }
}
