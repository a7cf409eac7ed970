//! Copies between arrays that are walked through at different steps: slices, transposes, repetitions,
//! concatenations are each a copy of this kind.

use super::pool::{Pool, SharedSlice};
use super::simd::with_wide_vectors;
use std::ops::Range;

/// One of the two arrays: the place of the first number, and the step along each axis.
#[derive(Clone, Debug)]
pub struct Side {
    pub start: usize,
    pub steps: Vec<isize>,
}

impl Side {
    /// All of an array of this shape in row-major order.
    pub fn whole(shape: &[usize]) -> Self {
        let mut steps = vec![1; shape.len()];
        for axis in (1..shape.len()).rev() {
            steps[axis - 1] = steps[axis] * shape[axis] as isize;
        }
        Self { start: 0, steps }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Axis {
    size: usize,
    from: isize,
    to: isize,
}

/// The most axes of a copy, after those that are walked through alike are joined.
const MOST_AXES: usize = 16;

/// A copy of a block of numbers.
#[derive(Clone, Debug)]
pub struct BlockCopy {
    from: usize,
    to: usize,
    /// Slowest first.
    axes: Vec<Axis>,
}

/// The sides of the square tiles in which a transposing copy goes.
const TILE: usize = 8;

impl BlockCopy {
    /// A copy of `sizes` numbers along each axis, which must lie apart and in row-major order in `to`.
    pub fn new(sizes: &[usize], from: Side, to: Side) -> Self {
        let mut axes: Vec<Axis> = Vec::new();
        for (place, &size) in sizes.iter().enumerate().filter(|(_, size)| **size != 1) {
            let axis = Axis { size, from: from.steps[place], to: to.steps[place] };
            let whole = |step: isize| step * size as isize;
            match axes.last_mut() {
                Some(last) if last.from == whole(axis.from) && last.to == whole(axis.to) => {
                    *last = Axis { size: last.size * size, ..axis };
                }
                _ => axes.push(axis),
            }
        }
        assert!(axes.len() <= MOST_AXES, "a copy over {} axes", axes.len());
        let mut extent = 1;
        for axis in axes.iter().rev().filter(|axis| axis.size > 0) {
            assert!(axis.to >= extent, "the parts of a copy overlap");
            extent += axis.to * (axis.size as isize - 1);
        }
        Self { from: from.start, to: to.start, axes }
    }

    /// The transposes of so many row-major `rows` x `columns` matrices, one after the other.
    pub fn transposes(matrices: usize, rows: usize, columns: usize) -> Self {
        let steps = vec![(rows * columns) as isize, 1, columns as isize];
        let sizes = [matrices, columns, rows];
        Self::new(&sizes, Side { start: 0, steps }, Side::whole(&sizes))
    }

    /// How many numbers are copied.
    fn len(&self) -> usize {
        self.axes.iter().map(|axis| axis.size).product()
    }

    /// Copies, over threads.
    pub fn run(&self, from: &[f32], to: &mut [f32], pool: &Pool) {
        if self.len() == 0 {
            return;
        }
        let (to, cost) = (SharedSlice::new(to), 2 * self.len() as u64);
        let (row, outer) =
            self.axes.split_last().map_or((Axis { size: 1, from: 1, to: 1 }, &[][..]), |(row, outer)| (*row, outer));
        let contiguous = outer.iter().position(|axis| axis.from == 1);
        match contiguous {
            Some(column) if row.from != 1 && row.from != 0 && row.to == 1 => {
                let tiles = Tiles::new(self, outer, column, row);
                pool.split(tiles.count(), 1, cost, &|range| with_wide_vectors(|| tiles.copy(range, from, to)));
            }
            _ => {
                let rows = outer.iter().map(|axis| axis.size).product();
                pool.split(rows, 1, cost, &|range| with_wide_vectors(|| self.copy_rows(outer, row, range, from, to)));
            }
        }
    }

    #[inline(always)]
    fn copy_rows(&self, outer: &[Axis], row: Axis, rows: Range<usize>, from: &[f32], to: SharedSlice) {
        let mut walk = Walk::new(self, outer, rows.start);
        for _ in rows {
            let end = walk.to + row.to as usize * (row.size - 1) + 1;
            // SAFETY: rows lie apart, as `new` has seen, and each belongs to one part of the split.
            let numbers = unsafe { to.range(walk.to..end) };
            match (row.from, row.to) {
                (1, 1) => numbers.copy_from_slice(&from[walk.from..walk.from + row.size]),
                (0, 1) => numbers.fill(from[walk.from]),
                (step, _) => {
                    let mut place = walk.from as isize;
                    for number in numbers.iter_mut().step_by(row.to as usize) {
                        *number = from[place as usize];
                        place += step;
                    }
                }
            }
            walk.next(outer);
        }
    }
}

/// The places of one row after the other.
struct Walk {
    index: [usize; MOST_AXES],
    from: usize,
    to: usize,
}

impl Walk {
    fn new(copy: &BlockCopy, axes: &[Axis], mut row: usize) -> Self {
        let mut walk = Self { index: [0; MOST_AXES], from: copy.from, to: copy.to };
        for (place, axis) in axes.iter().enumerate().rev() {
            walk.index[place] = row % axis.size;
            row /= axis.size;
            walk.step(axis, walk.index[place] as isize);
        }
        walk
    }

    #[inline(always)]
    fn step(&mut self, axis: &Axis, count: isize) {
        self.from = self.from.wrapping_add_signed(axis.from * count);
        self.to = self.to.wrapping_add_signed(axis.to * count);
    }

    #[inline(always)]
    fn next(&mut self, axes: &[Axis]) {
        for (place, axis) in axes.iter().enumerate().rev() {
            self.index[place] += 1;
            self.step(axis, 1);
            if self.index[place] < axis.size {
                break;
            }
            self.step(axis, -(axis.size as isize));
            self.index[place] = 0;
        }
    }
}

/// A copy that is contiguous along one axis where it reads and along another where it writes.
struct Tiles<'a> {
    copy: &'a BlockCopy,
    /// The axes besides those two.
    outer: [Axis; MOST_AXES],
    outer_len: usize,
    /// Contiguous in `from`.
    column: Axis,
    /// Contiguous in `to`.
    row: Axis,
}

impl<'a> Tiles<'a> {
    fn new(copy: &'a BlockCopy, axes: &[Axis], column: usize, row: Axis) -> Self {
        let mut tiles =
            Self { copy, outer: [Axis::default(); MOST_AXES], outer_len: axes.len() - 1, column: axes[column], row };
        let others = axes.iter().enumerate().filter(|(place, _)| *place != column);
        tiles.outer.iter_mut().zip(others).for_each(|(to, (_, axis))| *to = *axis);
        tiles
    }

