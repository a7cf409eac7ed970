//! Ops that reduce axes to one number each group: sums, extremes, products.

use super::{Operation, Value, shapes, sum};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::{WideWork, run_wide};
use crate::cpu::{Kernel, Pool, Work, math};
use crate::fault::Fault;
use engine_api::{Op, Shape};
use std::ops::Range;

/// How the numbers of a group become one.
pub trait Fold: Copy + Send + Sync + 'static {
    /// What a group without numbers becomes.
    const START: f32;
    /// The total with one more number; `pivot` is the group's own constant.
    fn step(self, total: f32, number: f32, pivot: f32) -> f32;
    /// The total of two parts of a group.
    fn join(self, a: f32, b: f32) -> f32;
}

/// Adds up a function of each number and its group's pivot.
#[derive(Clone, Copy)]
pub struct SumOf<F>(pub F);

impl<F: Fn(f32, f32) -> f32 + Copy + Send + Sync + 'static> Fold for SumOf<F> {
    const START: f32 = 0.0;
    #[inline(always)]
    fn step(self, total: f32, number: f32, pivot: f32) -> f32 {
        total + (self.0)(number, pivot)
    }
    #[inline(always)]
    fn join(self, a: f32, b: f32) -> f32 {
        a + b
    }
}

/// Several axes that are walked through together, slowest first: sizes and steps.
#[derive(Clone, Debug, Default)]
struct Axes(Vec<(usize, usize)>);

impl Axes {
    fn count(&self) -> usize {
        self.0.iter().map(|(size, _)| size).product()
    }

    /// How far place number `index` lies from the first.
    fn offset(&self, index: usize) -> usize {
        offset(&self.0, index)
    }
}

fn offset(axes: &[(usize, usize)], mut index: usize) -> usize {
    let mut offset = 0;
    for &(size, step) in axes.iter().rev() {
        offset += index % size * step;
        index /= size;
    }
    offset
}

/// Adds up `exp(number - pivot)`.
#[derive(Clone, Copy)]
pub struct SumOfExponentials;

impl Fold for SumOfExponentials {
    const START: f32 = 0.0;
    #[inline(always)]
    fn step(self, total: f32, number: f32, pivot: f32) -> f32 {
        total + math::exp(number - pivot)
    }
    #[inline(always)]
    fn join(self, a: f32, b: f32) -> f32 {
        a + b
    }
}

/// Where the numbers of each group lie: the innermost run of axes is contiguous and either kept or
/// reduced as a whole; the runs outside of it are kept or reduced.
#[derive(Clone, Debug)]
pub struct Groups {
    kept: Axes,
    reduced: Axes,
    run: usize,
    run_is_reduced: bool,
}

impl Groups {
    /// The groups of an array of `shape` that is reduced to `kept`, which has 1 on each reduced axis.
    pub fn new(shape: &[usize], kept: &[usize]) -> Self {
        let mut runs: Vec<(usize, bool)> = Vec::new();
        for (&size, &kept) in shape.iter().zip(kept).filter(|(size, _)| **size != 1) {
            let is_reduced = size != kept;
            match runs.last_mut() {
                Some((run, reduced)) if *reduced == is_reduced => *run *= size,
                _ => runs.push((size, is_reduced)),
            }
        }
        let (run, run_is_reduced) = runs.pop().unwrap_or((1, false));
        let mut groups = Self { kept: Axes::default(), reduced: Axes::default(), run, run_is_reduced };
        let mut step = run;
        for (size, is_reduced) in runs.into_iter().rev() {
            let axes = if is_reduced { &mut groups.reduced } else { &mut groups.kept };
            axes.0.insert(0, (size, step));
            step *= size;
        }
        groups
    }

    /// How many numbers go in.
    pub fn len(&self) -> usize {
        self.kept.count() * self.reduced.count() * self.run
    }

