//! `sum_to`: the reverse of broadcasting: adds up what stretching to the input's shape would copy;
//! attribute `shape`.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&SumTo];

/// The gradient of an input that may have been stretched: summed to the input's shape if it was.
pub fn reduce(backward: &mut Backward, gradient: Value, input: Value) -> Value {
    let shape = backward.shape(input);
    if backward.shape(gradient) == shape {
        return gradient;
    }
    backward.emit(Op::new("sum_to").with("shape", shapes::to_attribute(&shape)), &[gradient])
}

struct SumTo;

impl Operation for SumTo {
    fn name(&self) -> &'static str {
        "sum_to"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let target = shapes::attribute(op)?;
        let stretched = shapes::broadcast(&target, &inputs[0])?;
        if shapes::agree(&stretched, &inputs[0]) {
            return Ok(target);
        }
        Err(Fault::new(format!("{} is not a stretched {target}", inputs[0]), "check how the graph was built"))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let shape = backward.shape(backward.input(0));
        let op = Op::new("broadcast_to").with("shape", shapes::to_attribute(&shape));
        vec![Some(backward.emit(op, &[backward.output_gradient()]))]
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let mut kept = vec![1; inputs[0].len() - output.len()];
        kept.extend_from_slice(output);
        Some(super::sum::reduction(inputs[0], &kept))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let cases: &[(&[i64], &[f32])] = &[(&[3], &[5.0, 7.0, 9.0]), (&[2, 1], &[6.0, 15.0]), (&[], &[21.0])];
        for (shape, expected) in cases {
            let op = Op::new("sum_to").with("shape", Attr::Ints(shape.to_vec()));
            assert_eq!(evaluate(&op, &[(&[2, 3], &x)]), *expected);
            check_gradients(&op, &[&[2, 3]]);
        }
    }
}
