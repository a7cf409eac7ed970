//! `log`: the natural logarithm.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Log];

struct Log;

impl Operation for Log {
    fn name(&self) -> &'static str {
        "log"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let gradient = backward.output_gradient();
        vec![Some(backward.emit(Op::new("divide"), &[gradient, backward.input(0)]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("log", f32::ln))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients_between, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("log"), &[(&[2], &[1.0, 10.0])]);
        assert_close(&y, &[0.0, std::f32::consts::LN_10], 1e-6);
        check_gradients_between(&Op::new("log"), &[&[3, 5]], 0.5..2.0);
    }
}
