//! `gather`: rows of a table. Inputs: the table (rows, ...) and whole numbers of any shape, of which each
//! becomes its row; output: the shape of the numbers and then that of a row. Negative numbers count from
//! the end. A number without a row becomes NaN and passes no gradient on, as in JAX.
//!
//! `gather_gradient`: adds the gradient of each row to its place in a table of zeros with the attribute
//! `shape`. Inputs: the gradients and the numbers.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Gather, &GatherGradient];

struct Gather;

/// The row that a number means, among so many.
fn row(number: f32, rows: usize) -> Option<usize> {
    let place = number.trunc() as i64;
    let from_front = if place < 0 { place + rows as i64 } else { place };
    usize::try_from(from_front).ok().filter(|&place| place < rows && !number.is_nan())
}

impl Operation for Gather {
    fn name(&self) -> &'static str {
        "gather"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        let (table, numbers) = (&inputs[0], &inputs[1]);
        match table.0.split_first() {
            Some((_, row)) => Ok(Shape(numbers.0.iter().chain(row).copied().collect())),
            None => Err(Fault::new("a scalar has no rows to gather", "shape (rows, ...)")),
        }
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 0
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (table, numbers, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
        let shape = shapes::to_attribute(&backward.shape(table));
        vec![Some(backward.emit(Op::new("gather_gradient").with("shape", shape), &[gradient, numbers])), None]
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let (rows, width) = (inputs[0][0], shapes::len(&inputs[0][1..]));
        Some(Kernel::new("gather", move |work: &mut Work<'_>| {
            let (table, numbers, len) = (work.inputs[0], work.inputs[1], work.output.len() as u64);
            let output = SharedSlice::new(work.output);
            work.pool.split(numbers.len(), 1, 2 * len, &|range| {
                for place in range {
                    // SAFETY: each number has its own part of the output and belongs to one part of the split.
                    let to = unsafe { output.range(place * width..(place + 1) * width) };
                    match row(numbers[place], rows) {
                        Some(row) => to.copy_from_slice(&table[row * width..(row + 1) * width]),
                        None => to.fill(f32::NAN),
                    }
                }
            });
        }))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

struct GatherGradient;

impl Operation for GatherGradient {
    fn name(&self) -> &'static str {
        "gather_gradient"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        shapes::attribute(op)
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 0
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, numbers) = (backward.output_gradient(), backward.input(1));
        vec![Some(backward.emit(Op::new("gather"), &[incoming, numbers])), None]
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let (rows, width, cost) = (output[0], shapes::len(&output[1..]), 2 * shapes::len(inputs[0]) as u64);
        Some(Kernel::new("gather gradient", move |work: &mut Work<'_>| {
            let (gradients, numbers) = (work.inputs[0], work.inputs[1]);
            let table = SharedSlice::new(work.output);
            // Each thread owns rows of the table and looks at all numbers in their order.
            work.pool.split(rows, 1, cost, &|range| {
                // SAFETY: the ranges of a split do not overlap.
                let own = unsafe { table.range(range.start * width..range.end * width) };
                own.fill(0.0);
                with_wide_vectors(|| {
                    for (place, &number) in numbers.iter().enumerate() {
                        let Some(row) = row(number, rows).filter(|row| range.contains(row)) else { continue };
                        let totals = &mut own[(row - range.start) * width..][..width];
                        let gradient = &gradients[place * width..][..width];
                        totals.iter_mut().zip(gradient).for_each(|(total, number)| *total += number);
                    }
                });
            });
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, evaluate, gradient_at};
    use engine_api::{Attr, Op};

    const TABLE: (&[usize], &[f32]) = (&[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);

    #[test]
    fn rows_and_numbers_without_rows() {
        let numbers: (&[usize], &[f32]) = (&[3, 2], &[2.0, 0.0, -1.0, -4.0, 3.0, f32::NAN]);
        let nan = f32::NAN;
        let expected = [5.0, 6.0, 1.0, 2.0, 5.0, 6.0, nan, nan, nan, nan, nan, nan];
        assert_close(&evaluate(&Op::new("gather"), &[TABLE, numbers]), &expected, 0.0);
    }

    #[test]
    fn gradients_add_up_at_their_rows() {
        let numbers: (&[usize], &[f32]) = (&[4], &[2.0, 0.0, 2.0, 7.0]);
        assert_eq!(gradient_at(&Op::new("gather"), &[TABLE, numbers], 0), [1.0, 1.0, 0.0, 0.0, 2.0, 2.0]);
        let op = Op::new("gather_gradient").with("shape", Attr::Ints(vec![3, 2]));
        let gradients: (&[usize], &[f32]) = (&[4, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert_eq!(evaluate(&op, &[gradients, numbers]), [3.0, 4.0, 0.0, 0.0, 6.0, 8.0]);
        let back = gradient_at(&op, &[gradients, numbers], 0);
        assert_close(&back, &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, f32::NAN, f32::NAN], 0.0);
    }
}
