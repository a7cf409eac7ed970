//! Maxima of windows.

use super::windows::{Windows, pooled};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use crate::ops::{Operation, Value};
use engine_api::{Op, Shape};

/// The names of the three ops over so many axes.
pub struct Names {
    axes: usize,
    pool: &'static str,
    gradient: &'static str,
    pick: &'static str,
}

pub static SEQUENCES: Names =
    Names { axes: 1, pool: "max_pool1d", gradient: "max_pool1d_gradient", pick: "max_pool1d_pick" };
pub static IMAGES: Names =
    Names { axes: 2, pool: "max_pool2d", gradient: "max_pool2d_gradient", pick: "max_pool2d_pick" };

/// An op of the family with the window of another one.
fn sibling(op: &Op, name: &str) -> Op {
    Op { name: name.into(), attrs: op.attrs.clone() }
}

pub struct Max {
    pub names: &'static Names,
}

impl Operation for Max {
    fn name(&self) -> &'static str {
        self.names.pool
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        pooled(op, self.names.axes, &inputs[0])
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        vec![Some(backward.emit(sibling(backward.op, self.names.gradient), &[x, gradient]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let windows = Windows::of(op, self.names.axes, inputs[0], output)?;
        let ([from_len, to_len], channels) = (windows.sample_lens(), windows.channels);
        Some(Kernel::new("max pool", move |work: &mut Work<'_>| {
            let (x, y) = (work.inputs[0], SharedSlice::new(work.output));
            work.pool.split(windows.batch, 1, 2 * (windows.batch * from_len) as u64, &|samples| {
                for sample in samples {
                    let x = &x[sample * from_len..(sample + 1) * from_len];
                    // SAFETY: samples belong to one part each.
                    let y = unsafe { y.range(sample * to_len..(sample + 1) * to_len) };
                    with_wide_vectors(|| {
                        windows.for_each(|place, cells| {
                            let to = &mut y[place..place + channels];
                            to.fill(f32::NEG_INFINITY);
                            for cell in windows.places(cells) {
                                for (to, &number) in to.iter_mut().zip(&x[cell..cell + channels]) {
                                    // Unlike `max`, this keeps a number that is none.
                                    *to = if *to > number { *to } else { number };
                                }
                            }
                        });
                    });
                }
            });
        }))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        inputs[0].iter().product::<usize>() as u64
    }
}

/// From the pooled array and what belongs to its windows, to the places of the maxima.
pub struct Gradient {
    pub names: &'static Names,
}

/// The place of the first of the largest numbers of each channel among the cells of a window.
#[inline(always)]
fn first_largest(x: &[f32], cells: impl Iterator<Item = usize>, channels: usize, best: &mut [f32], places: &mut [f32]) {
    best.fill(f32::NEG_INFINITY);
    for (number, cell) in cells.enumerate() {
        let candidates = x[cell..cell + channels].iter();
        for ((best, place), &candidate) in best.iter_mut().zip(places.iter_mut()).zip(candidates) {
            let better = number == 0 || candidate > *best;
            *best = if better { candidate } else { *best };
            *place = if better { number as f32 } else { *place };
        }
    }
}

/// Two rows of channels of working memory for each thread.
fn scratch(channels: usize) -> usize {
    2 * channels * crate::cpu::Pool::global().threads()
}

impl Operation for Gradient {
    fn name(&self) -> &'static str {
        self.names.gradient
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        pooled(op, self.names.axes, &inputs[0])?;
        Ok(inputs[0].clone())
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 1
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        vec![None, Some(backward.emit(sibling(backward.op, self.names.pick), &[x, gradient]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let windows = Windows::of(op, self.names.axes, inputs[0], inputs[1])?;
        Some(over_windows("max pool gradient", windows, |gradients, to, place, cells, places| {
            for (number, cell) in cells.enumerate() {
                let gradients = gradients[place..].iter().zip(places);
                for (to, (gradient, &chosen)) in to[cell..cell + places.len()].iter_mut().zip(gradients) {
                    *to += if chosen == number as f32 { *gradient } else { 0.0 };
                }
            }
        }))
    }
}

/// From two arrays of one shape: what the second has where the windows of the first have their maxima.
pub struct Pick {
    pub names: &'static Names,
}

impl Operation for Pick {
    fn name(&self) -> &'static str {
        self.names.pick
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        crate::ops::shapes::all_same(inputs, 2)?;
        pooled(op, self.names.axes, &inputs[0])
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 1
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        vec![None, Some(backward.emit(sibling(backward.op, self.names.gradient), &[x, gradient]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let windows = Windows::of(op, self.names.axes, inputs[0], output)?;
        Some(over_windows("max pool pick", windows, |numbers, to, place, cells, places| {
            for (number, cell) in cells.enumerate() {
                let to = to[place..].iter_mut().zip(places);
                for ((to, &chosen), from) in to.zip(&numbers[cell..cell + places.len()]) {
                    *to += if chosen == number as f32 { *from } else { 0.0 };
                }
            }
        }))
    }
}

/// A kernel that finds the maxima of the first input and moves numbers between the second input and
/// the output, which is 0 at first: `visit(second, output, place of the window, cells, chosen cells)`.
fn over_windows(
    name: &'static str,
    windows: Windows,
    visit: impl Fn(&[f32], &mut [f32], usize, &mut dyn Iterator<Item = usize>, &[f32]) + Copy + Send + Sync + 'static,
) -> Kernel {
    let ([x_len, _], channels) = (windows.sample_lens(), windows.channels);
    let kernel = Kernel::new(name, move |work: &mut Work<'_>| {
        let (x, second) = (work.inputs[0], work.inputs[1]);
        let (second_len, to_len) = (second.len() / windows.batch.max(1), work.output.len() / windows.batch.max(1));
        let (output, scratch) = (SharedSlice::new(work.output), SharedSlice::new(work.scratch));
        work.pool.split_parts(windows.batch, 1, 4 * (windows.batch * x_len) as u64, &|part, samples| {
            // SAFETY: each part has working memory of its own.
            let (best, places) = unsafe { scratch.range(2 * part * channels..2 * (part + 1) * channels) }.split_at_mut(channels);
            for sample in samples {
                let x = &x[sample * x_len..(sample + 1) * x_len];
                let second = &second[sample * second_len..(sample + 1) * second_len];
                // SAFETY: samples belong to one part each.
                let to = unsafe { output.range(sample * to_len..(sample + 1) * to_len) };
                with_wide_vectors(|| {
                    to.fill(0.0);
                    windows.for_each(|place, cells| {
                        first_largest(x, windows.places(cells.clone()), channels, best, places);
                        visit(second, to, place, &mut windows.places(cells), places);
                    });
                });
            }
        });
    });
    kernel.with_scratch(scratch(channels))
}
