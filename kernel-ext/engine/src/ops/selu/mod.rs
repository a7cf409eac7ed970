//! `selu`: `1.0507 x` where positive, else `1.7581 (exp(x) - 1)` (Klambauer et al., 2017).

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Selu, &SeluGradient];

const SCALE: f32 = 1.050_701;
const ALPHA: f32 = 1.673_263_2;

struct Selu;

impl Operation for Selu {
    fn name(&self) -> &'static str {
        "selu"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("selu_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("selu", |x| if x > 0.0 { SCALE * x } else { SCALE * ALPHA * x.exp_m1() }))
    }
}

/// The incoming gradient times the slope, from the gradient and the output.
struct SeluGradient;

impl Operation for SeluGradient {
    fn name(&self) -> &'static str {
        "selu_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, gradient, y) = (backward.output_gradient(), backward.input(0), backward.input(1));
        let to_gradient = backward.emit(Op::new("selu_gradient"), &[incoming, y]);
        // The slope changes with y only where y is negative.
        let minus_y = super::affine::emit(backward, y, -1.0, 0.0);
        let product = backward.emit(Op::new("multiply"), &[incoming, gradient]);
        vec![Some(to_gradient), Some(backward.emit(Op::new("relu_gradient"), &[product, minus_y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("selu_gradient", |gradient, y| if y > 0.0 { SCALE * gradient } else { gradient * (y + SCALE * ALPHA) }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("selu"), &[(&[3], &[1.0, 0.0, -1.0])]);
        assert_close(&y, &[1.050_701, 0.0, -1.111_330_7], 1e-6);
        check_gradients(&Op::new("selu_gradient"), &[&[3, 5], &[3, 5]]);
        check_gradients(&Op::new("selu"), &[&[3, 5]]);
    }
}
