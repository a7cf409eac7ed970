//! Means of windows.

use super::windows::{Pass, Seen, Windows, each_cell, kernel, lanes, lanes_mut, pooled};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use crate::ops::{Operation, Value, shapes};
use engine_api::{Op, Shape};

/// The names of the two ops over so many axes.
pub struct Names {
    axes: usize,
    pool: &'static str,
    gradient: &'static str,
}

pub static SEQUENCES: Names = Names { axes: 1, pool: "average_pool1d", gradient: "average_pool1d_gradient" };
pub static IMAGES: Names = Names { axes: 2, pool: "average_pool2d", gradient: "average_pool2d_gradient" };

pub struct Average {
    pub names: &'static Names,
}

impl Operation for Average {
    fn name(&self) -> &'static str {
        self.names.pool
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        pooled(op, self.names.axes, &inputs[0])
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let size = backward.shape(backward.input(0))[1..=self.names.axes].to_vec();
        let mut op = Op { name: self.names.gradient.into(), attrs: backward.op.attrs.clone() };
        op = op.with("size", shapes::to_attribute(&size));
        let gradient = backward.output_gradient();
        vec![Some(backward.emit(op, &[gradient]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        Some(kernel::<Means, 1>("average pool", Windows::of(op, self.names.axes, inputs[0], output)?))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        inputs[0].iter().product::<usize>() as u64
    }
}

/// Shares what belongs to windows among their cells; the attribute `size` says how large the axes are.
pub struct Gradient {
    pub names: &'static Names,
}

impl Operation for Gradient {
    fn name(&self) -> &'static str {
        self.names.gradient
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let size = op.ints("size").unwrap_or_default().iter().map(|&size| usize::try_from(size).ok());
        let ends = (inputs[0].0.first().copied().flatten(), inputs[0].0.last().copied().flatten());
        Ok(Shape(std::iter::once(ends.0).chain(size).chain([ends.1]).collect()))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let mut op = Op { name: self.names.pool.into(), attrs: backward.op.attrs.clone() };
        op.attrs.retain(|(name, _)| name != "size");
        let gradient = backward.output_gradient();
        vec![Some(backward.emit(op, &[gradient]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        Some(kernel::<Shares, 1>("average pool gradient", Windows::of(op, self.names.axes, output, inputs[0])?))
    }
}

/// The part of each cell in the mean of a window.
#[inline(always)]
fn share(seen: &Seen) -> f32 {
    1.0 / (seen.rows.len() * seen.columns.len()).max(1) as f32
}

/// From the cells of windows to their means.
struct Means;

impl Pass<1> for Means {
    #[inline(always)]
    fn window<const LANES: usize>(
        windows: &Windows,
        seen: &Seen,
        channel: usize,
        [x]: [&[f32]; 1],
        output: &mut [f32],
    ) {
        let (mut sums, share) = ([0.0; LANES], share(seen));
        each_cell!(windows, seen, channel, |_cell, place| {
            let numbers = lanes::<LANES>(x, place);
            for lane in 0..LANES {
                sums[lane] += numbers[lane];
            }
        });
        for sum in &mut sums {
            *sum *= share;
        }
        *lanes_mut(output, seen.place + channel) = sums;
    }
}

/// From windows to all of their cells.
struct Shares;

impl Pass<1> for Shares {
    #[inline(always)]
    fn window<const LANES: usize>(
        windows: &Windows,
        seen: &Seen,
        channel: usize,
        [gradients]: [&[f32]; 1],
        output: &mut [f32],
    ) {
        let (gradients, share) = (lanes::<LANES>(gradients, seen.place + channel), share(seen));
        each_cell!(windows, seen, channel, |_cell, place| {
            let to = lanes_mut::<LANES>(output, place);
            for lane in 0..LANES {
                to[lane] += share * gradients[lane];
            }
        });
    }
}