    /// Reduces each group of `input` to a number of `output`; `pivots` has one number a group, or none.
    pub fn fold<F: Fold>(&self, fold: F, input: &[f32], pivots: Option<&[f32]>, output: &mut [f32], pool: &Pool) {
        let (output, cost) = (SharedSlice::new(output), self.len() as u64);
        // SAFETY: the ranges of a split do not overlap.
        let part = |range: Range<usize>| unsafe { output.range(range) };
        if self.run_is_reduced {
            return pool.split(self.kept.count(), 16, cost, &|rows| {
                run_wide(Runs { groups: self, fold, input, pivots, first: rows.start, totals: part(rows) });
            });
        }
        let columns = |row: usize, columns: Range<usize>| {
            let totals = part(row * self.run + columns.start..row * self.run + columns.end);
            run_wide(Columns { groups: self, fold, input, pivots, row, column: columns.start, totals });
        };
        if self.kept.0.is_empty() {
            pool.split(self.run, 16, cost, &|range| columns(0, range));
        } else {
            pool.split(self.kept.count(), 1, cost, &|rows| rows.for_each(|row| columns(row, 0..self.run)));
        }
    }

    /// The kernel that reduces its only input.
    pub fn into_kernel<F: Fold>(self, name: &'static str, fold: F) -> Kernel {
        Kernel::new(name, move |work: &mut Work<'_>| {
            self.fold(fold, work.inputs[0], None, work.output, work.pool);
        })
    }
}

/// The innermost run is reduced: one total a row, from row `first` on.
struct Runs<'a, F> {
    groups: &'a Groups,
    fold: F,
    input: &'a [f32],
    pivots: Option<&'a [f32]>,
    first: usize,
    totals: &'a mut [f32],
}

impl<F: Fold> WideWork for Runs<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Groups { kept, reduced, run, .. } = self.groups;
        let parts = reduced.count();
        for (row, total) in (self.first..).zip(self.totals) {
            let (start, pivot) = (kept.offset(row), self.pivots.map_or(0.0, |pivots| pivots[row]));
            *total = F::START;
            for part in 0..parts {
                let at = start + reduced.offset(part);
                *total = self.fold.join(*total, fold_run(self.fold, &self.input[at..at + run], pivot));
            }
        }
    }
}

/// The innermost run is kept: its numbers are folded into the totals of some columns of a row.
struct Columns<'a, F> {
    groups: &'a Groups,
    fold: F,
    input: &'a [f32],
    pivots: Option<&'a [f32]>,
    row: usize,
    /// The first column.
    column: usize,
    totals: &'a mut [f32],
}

impl<F: Fold> WideWork for Columns<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self { groups, fold, totals, .. } = self;
        totals.fill(F::START);
        let start = groups.kept.offset(self.row) + self.column;
        let first = self.row * groups.run + self.column;
        let pivots = self.pivots.map(|pivots| &pivots[first..first + totals.len()]);
        // Many short rows: their totals stay in registers, a block of columns after the other.
        if pivots.is_none() && groups.reduced.count() >= totals.len() {
            let rows = Rows { axes: &groups.reduced, input: self.input };
            for (block, totals) in totals.chunks_mut(LANES).enumerate() {
                match <&mut [f32; LANES]>::try_from(&mut *totals) {
                    Ok(totals) => {
                        let mut sums = *totals;
                        rows.fold_into(fold, &mut sums, start + block * LANES);
                        *totals = sums;
                    }
                    Err(_) => rows.fold_into(fold, totals, start + block * LANES),
                }
            }
            return;
        }
        for part in 0..groups.reduced.count() {
            let at = start + groups.reduced.offset(part);
            let numbers = &self.input[at..at + totals.len()];
            match pivots {
                None => totals.iter_mut().zip(numbers).for_each(|(total, &x)| *total = fold.step(*total, x, 0.0)),
                Some(pivots) => {
                    for ((total, &number), &pivot) in totals.iter_mut().zip(numbers).zip(pivots) {
                        *total = fold.step(*total, number, pivot);
                    }
                }
            }
        }
    }
}

/// The rows of a group: one for each place of the reduced axes.
struct Rows<'a> {
    axes: &'a Axes,
    input: &'a [f32],
}

