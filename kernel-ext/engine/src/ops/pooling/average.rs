//! Means of windows.

use super::windows::{Windows, pooled};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;
use crate::cpu::{Kernel, Work};
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
        let windows = Windows::of(op, self.names.axes, inputs[0], output)?;
        let channels = windows.channels;
        Some(over_samples("average pool", windows, move |x, y| {
            windows.for_each(|place, cells| {
                let to = &mut y[place..place + channels];
                let share = share(&cells);
                for cell in windows.places(cells) {
                    to.iter_mut().zip(&x[cell..cell + channels]).for_each(|(to, number)| *to += number);
                }
                to.iter_mut().for_each(|to| *to *= share);
            });
        }))
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
        let windows = Windows::of(op, self.names.axes, output, inputs[0])?;
        let channels = windows.channels;
        Some(over_samples("average pool gradient", windows, move |gradients, to| {
            windows.for_each(|place, cells| {
                let share = share(&cells);
                for cell in windows.places(cells) {
                    let gradients = &gradients[place..place + channels];
                    to[cell..cell + channels].iter_mut().zip(gradients).for_each(|(to, number)| *to += share * number);
                }
            });
        }))
    }
}

/// The part of each cell in the mean of a window.
fn share(cells: &[std::ops::Range<usize>; 2]) -> f32 {
    1.0 / (cells[0].len() * cells[1].len()).max(1) as f32
}

/// A kernel that treats each sample alike; its output is 0 at first.
fn over_samples(
    name: &'static str,
    windows: Windows,
    visit: impl Fn(&[f32], &mut [f32]) + Copy + Send + Sync + 'static,
) -> Kernel {
    Kernel::new(name, move |work: &mut Work<'_>| {
        let batch = windows.batch.max(1);
        let (from_len, to_len) = (work.inputs[0].len() / batch, work.output.len() / batch);
        let (from, output) = (work.inputs[0], SharedSlice::new(work.output));
        work.pool.split(windows.batch, 1, 2 * (windows.batch * from_len.max(to_len)) as u64, &|samples| {
            for sample in samples {
                // SAFETY: samples belong to one part each.
                let to = unsafe { output.range(sample * to_len..(sample + 1) * to_len) };
                to.fill(0.0);
                with_wide_vectors(|| visit(&from[sample * from_len..(sample + 1) * from_len], to));
            }
        });
    })
}
