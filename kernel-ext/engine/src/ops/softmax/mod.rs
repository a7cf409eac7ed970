//! `softmax`: `exp(x) / sum(exp(x))` along the last axis, without overflow.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Softmax, &SoftmaxGradient];

struct Softmax;

/// Replaces a row by its softmax and returns the logarithm of the sum of the exponentials.
pub fn row(from: &[f32], to: &mut [f32]) -> f32 {
    let largest = from.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for (to, &from) in to.iter_mut().zip(from) {
        *to = (from - largest).exp();
        total += *to;
    }
    for to in to.iter_mut() {
        *to /= total;
    }
    largest + total.ln()
}

impl Operation for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        match inputs[0].0.last() {
            Some(Some(_)) => Ok(inputs[0].clone()),
            _ => Err(Fault::new(
                format!("softmax needs a last axis of known size, received {}", inputs[0]),
                "put the classes on the last axis",
            )),
        }
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, y) = (backward.output_gradient(), backward.output());
        vec![Some(backward.emit(Op::new("softmax_gradient"), &[gradient, y]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let width = output.last().copied().unwrap_or(1).max(1);
        Some(Kernel::new("softmax", move |work: &mut Work<'_>| {
            for (from, to) in work.inputs[0].chunks_exact(width).zip(work.output.chunks_exact_mut(width)) {
                row(from, to);
            }
        }))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], output: &[usize]) -> u64 {
        10 * output.iter().product::<usize>() as u64
    }
}

/// `y * (gradient - sum(gradient * y))` along the last axis, from the incoming gradient and the output.
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
            let sum = Op::new("sum").with("axes", Attr::Ints(vec![-1])).with("keepdims", Attr::Bool(true));
            (product, backward.emit(sum, &[product]))
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
        let width = output.last().copied().unwrap_or(1).max(1);
        Some(Kernel::new("softmax_gradient", move |work: &mut Work<'_>| {
            let rows = work.inputs[0].chunks_exact(width).zip(work.inputs[1].chunks_exact(width));
            for ((gradient, y), to) in rows.zip(work.output.chunks_exact_mut(width)) {
                let mean: f32 = gradient.iter().zip(y).map(|(gradient, y)| gradient * y).sum();
                for ((to, gradient), y) in to.iter_mut().zip(gradient).zip(y) {
                    *to = y * (gradient - mean);
                }
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        let y = evaluate(&Op::new("softmax"), &[(&[2, 3], &[1.0, 2.0, 3.0, 1000.0, 1000.0, -1000.0])]);
        assert_close(&y, &[0.090_030_57, 0.244_728_47, 0.665_240_96, 0.5, 0.5, 0.0], 1e-7);
        check_gradients(&Op::new("softmax"), &[&[3, 5]]);
        check_gradients(&Op::new("softmax_gradient"), &[&[3, 5], &[3, 5]]);
    }
}
