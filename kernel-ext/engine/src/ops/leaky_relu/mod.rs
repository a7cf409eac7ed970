//! `leaky_relu`: `x` where positive, else `0.2 x`, the slope of Keras's function.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&LeakyRelu, &LeakyReluGradient];

const SLOPE: f32 = 0.2;

struct LeakyRelu;

impl Operation for LeakyRelu {
    fn name(&self) -> &'static str {
        "leaky_relu"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("leaky_relu_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("leaky_relu", |x| if x > 0.0 { x } else { SLOPE * x }))
    }
}

/// The incoming gradient times the slope, from the gradient and the output.
struct LeakyReluGradient;

impl Operation for LeakyReluGradient {
    fn name(&self) -> &'static str {
        "leaky_relu_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 0
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.input(1));
        vec![Some(backward.emit(Op::new("leaky_relu_gradient"), &[gradient, y])), None]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("leaky_relu_gradient", |gradient, y| if y > 0.0 { gradient } else { SLOPE * gradient }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        assert_close(&evaluate(&Op::new("leaky_relu"), &[(&[2], &[-1.0, 3.0])]), &[-0.2, 3.0], 1e-7);
        check_gradients(&Op::new("leaky_relu"), &[&[3, 5]]);
    }
}
