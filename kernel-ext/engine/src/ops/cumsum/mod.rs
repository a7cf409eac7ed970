//! `cumsum`: the sum of all numbers so far along the attribute `axis` (-1 without it), from the end with
//! the attribute `reverse`.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&CumSum];

struct CumSum;

fn axis(op: &Op, rank: usize) -> Result<usize, Fault> {
    shapes::axis(op.int("axis").unwrap_or(-1), rank)
}

fn reverses(op: &Op) -> bool {
    matches!(op.attr("reverse"), Some(Attr::Bool(true)))
}

impl Operation for CumSum {
    fn name(&self) -> &'static str {
        "cumsum"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        let shape = shapes::same(inputs)?;
        axis(op, shape.rank())?;
        Ok(shape)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let op = Op::new("cumsum").with("axis", Attr::Int(backward.op.int("axis").unwrap_or(-1)));
        let op = op.with("reverse", Attr::Bool(!reverses(backward.op)));
        vec![Some(backward.emit(op, &[backward.output_gradient()]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let axis = axis(op, output.len()).ok()?;
        let (size, inner) = (output[axis], shapes::len(&output[axis + 1..]));
        let (block, reverse) = (size * inner, reverses(op));
        Some(Kernel::new("cumsum", move |work: &mut Work<'_>| {
            let (x, output) = (work.inputs[0], SharedSlice::new(work.output));
            work.pool.split(x.len() / block.max(1), 1, 2 * x.len() as u64, &|range| {
                for start in range.map(|index| index * block) {
                    // SAFETY: the blocks lie side by side, and each belongs to one part of the split.
                    add_up(&x[start..start + block], unsafe { output.range(start..start + block) }, inner, reverse);
                }
            });
        }))
    }
}

/// The sums of a block of slices of `inner` numbers.
fn add_up(x: &[f32], sums: &mut [f32], inner: usize, reverse: bool) {
    if inner == 1 {
        let mut total = 0.0;
        let pairs = sums.iter_mut().zip(x);
        let add = |(sum, number): (&mut f32, &f32)| {
            total += number;
            *sum = total;
        };
        return if reverse { pairs.rev().for_each(add) } else { pairs.for_each(add) };
    }
    sums.copy_from_slice(x);
    let len = x.len();
    for start in (inner..len).step_by(inner) {
        // The slice that is added to, and the one before it in the order of addition.
        let (earlier, later) = if reverse { (len - start, len - start - inner) } else { (start - inner, start) };
        for place in 0..inner {
            sums[later + place] += sums[earlier + place];
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let op = |axis, reverse| Op::new("cumsum").with("axis", Attr::Int(axis)).with("reverse", Attr::Bool(reverse));
        let x: (&[usize], &[f32]) = (&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let cases: [(i64, bool, [f32; 6]); 4] = [
            (-1, false, [1.0, 3.0, 6.0, 4.0, 9.0, 15.0]),
            (0, false, [1.0, 2.0, 3.0, 5.0, 7.0, 9.0]),
            (1, true, [6.0, 5.0, 3.0, 15.0, 11.0, 6.0]),
            (0, true, [5.0, 7.0, 9.0, 4.0, 5.0, 6.0]),
        ];
        for (axis, reverse, expected) in cases {
            assert_eq!(evaluate(&op(axis, reverse), &[x]), expected);
            check_gradients(&op(axis, reverse), &[&[2, 3, 2]]);
        }
    }
}
