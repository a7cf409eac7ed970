//! `where`: `a` where the condition is not 0, else `b`; inputs: condition, `a`, `b`, with NumPy's
//! broadcasting. No gradient flows to the condition.

use super::broadcasting::Broadcast;
use super::{Operation, Value, shapes, sum_to};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Where];

/// Writes `a` where the condition holds, else `b`.
pub fn emit(backward: &mut Backward, condition: Value, a: Value, b: Value) -> Value {
    backward.emit(Op::new("where"), &[condition, a, b])
}

/// Writes one number, which broadcasts.
pub fn emit_number(backward: &mut Backward, number: f32) -> Value {
    backward.emit(Op::constant(&[], vec![number]), &[])
}

struct Where;

impl Operation for Where {
    fn name(&self) -> &'static str {
        "where"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 3..=3)?;
        shapes::broadcast(&inputs[0], &shapes::broadcast(&inputs[1], &inputs[2])?)
    }

    fn differentiable(&self, input: usize) -> bool {
        input > 0
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (condition, gradient) = (backward.input(0), backward.output_gradient());
        let zero = emit_number(backward, 0.0);
        let to_a = emit(backward, condition, gradient, zero);
        let to_b = emit(backward, condition, zero, gradient);
        let (a, b) = (backward.input(1), backward.input(2));
        vec![None, Some(sum_to::reduce(backward, to_a, a)), Some(sum_to::reduce(backward, to_b, b))]
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let choose = |[condition, a, b]: [f32; 3]| if condition != 0.0 { a } else { b };
        Some(Broadcast::new([inputs[0], inputs[1], inputs[2]], output).into_kernel("where", choose))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients_with_broadcasting() {
        let op = Op::new("where");
        let condition: (&[usize], &[f32]) = (&[2, 3], &[0.0, 1.0, -1.0, f32::NAN, 0.0, -0.0]);
        let y = evaluate(&op, &[condition, (&[3], &[1.0, 2.0, 3.0]), (&[2, 1], &[10.0, 20.0])]);
        assert_close(&y, &[10.0, 2.0, 3.0, 1.0, 20.0, 20.0], 0.0);
        for shapes in [[&[2, 3][..], &[2, 3], &[2, 3]], [&[3], &[2, 1], &[]], [&[], &[4], &[2, 1]]] {
            check_gradients(&op, &shapes);
        }
    }
}
