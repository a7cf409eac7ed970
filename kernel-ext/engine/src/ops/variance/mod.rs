//! `variance`: the mean square of the distance to the mean, over the axes in the attribute `axes` (all
//! without it), kept with size 1 if `keepdims`.

use super::folding::SumOf;
use super::{Operation, Value, affine, shapes, sum};
use crate::autodiff::Backward;
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Variance];

struct Variance;

impl Operation for Variance {
    fn name(&self) -> &'static str {
        "variance"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        sum::reduced(op, inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let x = backward.input(0);
        let mean = sum::emit_kept(backward, "mean", x);
        let distance = backward.emit(Op::new("subtract"), &[x, mean]);
        let count = shapes::len(&backward.shape(x)) / shapes::len(&backward.shape(mean)).max(1);
        let gradient = sum::with_reduced_axes(backward, backward.output_gradient());
        let gradient = affine::emit(backward, gradient, 2.0 / count as f64, 0.0);
        vec![Some(backward.emit(Op::new("multiply"), &[gradient, distance]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let groups = sum::groups(op, inputs[0]);
        let share = 1.0 / (groups.len() / shapes::len(output).max(1)) as f32;
        let kernel = Kernel::new("variance", move |work: &mut Work<'_>| {
            let (x, means) = (work.inputs[0], &mut *work.scratch);
            groups.fold(SumOf(|number, _| number), x, None, means, work.pool);
            means.iter_mut().for_each(|mean| *mean *= share);
            let square = SumOf(|number: f32, mean: f32| (number - mean) * (number - mean));
            groups.fold(square, x, Some(means), work.output, work.pool);
            work.output.iter_mut().for_each(|total| *total *= share);
        });
        Some(kernel.with_scratch(shapes::len(output)))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        4 * shapes::len(inputs[0]) as u64
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_reduction, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        let (columns, rows) = ([2.25; 3], [2.0 / 3.0; 2]);
        let all = [35.0 / 12.0];
        let cases: &[(Option<&[i64]>, &[f32])] =
            &[(None, &all), (Some(&[0]), &columns), (Some(&[-1]), &rows), (Some(&[0, 1]), &all)];
        check_reduction("variance", cases, 1e-6);
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        assert_close(&evaluate(&Op::new("variance"), &[(&[4], &[4096.0, 4097.0, 4096.0, 4097.0])]), &[0.25], 1e-6);
    }
}
