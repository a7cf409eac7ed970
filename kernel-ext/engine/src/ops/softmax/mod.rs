//! `softmax`: `exp(x) / sum(exp(x))` along the attribute `axis` (-1 without it), or over several `axes`
//! at once, without overflow. `log_softmax`: its logarithm, `x - logsumexp(x)`.

use super::broadcasting::Broadcast;
use super::elementwise::Pointwise;
use super::extremes::Largest;
use super::folding::{Groups, SumOf, SumOfExponentials, fold_run};
use super::rows::{RowFunction, by_rows};
use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::{Kernel, Work, math};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Softmax, &SoftmaxGradient, &LogSoftmax];

/// The attribute `axes`, or that of the one in `axis`.
fn axes(op: &Op) -> Vec<i64> {
    op.ints("axes").map_or_else(|| vec![op.int("axis").unwrap_or(-1)], <[i64]>::to_vec)
}

/// Whether the axes are the last one alone: then rows are contiguous.
fn is_last(op: &Op, rank: usize) -> bool {
    matches!(axes(op).as_slice(), &[axis] if axis == -1 || axis + 1 == rank as i64)
}

/// The sum over the same axes, kept with size 1.
fn sum_op(op: &Op) -> Op {
    Op::new("sum").with("axes", Attr::Ints(axes(op))).with("keepdims", Attr::Bool(true))
}

fn infer(op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
    expect_inputs(inputs, 1..=1)?;
    let shape = &inputs[0];
    for axis in axes(op) {
        if shape.0[shapes::axis(axis, shape.rank())?].is_none() {
            return Err(Fault::new(
                format!("softmax needs an axis of known size, received axis {axis} of {shape}"),
                "put the classes on the last axis",
            ));
        }
    }
    Ok(shape.clone())
}

/// Replaces a row by its softmax and returns the logarithm of the sum of the exponentials.
#[inline(always)]
pub fn row(from: &[f32], to: &mut [f32]) -> f32 {
    let largest = fold_run(Largest, from, 0.0);
    for (to, &from) in to.iter_mut().zip(from) {
        *to = math::exp(from - largest);
    }
    let total = fold_run(SumOf(|number, _| number), to, 0.0);
    let share = 1.0 / total;
    to.iter_mut().for_each(|to| *to = math::flush(*to * share));
    largest + math::ln(total)
}

/// The largest number of a row, and the logarithm of the sum of the exponentials of all distances to it.
#[inline(always)]
pub fn log_sum(row: &[f32]) -> (f32, f32) {
    let largest = fold_run(Largest, row, 0.0);
    (largest, math::ln(fold_run(SumOfExponentials, row, largest)))
}

/// How `scale` times the softmax of a row changes along a direction: `scale s (v - Σ s v)`.
pub fn curvature(from: &[f32], direction: &[f32], scale: f32, change: &mut [f32]) {
    row(from, change);
    let mean: f32 = change.iter().zip(direction).map(|(share, along)| share * along).sum();
    change.iter_mut().zip(direction).for_each(|(share, along)| *share *= scale * (along - mean));
}

/// The kernel for axes that are not the last one: reductions into working memory, and then
/// `finish(x, largest, total)` for each number.
fn by_groups(name: &'static str, op: &Op, shape: &[usize], finish: impl Pointwise<3>) -> Kernel {
    let mut kept = shape.to_vec();
    axes(op).into_iter().filter_map(|axis| shapes::axis(axis, shape.len()).ok()).for_each(|axis| kept[axis] = 1);
    let (groups, count) = (Groups::new(shape, &kept), shapes::len(&kept));
    let finish = Broadcast::new([shape, &kept, &kept], shape).into_kernel(name, finish);
    let kernel = Kernel::new(name, move |work: &mut Work<'_>| {
        let (largest, totals) = work.scratch.split_at_mut(count);
        groups.fold(Largest, work.inputs[0], None, largest, work.pool);
        groups.fold(SumOfExponentials, work.inputs[0], Some(largest), totals, work.pool);
        let (inputs, scratch): (&[&[f32]], &mut [f32]) = (&[work.inputs[0], largest, totals], &mut []);
        finish.run(&mut Work { inputs, output: work.output, scratch, moment: work.moment, pool: work.pool });
    });
    kernel.with_scratch(2 * count)
}

#[derive(Clone, Copy)]
struct Softmax;

impl RowFunction<1> for Softmax {
    #[inline(always)]
    fn compute(self, [from]: [&[f32]; 1], to: &mut [f32]) {
        row(from, to);
    }
}

impl Pointwise<3> for Softmax {
    #[inline(always)]
    fn at(self, [x, largest, total]: [f32; 3]) -> f32 {
        math::flush(math::exp(x - largest) / total)
    }
}

