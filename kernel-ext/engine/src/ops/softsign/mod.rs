//! `softsign`: `x / (1 + |x|)`.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Softsign, &SoftsignGradient];

struct Softsign;

impl Operation for Softsign {
    fn name(&self) -> &'static str {
        "softsign"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("softsign_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("softsign", |x| x / (1.0 + x.abs())))
    }
}

/// The incoming gradient times the slope, from the gradient and the output.
struct SoftsignGradient;

impl Operation for SoftsignGradient {
    fn name(&self) -> &'static str {
        "softsign_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        backward.refuse()
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("softsign_gradient", |gradient, y| gradient * (1.0 - y.abs()) * (1.0 - y.abs())))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("softsign"), &[(&[3], &[1.0, 0.0, -3.0])]);
        assert_close(&y, &[0.5, 0.0, -0.75], 1e-7);
        check_gradients(&Op::new("softsign"), &[&[3, 5]]);
    }
}
