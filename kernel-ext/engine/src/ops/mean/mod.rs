//! `mean`: over the axes in the attribute `axes` (all without it), kept with size 1 if `keepdims`.

use super::{Operation, Value, affine, shapes, sum};
use crate::autodiff::Backward;
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Mean];

struct Mean;

impl Operation for Mean {
    fn name(&self) -> &'static str {
        "mean"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        sum::reduced(op, inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (input, output) = (backward.shape(backward.input(0)), backward.shape(backward.output()));
        let gradient = sum::spread(backward, &input);
        vec![Some(affine::emit(backward, gradient, 1.0 / count(&input, &output) as f64, 0.0))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let count = count(inputs[0], output) as f32;
        let add_up = sum::over_axes(op, inputs[0]);
        Some(Kernel::new("mean", move |work: &mut Work<'_>| {
            add_up.run(work);
            work.output.iter_mut().for_each(|total| *total /= count);
        }))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        shapes::len(inputs[0]) as u64
    }
}

/// How many numbers each mean is taken over.
fn count(input: &[usize], output: &[usize]) -> usize {
    shapes::len(input) / shapes::len(output).max(1)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_reduction;

    #[test]
    fn numbers_and_gradients() {
        let cases: &[(Option<&[i64]>, &[f32])] =
            &[(None, &[3.5]), (Some(&[0]), &[2.5, 3.5, 4.5]), (Some(&[-1]), &[2.0, 5.0]), (Some(&[0, 1]), &[3.5])];
        check_reduction("mean", cases, 1e-7);
    }
}
