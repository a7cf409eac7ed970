//! What pooling's kernels have in common: the cells of windows, and the way through all windows.

use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::{WideWork, run_wide};
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use crate::ops::window::{Window, pair};
use engine_api::{Op, Shape};
use std::marker::PhantomData;
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
    let size: Vec<usize> =
        asked.iter().filter_map(|&size| usize::try_from(size).ok()).filter(|&size| size > 0).collect();
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

    /// The cells along an axis that a window sees.
    #[inline(always)]
    fn along(&self, axis: usize, place: usize) -> Range<usize> {
        let from = place * self.strides[axis];
        let end = (from + self.size[axis]).saturating_sub(self.before[axis]).min(self.input[axis]);
        from.saturating_sub(self.before[axis])..end
    }

    /// The place of a cell's first number in the input.
    #[inline(always)]
    pub fn place(&self, row: usize, column: usize) -> usize {
        (row * self.input[1] + column) * self.channels
    }
}

/// One window: the place of its first number in what is pooled, and the cells that it sees.
pub struct Seen {
    pub place: usize,
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

/// What a kernel does with the channels of a window: from `N` arrays to one, which is 0 at first.
pub trait Pass<const N: usize>: Send + Sync + 'static {
    /// Treats channels number `channel` to `channel + LANES` of a window. It must be `#[inline(always)]`, and no
    /// closure may stand in it: what is not inlined is compiled for the smallest set of instructions.
    fn window<const LANES: usize>(
        windows: &Windows,
        seen: &Seen,
        channel: usize,
        inputs: [&[f32]; N],
        output: &mut [f32],
    );
}

/// Goes through the cells of a window: number of the cell, place of the channels that are treated. A macro, since a
/// closure might not be inlined.
macro_rules! each_cell {
    ($windows:ident, $seen:ident, $channel:ident, |$cell:ident, $place:ident| $body:expr) => {
        let mut $cell = 0;
        for row in $seen.rows.clone() {
            for column in $seen.columns.clone() {
                let $place = $windows.place(row, column) + $channel;
                $body;
                $cell += 1;
            }
        }
    };
}
pub(super) use each_cell;

/// So many channels from a place on.
#[inline(always)]
pub fn lanes<const LANES: usize>(numbers: &[f32], place: usize) -> &[f32; LANES] {
    numbers[place..].first_chunk().expect("windows lie inside their image")
}

/// As [`lanes`], to be changed.
#[inline(always)]
pub fn lanes_mut<const LANES: usize>(numbers: &mut [f32], place: usize) -> &mut [f32; LANES] {
    numbers[place..].first_chunk_mut().expect("windows lie inside their image")
}

/// All windows of one sample.
struct Sample<'a, P, const N: usize> {
    windows: &'a Windows,
    inputs: [&'a [f32]; N],
    output: &'a mut [f32],
    pass: PhantomData<P>,
}

impl<P: Pass<N>, const N: usize> WideWork for Sample<'_, P, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { windows, inputs, output, .. } = self;
        let channels = windows.channels;
        // What stays in registers together, with vectors of 16, of 8, and without vectors.
        let (wide, narrow) = (channels - channels % 32, channels - channels % 8);
        output.fill(0.0);
        for y in 0..windows.output[0] {
            let rows = windows.along(0, y);
            for x in 0..windows.output[1] {
                let place = (y * windows.output[1] + x) * channels;
                let seen = Seen { place, rows: rows.clone(), columns: windows.along(1, x) };
                for channel in (0..wide).step_by(32) {
                    P::window::<32>(windows, &seen, channel, inputs, output);
                }
                for channel in (wide..narrow).step_by(8) {
                    P::window::<8>(windows, &seen, channel, inputs, output);
                }
                for channel in narrow..channels {
                    P::window::<1>(windows, &seen, channel, inputs, output);
                }
            }
        }
    }
}

/// A kernel that makes this pass over all windows.
pub fn kernel<P: Pass<N>, const N: usize>(name: &'static str, windows: Windows) -> Kernel {
    Kernel::new(name, move |work: &mut Work<'_>| {
        let batch = windows.batch.max(1);
        let inputs: [&[f32]; N] = std::array::from_fn(|input| work.inputs[input]);
        let numbers = inputs.iter().map(|input| input.len()).sum::<usize>() + work.output.len();
        let (output_len, output) = (work.output.len() / batch, SharedSlice::new(work.output));
        work.pool.split(windows.batch, 1, 2 * numbers as u64, &|samples| {
            for sample in samples {
                run_wide(Sample::<P, N> {
                    windows: &windows,
                    inputs: inputs.map(|input| &input[sample * (input.len() / batch)..][..input.len() / batch]),
                    // SAFETY: samples belong to one part each.
                    output: unsafe { output.range(sample * output_len..(sample + 1) * output_len) },
                    pass: PhantomData,
                });
            }
        });
    })
}
