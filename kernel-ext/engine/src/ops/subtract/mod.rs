//! `subtract`: `a - b`, with NumPy's broadcasting.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Subtract];

struct Subtract;

impl Operation for Subtract {
    fn name(&self) -> &'static str {
        "subtract"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        shapes::broadcast(&inputs[0], &inputs[1])
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (a, b, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
        let negative = super::affine::emit(backward, gradient, -1.0, 0.0);
        vec![
            Some(super::sum_to::reduce(backward, gradient, a)),
            Some(super::sum_to::reduce(backward, negative, b)),
        ]
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        Some(elementwise::broadcasting("subtract", inputs[0], inputs[1], output, |a, b| a - b))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients_with_broadcasting() {
        let op = Op::new("subtract");
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let y = evaluate(&op, &[(&[2, 3], &a), (&[3], &[1.0, 2.0, 4.0])]);
        assert_eq!(y, a.iter().zip([1.0, 2.0, 4.0, 1.0, 2.0, 4.0]).map(|(a, b)| a - b).collect::<Vec<f32>>());
        for shapes in [[&[2, 3][..], &[2, 3]], [&[2, 3], &[3]], [&[2, 1], &[1, 4]], [&[3], &[2, 1, 3]]] {
            check_gradients(&op, &shapes);
        }
    }
}
