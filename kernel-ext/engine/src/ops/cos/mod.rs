//! `cos`: the cosine of an angle in radians.

use super::{Operation, Value, affine, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Cos];

struct Cos;

impl Operation for Cos {
    fn name(&self) -> &'static str {
        "cos"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        let sine = backward.emit(Op::new("sin"), &[x]);
        let product = backward.emit(Op::new("multiply"), &[gradient, sine]);
        vec![Some(affine::emit(backward, product, -1.0, 0.0))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("cos", f32::cos))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("cos"), &[(&[2], &[0.0, std::f32::consts::FRAC_PI_3])]);
        assert_close(&y, &[1.0, 0.5], 1e-6);
        check_gradients(&Op::new("cos"), &[&[3, 5]]);
    }
}
