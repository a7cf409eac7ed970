//! `elu`: `x` where positive, else `exp(x) - 1`.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Elu, &EluGradient];

struct Elu;

impl Operation for Elu {
    fn name(&self) -> &'static str {
        "elu"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("elu_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("elu", |x| if x > 0.0 { x } else { x.exp_m1() }))
    }
}

/// `gradient where y > 0, else gradient * (y + 1)`, from the incoming gradient and the output `y`.
struct EluGradient;

impl Operation for EluGradient {
    fn name(&self) -> &'static str {
        "elu_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, gradient, y) = (backward.output_gradient(), backward.input(0), backward.input(1));
        let to_gradient = backward.emit(Op::new("elu_gradient"), &[incoming, y]);
        // The slope changes with y only where y is negative: there it is y + 1.
        let minus_y = super::affine::emit(backward, y, -1.0, 0.0);
        let product = backward.emit(Op::new("multiply"), &[incoming, gradient]);
        vec![Some(to_gradient), Some(backward.emit(Op::new("relu_gradient"), &[product, minus_y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("elu_gradient", |gradient, y| if y > 0.0 { gradient } else { gradient * (y + 1.0) }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        let y = evaluate(&Op::new("elu"), &[(&[3], &[2.0, 0.0, -1.0])]);
        assert_close(&y, &[2.0, 0.0, -0.632_120_56], 1e-7);
        check_gradients(&Op::new("elu"), &[&[3, 5]]);
        check_gradients(&Op::new("elu_gradient"), &[&[3, 5], &[3, 5]]);
    }
}
