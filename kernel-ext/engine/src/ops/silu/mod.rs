//! `silu`: `x sigmoid(x)`, also called swish.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Silu, &SiluGradient];

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

struct Silu;

impl Operation for Silu {
    fn name(&self) -> &'static str {
        "silu"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, x) = (backward.output_gradient(), backward.input(0));
        vec![Some(backward.emit(Op::new("silu_gradient"), &[gradient, x]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("silu", |x| x * sigmoid(x)))
    }
}

/// The incoming gradient times the slope, from the gradient and the input.
struct SiluGradient;

impl Operation for SiluGradient {
    fn name(&self) -> &'static str {
        "silu_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        backward.refuse()
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("silu_gradient", |gradient, x| gradient * sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)))))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("silu"), &[(&[3], &[1.0, 0.0, -1.0])]);
        assert_close(&y, &[0.731_058_6, 0.0, -0.268_941_43], 1e-7);
        check_gradients(&Op::new("silu"), &[&[3, 5]]);
    }
}
