//! Ops on several inputs of which some are stretched, with NumPy's broadcasting.

use super::elementwise::{COST, Map, Pointwise, binary, inputs_of};
use super::{Operation, Value, shapes, sum_to};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::{WideWork, run_wide};
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};
use std::sync::Arc;

/// An op that applies one function to every pair of numbers of two inputs, with NumPy's broadcasting.
pub struct Binary<F> {
    pub name: &'static str,
    pub function: F,
    /// Writes the gradients with respect to both inputs as if nothing were stretched; without it the op
    /// is a step function, through which no gradient flows.
    pub gradient: Option<fn(&mut Backward) -> [Value; 2]>,
}

impl<F: Fn(f32, f32) -> f32 + Copy + Send + Sync + 'static> Operation for Binary<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        shapes::broadcast(&inputs[0], &inputs[1])
    }

    fn differentiable(&self, _: usize) -> bool {
        self.gradient.is_some()
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let Some(gradient) = self.gradient else { return vec![None; 2] };
        let [to_a, to_b] = gradient(backward);
        let (a, b) = (backward.input(0), backward.input(1));
        vec![Some(sum_to::reduce(backward, to_a, a)), Some(sum_to::reduce(backward, to_b, b))]
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let f = self.function;
        if inputs[0] == inputs[1] {
            return Some(binary(self.name, f));
        }
        Some(Broadcast::new([inputs[0], inputs[1]], output).into_kernel(self.name, move |[a, b]: [f32; 2]| f(a, b)))
    }
}

/// How `N` inputs are stretched to one output: axes that all inputs step through alike are joined, so
/// that the last one is a row along which each input is contiguous or a single number.
pub struct Broadcast<const N: usize> {
    /// Sizes and each input's steps, slowest first.
    outer: Vec<(usize, [usize; N])>,
    row: usize,
    /// Which inputs are a single number along a row.
    is_constant: [bool; N],
    /// Whether the first input is as large as the output.
    first_is_whole: bool,
}

/// So many numbers of a row are treated at once.
const CHUNK: usize = 256;

impl<const N: usize> Broadcast<N> {
    pub fn new(inputs: [&[usize]; N], output: &[usize]) -> Self {
        let all = inputs.map(|shape| strides(shape, output));
        let mut axes: Vec<(usize, [usize; N])> = Vec::new();
        for (axis, &size) in output.iter().enumerate().filter(|(_, size)| **size != 1) {
            let steps: [usize; N] = std::array::from_fn(|input| all[input][axis]);
            match axes.last_mut() {
                Some(last) if (0..N).all(|input| last.1[input] == steps[input] * size) => {
                    *last = (last.0 * size, steps)
                }
                _ => axes.push((size, steps)),
            }
        }
        let (row, steps) = axes.pop().unwrap_or((1, [1; N]));
        let first_is_whole = shapes::len(inputs[0]) == shapes::len(output);
        Self { outer: axes, row, is_constant: steps.map(|step| step == 0), first_is_whole }
    }

    /// Where each input begins in row number `row`.
    fn starts(&self, mut row: usize) -> [usize; N] {
        let mut starts = [0; N];
        for (size, steps) in self.outer.iter().rev() {
            let index = row % size;
            row /= size;
            starts.iter_mut().zip(steps).for_each(|(start, step)| *start += index * step);
        }
        starts
    }

