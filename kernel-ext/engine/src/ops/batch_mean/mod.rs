//! `batch_mean`: the mean of all numbers, a scalar: the loss that training minimises.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&BatchMean];

struct BatchMean;

impl Operation for BatchMean {
    fn name(&self) -> &'static str {
        "batch_mean"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        Ok(Shape(Vec::new()))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let shape = backward.shape(backward.input(0));
        let count = shape.iter().product::<usize>().max(1);
        let gradient = backward.output_gradient();
        let share = super::affine::emit(backward, gradient, 1.0 / count as f64, 0.0);
        let op = Op::new("broadcast_to").with("shape", shapes::to_attribute(&shape));
        vec![Some(backward.emit(op, &[share]))]
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let count = inputs[0].iter().product::<usize>().max(1) as f64;
        Some(Kernel::new("batch_mean", move |work| {
            let total: f64 = work.inputs[0].iter().map(|&number| f64::from(number)).sum();
            work.output[0] = (total / count) as f32;
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        assert_eq!(evaluate(&Op::new("batch_mean"), &[(&[4], &[1.0, 2.0, 3.0, 6.0])]), [3.0]);
        check_gradients(&Op::new("batch_mean"), &[&[5]]);
    }
}