impl Operation for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        infer(op, inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        if is_last(backward.op, backward.shape(y).len()) {
            return vec![Some(backward.emit(Op::new("softmax_gradient"), &[gradient, y]))];
        }
        let product = backward.emit(Op::new("multiply"), &[gradient, y]);
        let mean = backward.emit(sum_op(backward.op), &[product]);
        let difference = backward.emit(Op::new("subtract"), &[gradient, mean]);
        vec![Some(backward.emit(Op::new("multiply"), &[difference, y]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        if !is_last(op, output.len()) {
            return Some(by_groups("softmax", op, output, Softmax));
        }
        Some(by_rows("softmax", output, Softmax))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], output: &[usize]) -> u64 {
        10 * output.iter().product::<usize>() as u64
    }
}

/// `y * (gradient - sum(gradient * y))` along the last axis, from the incoming gradient and the output.
#[derive(Clone, Copy)]
struct SoftmaxGradient;

impl Operation for SoftmaxGradient {
    fn name(&self) -> &'static str {
        "softmax_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, gradient, y) = (backward.output_gradient(), backward.input(0), backward.input(1));
        // The matrix of the softmax is symmetric, so the way to the gradient is the same op again.
        let to_gradient = backward.emit(Op::new("softmax_gradient"), &[incoming, y]);
        let mut row_sum_of_products = |a: Value, b: Value| {
            let product = backward.emit(Op::new("multiply"), &[a, b]);
            (product, backward.emit(sum_op(backward.op), &[product]))
        };
        let (_, mean_gradient) = row_sum_of_products(gradient, y);
        let (_, mean_incoming) = row_sum_of_products(incoming, y);
        let (product, _) = row_sum_of_products(incoming, gradient);
        let a = backward.emit(Op::new("multiply"), &[incoming, mean_gradient]);
        let b = backward.emit(Op::new("multiply"), &[gradient, mean_incoming]);
        let rest = backward.emit(Op::new("subtract"), &[product, a]);
        vec![Some(to_gradient), Some(backward.emit(Op::new("subtract"), &[rest, b]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        Some(by_rows("softmax_gradient", output, SoftmaxGradient))
    }
}

impl RowFunction<2> for SoftmaxGradient {
    #[inline(always)]
    fn compute(self, [gradient, y]: [&[f32]; 2], to: &mut [f32]) {
        for ((to, gradient), y) in to.iter_mut().zip(gradient).zip(y) {
            *to = y * gradient;
        }
        let mean = fold_run(SumOf(|number, _| number), to, 0.0);
        for (to, y) in to.iter_mut().zip(y) {
            *to -= y * mean;
        }
    }
}

#[derive(Clone, Copy)]
struct LogSoftmax;

impl RowFunction<1> for LogSoftmax {
    #[inline(always)]
    fn compute(self, [from]: [&[f32]; 1], to: &mut [f32]) {
        let (largest, log_total) = log_sum(from);
        // The distance to the largest is exact where numbers are large.
        to.iter_mut().zip(from).for_each(|(to, &from)| *to = from - largest - log_total);
    }
}

impl Pointwise<3> for LogSoftmax {
    #[inline(always)]
    fn at(self, [x, largest, total]: [f32; 3]) -> f32 {
        x - largest - math::ln(total)
    }
}

impl Operation for LogSoftmax {
    fn name(&self) -> &'static str {
        "log_softmax"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        infer(op, inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let gradient = backward.output_gradient();
        let softmax = backward.emit(Op::new("exp"), &[backward.output()]);
        let total = backward.emit(sum_op(backward.op), &[gradient]);
        let product = backward.emit(Op::new("multiply"), &[softmax, total]);
        vec![Some(backward.emit(Op::new("subtract"), &[gradient, product]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        if !is_last(op, output.len()) {
            return Some(by_groups("log_softmax", op, output, LogSoftmax));
        }
        Some(by_rows("log_softmax", output, LogSoftmax))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], output: &[usize]) -> u64 {
        10 * output.iter().product::<usize>() as u64
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::{Attr, Op};
    use std::f32::consts::LN_2;

    const X: [f32; 6] = [1.0, 2.0, 3.0, 1000.0, 1000.0, -1000.0];

    #[test]
    fn numbers_along_every_axis() {
        let expected = [0.090_030_57, 0.244_728_47, 0.665_240_96, 0.5, 0.5, 0.0];
        assert_close(&evaluate(&Op::new("softmax"), &[(&[2, 3], &X)]), &expected, 1e-7);
        let logs = [-2.407_606, -1.407_606, -0.407_606, -LN_2, -LN_2, -2000.6931];
        assert_close(&evaluate(&Op::new("log_softmax"), &[(&[2, 3], &X)]), &logs, 1e-6);
        for (name, expected) in [("softmax", expected), ("log_softmax", logs)] {
            // The same rows as columns, and as blocks of two axes.
            let columns = Op::new(name).with("axis", Attr::Int(1));
            assert_close(&evaluate(&columns, &[(&[2, 3, 1], &X)]), &expected, 1e-6);
            let blocks = Op::new(name).with("axes", Attr::Ints(vec![1, 3]));
            assert_close(&evaluate(&blocks, &[(&[2, 3, 1, 1], &X)]), &expected, 1e-6);
            let across = Op::new(name).with("axis", Attr::Int(0));
            let transposed = [X[0], X[3], X[1], X[4], X[2], X[5]];
            let expected = [expected[0], expected[3], expected[1], expected[4], expected[2], expected[5]];
            assert_close(&evaluate(&across, &[(&[3, 2], &transposed)]), &expected, 1e-6);
        }
    }

    #[test]
    fn shares_that_are_negligible_are_0() {
        // As large as the logits of a network on raw pixels.
        let x = [0.0, -30.0, -80.0, -88.0, -100.0, -1000.0];
        let expected = [1.0, 9.357_623e-14, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(evaluate(&Op::new("softmax"), &[(&[1, 6], &x)]), expected);
        assert_eq!(evaluate(&Op::new("softmax").with("axis", Attr::Int(0)), &[(&[6, 1], &x)]), expected);
    }

    #[test]
    fn gradients_along_every_axis() {
        for name in ["softmax", "log_softmax"] {
            check_gradients(&Op::new(name), &[&[3, 5]]);
            check_gradients(&Op::new(name).with("axis", Attr::Int(1)), &[&[2, 3, 4]]);
            check_gradients(&Op::new(name).with("axes", Attr::Ints(vec![0, 2])), &[&[2, 3, 4]]);
        }
        check_gradients(&Op::new("softmax_gradient"), &[&[3, 5], &[3, 5]]);
    }
}
