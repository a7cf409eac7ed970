//! `broadcast_to`: stretches axes of size 1, and adds axes in front, to reach the attribute `shape`.

use super::{Operation, Value, broadcasting::Broadcast, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&BroadcastTo];

struct BroadcastTo;

impl Operation for BroadcastTo {
    fn name(&self) -> &'static str {
        "broadcast_to"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let target = shapes::attribute(op)?;
        let stretched = shapes::broadcast(&inputs[0], &target)?;
        if shapes::agree(&stretched, &target) {
            return Ok(target);
        }
        Err(Fault::new(
            format!("{} cannot be stretched to {target}", inputs[0]),
            "only axes of size 1 stretch, and new axes come in front",
        ))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, x) = (backward.output_gradient(), backward.input(0));
        vec![Some(super::sum_to::reduce(backward, gradient, x))]
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        Some(Broadcast::new([inputs[0]], output).into_kernel("broadcast_to", |[number]: [f32; 1]| number))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let op = Op::new("broadcast_to").with("shape", Attr::Ints(vec![2, 3]));
        assert_eq!(evaluate(&op, &[(&[3], &[1.0, 2.0, 3.0])]), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
        assert_eq!(evaluate(&op, &[(&[2, 1], &[1.0, 2.0])]), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
        for shape in [&[3][..], &[2, 1], &[]] {
            check_gradients(&op, &[shape]);
        }
    }
}