    fn strips(&self) -> usize {
        self.column.size.div_ceil(TILE)
    }

    /// How many strips of tiles there are, each as wide as a row.
    fn count(&self) -> usize {
        self.outer[..self.outer_len].iter().map(|axis| axis.size).product::<usize>() * self.strips()
    }

    #[inline(always)]
    fn copy(&self, strips: Range<usize>, from: &[f32], to: SharedSlice) {
        let outer = &self.outer[..self.outer_len];
        let mut walk = Walk::new(self.copy, outer, strips.start / self.strips());
        for strip in strips {
            let first = strip % self.strips() * TILE;
            self.copy_strip(&walk, first..(first + TILE).min(self.column.size), from, to);
            if first + TILE >= self.column.size {
                walk.next(outer);
            }
        }
    }

    #[inline(always)]
    fn copy_strip(&self, walk: &Walk, columns: Range<usize>, from: &[f32], to: SharedSlice) {
        let source = |row: usize| (walk.from as isize + columns.start as isize + row as isize * self.row.from) as usize;
        let target = |column: usize| walk.to + column * self.column.to as usize;
        let whole_rows = if columns.len() == TILE { self.row.size / TILE * TILE } else { 0 };
        for row in (0..whole_rows).step_by(TILE) {
            let mut tile = [[0.0; TILE]; TILE];
            for (offset, numbers) in tile.iter_mut().enumerate() {
                let place = source(row + offset);
                numbers.copy_from_slice(&from[place..place + TILE]);
            }
            for column in 0..TILE {
                let place = target(columns.start + column) + row;
                // SAFETY: the numbers of a strip lie apart from those of the others.
                let numbers = unsafe { to.range(place..place + TILE) };
                numbers.copy_from_slice(&tile.map(|numbers| numbers[column]));
            }
        }
        for column in columns.clone() {
            let place = target(column);
            // SAFETY: as above.
            let numbers = unsafe { to.range(place + whole_rows..place + self.row.size) };
            for (offset, number) in numbers.iter_mut().enumerate() {
                *number = from[source(whole_rows + offset) + column - columns.start];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockCopy, Side};
    use crate::cpu::Pool;
    use proptest::prelude::*;

    fn naive(sizes: &[usize], from: &Side, to: &Side, input: &[f32], output: &mut [f32]) {
        for number in 0..sizes.iter().product() {
            let (mut rest, mut at, mut put) = (number, from.start as isize, to.start as isize);
            for axis in (0..sizes.len()).rev() {
                let index = (rest % sizes[axis]) as isize;
                rest /= sizes[axis];
                at += index * from.steps[axis];
                put += index * to.steps[axis];
            }
            output[put as usize] = input[at as usize];
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 256 }))]

