//! `softplus`: `log(1 + exp(x))`, without overflow.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Softplus, &SoftplusGradient];

struct Softplus;

impl Operation for Softplus {
    fn name(&self) -> &'static str {
        "softplus"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("softplus_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("softplus", |x| x.max(0.0) + (-x.abs()).exp().ln_1p()))
    }
}

/// `gradient * sigmoid(x) = gradient * (1 - exp(-y))`, from the incoming gradient and the output `y`.
struct SoftplusGradient;

impl Operation for SoftplusGradient {
    fn name(&self) -> &'static str {
        "softplus_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, gradient, y) = (backward.output_gradient(), backward.input(0), backward.input(1));
        let to_gradient = backward.emit(Op::new("softplus_gradient"), &[incoming, y]);
        let minus_y = super::affine::emit(backward, y, -1.0, 0.0);
        let slope = backward.emit(Op::new("exp"), &[minus_y]);
        let product = backward.emit(Op::new("multiply"), &[incoming, gradient]);
        vec![Some(to_gradient), Some(backward.emit(Op::new("multiply"), &[product, slope]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("softplus_gradient", |gradient, y| gradient * -(-y).exp_m1()))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        let y = evaluate(&Op::new("softplus"), &[(&[3], &[0.0, 100.0, -100.0])]);
        assert_close(&y, &[std::f32::consts::LN_2, 100.0, 0.0], 1e-6);
        check_gradients(&Op::new("softplus"), &[&[3, 5]]);
        check_gradients(&Op::new("softplus_gradient"), &[&[3, 5], &[3, 5]]);
    }
}
