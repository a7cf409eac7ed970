//! The cells of windows, which is all that pooling's kernels have in common.

use crate::fault::Fault;
use crate::ops::window::{Window, pair};
use engine_api::{Op, Shape};
use std::ops::Range;

/// The sizes in which kernels compute.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    pub batch: usize,
    input: [usize; 2],
    output: [usize; 2],
    size: [usize; 2],
    strides: [usize; 2],
    before: [usize; 2],
    pub channels: usize,
}

/// The window that an op asks for.
pub fn window(op: &Op, axes: usize) -> Result<Window, Fault> {
    let asked = op.ints("pool_size").unwrap_or_default();
    let size: Vec<usize> = asked.iter().filter_map(|&size| usize::try_from(size).ok()).filter(|&size| size > 0).collect();
    if size.len() != axes || asked.len() != axes {
        let message = format!("expected {axes} whole numbers above 0 as `pool_size`, received {asked:?}");
        return Err(Fault::new(message, "give one for each axis over which the window slides"));
    }
    Window::of(op, &size)
}

/// The shape of what pooling leaves of an input.
pub fn pooled(op: &Op, axes: usize, x: &Shape) -> Result<Shape, Fault> {
    window(op, axes)?.slide(x)
}

impl Windows {
    pub fn of(op: &Op, axes: usize, x: &[usize], y: &[usize]) -> Option<Self> {
        let window = window(op, axes).ok()?;
        let before: Vec<usize> = (0..axes).map(|axis| window.before(axis, x[axis + 1], y[axis + 1])).collect();
        Some(Self {
            batch: x[0],
            input: pair(&x[1..=axes]),
            output: pair(&y[1..=axes]),
            size: pair(&window.size),
            strides: pair(&window.strides),
            before: if axes == 1 { [0, before[0]] } else { pair(&before) },
            channels: x[axes + 1],
        })
    }

    /// Numbers of a sample before and after.
    pub fn sample_lens(&self) -> [usize; 2] {
        [self.input, self.output].map(|[height, width]| height * width * self.channels)
    }

    /// Calls `visit` for each window of a sample, in order, with the place of its first number in the
    /// output and the cells that it sees: rows, columns.
    pub fn for_each(&self, mut visit: impl FnMut(usize, [Range<usize>; 2])) {
        let cells = |axis: usize, place: usize| {
            let from = place * self.strides[axis];
            let begin = from.saturating_sub(self.before[axis]);
            begin..(from + self.size[axis]).saturating_sub(self.before[axis]).min(self.input[axis])
        };
        for y in 0..self.output[0] {
            for x in 0..self.output[1] {
                visit((y * self.output[1] + x) * self.channels, [cells(0, y), cells(1, x)]);
            }
        }
    }

    /// The places of the first numbers of cells in the input, in order.
    pub fn places(&self, [rows, columns]: [Range<usize>; 2]) -> impl Iterator<Item = usize> {
        let (width, channels) = (self.input[1], self.channels);
        rows.flat_map(move |row| columns.clone().map(move |column| (row * width + column) * channels))
    }
}