        #[test]
        fn any_permutation_slice_and_direction_is_copied(
            axes in proptest::collection::vec((1_usize..20, 0_u32..1000, any::<bool>(), 1_usize..3), 1..4),
        ) {
            // The axes in their order in `from`, sorted by random keys into that of `to`.
            let shape: Vec<usize> = axes.iter().map(|axis| axis.0).collect();
            let mut from = Side::whole(&shape);
            let mut order: Vec<usize> = (0..axes.len()).collect();
            order.sort_by_key(|&axis| axes[axis].1);
            for (axis, _) in axes.iter().enumerate().filter(|(_, axis)| axis.2) {
                from.start += from.steps[axis] as usize * (shape[axis] - 1);
                from.steps[axis] = -from.steps[axis];
            }
            let sizes: Vec<usize> = order.iter().map(|&axis| shape[axis]).collect();
            let from = Side { start: from.start, steps: order.iter().map(|&axis| from.steps[axis]).collect() };
            let spread: Vec<usize> = order.iter().map(|&axis| shape[axis] * axes[axis].3).collect();
            let mut to = Side::whole(&spread);
            to.steps.iter_mut().zip(&order).for_each(|(step, &axis)| *step *= axes[axis].3 as isize);
            let input: Vec<f32> = (0..shape.iter().product::<usize>()).map(|number| number as f32).collect();
            let mut expected = vec![-1.0; spread.iter().product()];
            let mut output = expected.clone();
            naive(&sizes, &from, &to, &input, &mut expected);
            BlockCopy::new(&sizes, from, to).run(&input, &mut output, &Pool::new(2));
            prop_assert_eq!(output, expected);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "an interpreter would take hours")]
    fn threads_share_rows_and_tiles() {
        let input: Vec<f32> = (0..1 << 19).map(|number| number as f32).collect();
        let whole = Side::whole(&[2, 512, 512]);
        for steps in [vec![1 << 18, 1, 512], vec![1 << 18, 512, 1], vec![1 << 18, 512, -1]] {
            let start = if steps[2] < 0 { 511 } else { 0 };
            let (from, mut expected, mut output) = (Side { start, steps }, vec![0.0; 1 << 19], vec![0.0; 1 << 19]);
            naive(&[2, 512, 512], &from, &whole, &input, &mut expected);
            BlockCopy::new(&[2, 512, 512], from, whole.clone()).run(&input, &mut output, &Pool::new(3));
            assert_eq!(output, expected);
        }
    }
}
