//! `sign`: -1, 0 or 1, and NaN for NaN, as NumPy; its gradient is 0 everywhere.

use super::{Operation, Value, affine, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Sign];

struct Sign;

impl Operation for Sign {
    fn name(&self) -> &'static str {
        "sign"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let gradient = backward.output_gradient();
        vec![Some(affine::emit(backward, gradient, 0.0, 0.0))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("sign", |x| if x == 0.0 { 0.0 } else { x.signum() }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("sign"), &[(&[4], &[-3.0, 0.0, -0.0, 0.5])]);
        assert_close(&y, &[-1.0, 0.0, 0.0, 1.0], 0.0);
        check_gradients(&Op::new("sign"), &[&[3, 5]]);
    }
}
