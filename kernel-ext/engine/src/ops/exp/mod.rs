//! `exp` and, as Keras calls the activation, `exponential`: the exponential function.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Exp("exp"), &Exp("exponential")];

struct Exp(&'static str);

impl Operation for Exp {
    fn name(&self) -> &'static str {
        self.0
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let gradient = backward.output_gradient();
        vec![Some(backward.emit(Op::new("multiply"), &[gradient, backward.output()]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("exp", f32::exp))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients_between, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("exp"), &[(&[2], &[0.0, 1.0])]);
        assert_close(&y, &[1.0, std::f32::consts::E], 1e-6);
        check_gradients_between(&Op::new("exp"), &[&[3, 5]], 0.5..2.0);
    }
}