impl Rows<'_> {
    /// Folds what lies in each row from `start` on into as many totals.
    #[inline(always)]
    fn fold_into<F: Fold>(&self, fold: F, totals: &mut [f32], start: usize) {
        let ((size, step), outer) = self.axes.0.split_last().map_or(((1, 0), &[][..]), |(last, outer)| (*last, outer));
        for place in 0..outer.iter().map(|(size, _)| size).product() {
            let mut at = start + offset(outer, place);
            for _ in 0..size {
                let row = &self.input[at..at + totals.len()];
                totals.iter_mut().zip(row).for_each(|(total, &number)| *total = fold.step(*total, number, 0.0));
                at += step;
            }
        }
    }
}

/// How many partial totals a run is folded into, so that vectors can be used.
const LANES: usize = 32;

/// Folds numbers that lie side by side.
#[inline(always)]
pub fn fold_run<F: Fold>(fold: F, numbers: &[f32], pivot: f32) -> f32 {
    if numbers.len() < LANES {
        return numbers.iter().fold(F::START, |total, &number| fold.step(total, number, pivot));
    }
    let mut totals = [F::START; LANES];
    let (blocks, rest) = numbers.as_chunks::<LANES>();
    for block in blocks {
        for (total, &number) in totals.iter_mut().zip(block) {
            *total = fold.step(*total, number, pivot);
        }
    }
    for (total, &number) in totals.iter_mut().zip(rest) {
        *total = fold.step(*total, number, pivot);
    }
    let mut count = LANES;
    while count > 1 {
        count /= 2;
        for lane in 0..count {
            totals[lane] = fold.join(totals[lane], totals[lane + count]);
        }
    }
    totals[0]
}

/// An op that reduces the axes in the attribute `axes` (all without it) of its only input, and keeps
/// them with size 1 if `keepdims`.
pub struct Reduction<F> {
    pub name: &'static str,
    pub fold: F,
    /// Writes the gradient with respect to the input.
    pub gradient: fn(&mut Backward) -> Value,
}

impl<F: Fold> Operation for Reduction<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        sum::reduced(op, inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        vec![Some((self.gradient)(backward))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(sum::groups(op, inputs[0]).into_kernel(self.name, self.fold))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        shapes::len(inputs[0]) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{Groups, SumOf};
    use crate::cpu::Pool;
    use crate::ops::broadcasting::{strides, walk};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn groups_of_any_axes_are_complete(axes in proptest::collection::vec((1_usize..6, any::<bool>()), 0..6)) {
            let shape: Vec<usize> = axes.iter().map(|(size, _)| *size).collect();
            let kept: Vec<usize> = axes.iter().map(|&(size, keep)| if keep { size } else { 1 }).collect();
            // Small whole numbers, whose sums are exact in any order.
            let input: Vec<f32> = (0..shape.iter().product::<usize>()).map(|place| (place * 7 % 13) as f32).collect();
            let pivots: Vec<f32> = (0..kept.iter().product::<usize>()).map(|place| place as f32).collect();
            let mut expected = vec![0.0; pivots.len()];
            let mut numbers = input.iter();
            walk(&shape, [&strides(&kept, &shape)], |[at]| expected[at] += numbers.next().unwrap() * pivots[at]);
            let mut output = vec![f32::NAN; pivots.len()];
            let fold = SumOf(|number: f32, pivot: f32| number * pivot);
            Groups::new(&shape, &kept).fold(fold, &input, Some(&pivots), &mut output, &Pool::new(2));
            prop_assert_eq!(output, expected);
        }
    }

    #[test]
    fn threads_do_not_change_a_single_bit() {
        let numbers: Vec<f32> = (0..1 << 20).map(|place| (place as f32).sin()).collect();
        for kept in [[1024, 1, 1], [1, 1, 64], [1024, 1, 64], [1, 16, 1]] {
            let sum = |threads| {
                let mut output = vec![0.0; kept.iter().product()];
                let groups = Groups::new(&[1024, 16, 64], &kept);
                groups.fold(SumOf(|number, _| number), &numbers, None, &mut output, &Pool::new(threads));
                output
            };
            assert_eq!(sum(1), sum(3));
        }
    }
}
