//! `sparsemax`: the point nearest to a row among all probability distributions: `max(x - t, 0)` along the
//! last axis, with the `t` for which the sum is 1 (Martins and Astudillo, 2016).

use super::rows::{RowFunction, by_rows};
use super::{Operation, Value, select, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Sparsemax];

#[derive(Clone, Copy)]
struct Sparsemax;

impl Operation for Sparsemax {
    fn name(&self) -> &'static str {
        "sparsemax"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        let shape = shapes::same(inputs)?;
        shapes::axis(-1, shape.rank())?;
        Ok(shape)
    }

    /// Among the numbers that are not 0 the gradient loses its mean; the others have none.
    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let zero = select::emit_number(backward, 0.0);
        let support = backward.emit(Op::new("greater"), &[backward.output(), zero]);
        let inside = backward.emit(Op::new("multiply"), &[backward.output_gradient(), support]);
        let sum = Op::new("sum").with("axes", Attr::Ints(vec![-1])).with("keepdims", Attr::Bool(true));
        let [total, count] = [inside, support].map(|value| backward.emit(sum.clone(), &[value]));
        let mean = backward.emit(Op::new("divide"), &[total, count]);
        let mean = backward.emit(Op::new("multiply"), &[mean, support]);
        vec![Some(backward.emit(Op::new("subtract"), &[inside, mean]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        Some(by_rows("sparsemax", output, Sparsemax))
    }
}

impl RowFunction<1> for Sparsemax {
    #[inline(always)]
    fn compute(self, [from]: [&[f32]; 1], to: &mut [f32]) {
        to.copy_from_slice(from);
        to.sort_unstable_by(|a, b| b.total_cmp(a));
        // The threshold of the largest numbers whose distances to the last of them sum up to less than 1.
        let (mut total, mut threshold) = (0.0, 0.0);
        for (place, &number) in to.iter().enumerate() {
            total += number;
            let count = (place + 1) as f32;
            if 1.0 + count * number <= total {
                break;
            }
            threshold = (total - 1.0) / count;
        }
        to.iter_mut().zip(from).for_each(|(to, from)| *to = (from - threshold).max(0.0));
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients_between, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        // By hand: of (1, 0.8, 0.1) the first two are kept, less 0.4; of (3, 0, 0) the first.
        let y = evaluate(&Op::new("sparsemax"), &[(&[2, 3], &[0.8, 0.1, 1.0, 0.0, 3.0, 0.0])]);
        assert_close(&y, &[0.4, 0.0, 0.6, 0.0, 1.0, 0.0], 1e-6);
        check_gradients_between(&Op::new("sparsemax"), &[&[3, 4]], 0.0..0.2);
        check_gradients_between(&Op::new("sparsemax"), &[&[2, 3]], -2.0..2.0);
    }
}
