//! Maxima of windows.

use super::windows::{Pass, Seen, Windows, each_cell, kernel, lanes, lanes_mut, pooled};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
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
        Some(kernel::<Maxima, 1>("max pool", Windows::of(op, self.names.axes, inputs[0], output)?))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        inputs[0].iter().product::<usize>() as u64
    }
}

/// From the pooled array and what belongs to its windows, to the places of the maxima.
pub struct Gradient {
    pub names: &'static Names,
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
        Some(kernel::<Spread, 2>("max pool gradient", Windows::of(op, self.names.axes, inputs[0], inputs[1])?))
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
        Some(kernel::<Collect, 2>("max pool pick", Windows::of(op, self.names.axes, inputs[0], output)?))
    }
}

/// From the cells of windows to their maxima.
struct Maxima;

impl Pass<1> for Maxima {
    #[inline(always)]
    fn window<const LANES: usize>(
        windows: &Windows,
        seen: &Seen,
        channel: usize,
        [x]: [&[f32]; 1],
        output: &mut [f32],
    ) {
        let mut best = [f32::NEG_INFINITY; LANES];
        each_cell!(windows, seen, channel, |_cell, place| {
            let numbers = lanes::<LANES>(x, place);
            for lane in 0..LANES {
                // Unlike `max`, this keeps a number that is none.
                best[lane] = if best[lane] > numbers[lane] { best[lane] } else { numbers[lane] };
            }
        });
        *lanes_mut(output, seen.place + channel) = best;
    }
}

/// Which cell of a window is the first that holds the maximum, for each channel.
#[inline(always)]
fn chosen<const LANES: usize>(windows: &Windows, seen: &Seen, channel: usize, x: &[f32]) -> [i32; LANES] {
    let (mut best, mut chosen) = ([f32::NEG_INFINITY; LANES], [0; LANES]);
    each_cell!(windows, seen, channel, |cell, place| {
        let numbers = lanes::<LANES>(x, place);
        for lane in 0..LANES {
            let better = numbers[lane] > best[lane];
            best[lane] = if better { numbers[lane] } else { best[lane] };
            chosen[lane] = if better { cell } else { chosen[lane] };
        }
    });
    chosen
}

/// Adds the channels that have chosen this cell.
#[inline(always)]
fn add_chosen<const LANES: usize>(from: &[f32; LANES], to: &mut [f32; LANES], chosen: &[i32; LANES], cell: i32) {
    for lane in 0..LANES {
        to[lane] += if chosen[lane] == cell { from[lane] } else { 0.0 };
    }
}

/// From windows to their chosen cells.
struct Spread;

impl Pass<2> for Spread {
    #[inline(always)]
    fn window<const LANES: usize>(
        windows: &Windows,
        seen: &Seen,
        channel: usize,
        [x, gradients]: [&[f32]; 2],
        output: &mut [f32],
    ) {
        let chosen = chosen::<LANES>(windows, seen, channel, x);
        let from = lanes(gradients, seen.place + channel);
        each_cell!(windows, seen, channel, |cell, place| add_chosen(from, lanes_mut(output, place), &chosen, cell));
    }
}

/// From chosen cells to their windows.
struct Collect;

impl Pass<2> for Collect {
    #[inline(always)]
    fn window<const LANES: usize>(
        windows: &Windows,
        seen: &Seen,
        channel: usize,
        [x, numbers]: [&[f32]; 2],
        output: &mut [f32],
    ) {
        let chosen = chosen::<LANES>(windows, seen, channel, x);
        let to = lanes_mut(output, seen.place + channel);
        each_cell!(windows, seen, channel, |cell, place| add_chosen(lanes(numbers, place), to, &chosen, cell));
    }
}