    /// The kernel `output = function(inputs)`.
    pub fn into_kernel(self, name: &'static str, function: impl Pointwise<N>) -> Kernel {
        let broadcast = Arc::new(self);
        let in_place = broadcast.first_is_whole.then(|| Arc::clone(&broadcast));
        let kernel = Kernel::new(name, move |work: &mut Work<'_>| broadcast.run::<_, false>(function, work));
        match in_place {
            Some(broadcast) => {
                kernel.with_in_place(move |work: &mut Work<'_>| broadcast.run::<_, true>(function, work))
            }
            None => kernel,
        }
    }

    /// With `IN_PLACE` the first input is the output, and `work` has the others only.
    fn run<P: Pointwise<N>, const IN_PLACE: bool>(&self, function: P, work: &mut Work<'_>) {
        let inputs = inputs_of::<N, IN_PLACE>(work);
        let (len, output) = (work.output.len(), SharedSlice::new(work.output));
        work.pool.split(len, 1024, COST * len as u64, &|range| {
            // SAFETY: the ranges of a split do not overlap.
            let part = unsafe { output.range(range.clone()) };
            run_wide(Rows::<P, N, IN_PLACE> { broadcast: self, function, inputs, first: range.start, output: part });
        });
    }
}

/// The part of an output that begins at place `first`.
struct Rows<'a, P, const N: usize, const IN_PLACE: bool> {
    broadcast: &'a Broadcast<N>,
    function: P,
    inputs: [&'a [f32]; N],
    first: usize,
    output: &'a mut [f32],
}

impl<P: Pointwise<N>, const N: usize, const IN_PLACE: bool> WideWork for Rows<'_, P, N, IN_PLACE> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Broadcast { row: width, is_constant, .. } = *self.broadcast;
        let mut constants = [[0.0; CHUNK]; N];
        let (mut row, mut column) = (self.first / width.max(1), self.first % width.max(1));
        let mut output = self.output;
        let read = usize::from(IN_PLACE)..N;
        while !output.is_empty() {
            let starts = self.broadcast.starts(row);
            let (mut rest, after) = output.split_at_mut((width - column).min(output.len()));
            for input in read.clone().filter(|&input| is_constant[input]) {
                constants[input][..rest.len().min(CHUNK)].fill(self.inputs[input][starts[input]]);
            }
            while !rest.is_empty() {
                let (chunk, later) = rest.split_at_mut(rest.len().min(CHUNK));
                let inputs = std::array::from_fn(|input| {
                    let start = starts[input] + column;
                    match (read.contains(&input), is_constant[input]) {
                        (false, _) => [].as_slice(),
                        (true, true) => &constants[input][..chunk.len()],
                        (true, false) => &self.inputs[input][start..start + chunk.len()],
                    }
                });
                column += chunk.len();
                Map::<P, N, IN_PLACE> { function: self.function, inputs, output: chunk }.run();
                rest = later;
            }
            (output, row, column) = (after, row + 1, 0);
        }
    }
}

/// How far to step in an array of `shape` for one step along each axis of `output`; 0 where it is
/// stretched.
pub fn strides(shape: &[usize], output: &[usize]) -> Vec<usize> {
    let mut strides = vec![0; output.len()];
    let missing = output.len() - shape.len();
    let mut step = 1;
    for axis in (0..shape.len()).rev() {
        strides[missing + axis] = if shape[axis] == 1 { 0 } else { step };
        step *= shape[axis];
    }
    strides
}

/// Visits every place of an array of `sizes` in row-major order, and with it the places of other
/// arrays that are stepped through by their strides.
pub fn walk<const N: usize>(sizes: &[usize], strides: [&[usize]; N], mut visit: impl FnMut([usize; N])) {
    let mut index = vec![0; sizes.len()];
    let mut at = [0; N];
    for _ in 0..sizes.iter().product() {
        visit(at);
        for axis in (0..sizes.len()).rev() {
            index[axis] += 1;
            for (at, strides) in at.iter_mut().zip(strides) {
                *at += strides[axis];
            }
            if index[axis] < sizes[axis] {
                break;
            }
            for (at, strides) in at.iter_mut().zip(strides) {
                *at -= strides[axis] * sizes[axis];
            }
            index[axis] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Broadcast, strides, walk};
    use crate::cpu::{Moment, Pool, Work};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stretched_inputs_are_read_at_the_right_places(
            axes in proptest::collection::vec((1_usize..6, any::<bool>(), any::<bool>()), 0..5),
            missing in 0_usize..3,
        ) {
            let output: Vec<usize> = axes.iter().map(|axis| axis.0).collect();
            let a: Vec<usize> = axes.iter().map(|&(size, stretch, _)| if stretch { 1 } else { size }).collect();
            let b: Vec<usize> = axes.iter().map(|&(size, _, stretch)| if stretch { 1 } else { size }).collect();
            let b = &b[missing.min(b.len())..];
            let numbers: Vec<f32> = (0..6_usize.pow(5)).map(|place| place as f32).collect();
            let mut expected = Vec::new();
            walk(&output, [&strides(&a, &output), &strides(b, &output)], |[at_a, at_b]| {
                expected.push(numbers[at_a] - 0.5 * numbers[at_b]);
            });
            let kernel = Broadcast::new([&a, b], &output).into_kernel("test", |[a, b]: [f32; 2]| a - 0.5 * b);
            let mut computed = vec![f32::NAN; expected.len()];
            let (pool, inputs, output) = (Pool::new(1), &[numbers.as_slice(); 2], &mut computed);
            kernel.run(&mut Work { inputs, output, scratch: &mut [], moment: Moment::default(), pool: &pool });
            prop_assert_eq!(computed, expected);
        }
    }
}
