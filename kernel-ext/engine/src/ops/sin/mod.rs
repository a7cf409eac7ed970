//! `sin`: the sine of an angle in radians.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Sin];

struct Sin;

impl Operation for Sin {
    fn name(&self) -> &'static str {
        "sin"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        let cosine = backward.emit(Op::new("cos"), &[x]);
        vec![Some(backward.emit(Op::new("multiply"), &[gradient, cosine]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("sin", f32::sin))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("sin"), &[(&[2], &[0.0, std::f32::consts::FRAC_PI_6])]);
        assert_close(&y, &[0.0, 0.5], 1e-6);
        check_gradients(&Op::new("sin"), &[&[3, 5]]);
    }
}
