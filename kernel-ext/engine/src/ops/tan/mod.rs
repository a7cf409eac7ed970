//! `tan`: the tangent of an angle in radians.

use super::{Operation, Value, affine, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Tan];

struct Tan;

impl Operation for Tan {
    fn name(&self) -> &'static str {
        "tan"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (y, gradient) = (backward.output(), backward.output_gradient());
        let square = backward.emit(Op::new("square"), &[y]);
        let slope = affine::emit(backward, square, 1.0, 1.0);
        vec![Some(backward.emit(Op::new("multiply"), &[gradient, slope]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("tan", f32::tan))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients_between, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("tan"), &[(&[2], &[0.0, std::f32::consts::FRAC_PI_4])]);
        assert_close(&y, &[0.0, 1.0], 1e-6);
        check_gradients_between(&Op::new("tan"), &[&[3, 5]], -1.0..1.0);
    }
}
