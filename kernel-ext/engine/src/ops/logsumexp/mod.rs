//! `logsumexp`: `log(sum(exp(x)))` without overflow, over the axes in the attribute `axes` (all without
//! it), kept with size 1 if `keepdims`. Its gradient is the softmax.

use super::extremes::Largest;
use super::folding::SumOfExponentials;
use super::{Operation, Value, shapes, sum};
use crate::autodiff::Backward;
use crate::cpu::{Kernel, Work, math};
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&LogSumExp];

struct LogSumExp;

impl Operation for LogSumExp {
    fn name(&self) -> &'static str {
        "logsumexp"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        sum::reduced(op, inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let y = sum::with_reduced_axes(backward, backward.output());
        let difference = backward.emit(Op::new("subtract"), &[backward.input(0), y]);
        let softmax = backward.emit(Op::new("exp"), &[difference]);
        let gradient = sum::with_reduced_axes(backward, backward.output_gradient());
        vec![Some(backward.emit(Op::new("multiply"), &[gradient, softmax]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let groups = sum::groups(op, inputs[0]);
        let kernel = Kernel::new("logsumexp", move |work: &mut Work<'_>| {
            let (x, largest) = (work.inputs[0], &mut *work.scratch);
            groups.fold(Largest, x, None, largest, work.pool);
            // Where the largest is infinite, there is nothing to subtract, and so is the result.
            largest.iter_mut().filter(|largest| largest.is_infinite()).for_each(|largest| *largest = 0.0);
            groups.fold(SumOfExponentials, x, Some(largest), work.output, work.pool);
            work.output.iter_mut().zip(largest).for_each(|(total, largest)| *total = math::ln(*total) + *largest);
        });
        Some(kernel.with_scratch(shapes::len(output)))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        10 * shapes::len(inputs[0]) as u64
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_reduction, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        // NumPy: np.log(np.sum(np.exp(x), axis)).
        let (columns, rows) = ([4.048_587_3, 5.048_587_3, 6.048_587_3], [3.407_606, 6.407_606]);
        let all = [6.456_193_3];
        let cases: &[(Option<&[i64]>, &[f32])] =
            &[(None, &all), (Some(&[0]), &columns), (Some(&[-1]), &rows), (Some(&[0, 1]), &all)];
        check_reduction("logsumexp", cases, 1e-6);
    }

    #[test]
    fn large_and_infinite_numbers() {
        const INFINITY: f32 = f32::INFINITY;
        let cases = [([1000.0, 1000.0], 1000.6931), ([-INFINITY, -INFINITY], -INFINITY), ([INFINITY, 0.0], INFINITY)];
        for (x, expected) in cases {
            assert_close(&evaluate(&Op::new("logsumexp"), &[(&[2], &x)]), &[expected], 1e-6);
        }
    }
}
