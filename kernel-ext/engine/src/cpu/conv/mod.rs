//! Convolution as products of tiles, without copying windows: for a row of outputs the left factors of
//! neighbouring outputs lie a stride apart in the input, and each row of a filter is one run of them.
//!
//! All three products of training are here: the outputs; the gradient of the input, which is again a
//! convolution, of the gradient with turned filters; and the gradient of the filters. Each number is
//! summed in the same order whatever the number of threads.

mod depthwise;
mod filters;
mod image;

pub use depthwise::Depthwise;
use image::Image;

use super::pool::{Pool, SharedSlice};
use super::tile::{self, Finish, Form, Tile};
use std::ops::Range;

/// The sizes of a convolution: images of `channels`, row-major with the channels last, filters of
/// (height, width, channels / groups, filters).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    pub batch: usize,
    pub input: [usize; 2],
    pub channels: usize,
    pub output: [usize; 2],
    pub filters: usize,
    pub kernel: [usize; 2],
    pub strides: [usize; 2],
    pub dilation: [usize; 2],
    /// How many zeros lie before the input on each axis.
    pub before: [usize; 2],
    pub groups: usize,
}

impl Convolution {
    /// Numbers in the filters.
    pub fn kernel_len(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.channels / self.groups * self.filters
    }

    /// Floating-point operations of one pass.
    pub fn flops(&self) -> u64 {
        2 * (self.batch * self.output[0] * self.output[1] * self.kernel_len()) as u64
    }

    /// Terms of the sum of one output.
    fn terms(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.channels / self.groups
    }

    /// The convolution that turns the gradient of the output into that of the input. With strides its
    /// input is spread by zeros.
    fn backward(&self) -> (Self, [usize; 2]) {
        let reach = |axis: usize| (self.kernel[axis] - 1) * self.dilation[axis];
        let convolution = Self {
            input: self.output,
            channels: self.filters,
            output: self.input,
            filters: self.channels,
            strides: [1, 1],
            before: [reach(0) - self.before[0], reach(1) - self.before[1]],
            ..*self
        };
        (convolution, self.strides)
    }

    /// Where the runs of a window begin, from its first number on.
    fn runs(&self, image: &Image) -> Runs {
        let [dilation_y, dilation_x] = self.dilation;
        let begin = |y: usize, x: usize| y * dilation_y * image.row_len() + x * dilation_x * self.channels;
        // Whole rows of a window are contiguous, unless it has gaps or sees some of the channels only.
        if dilation_x == 1 && self.groups == 1 {
            let begins = (0..self.kernel[0]).map(|y| begin(y, 0)).collect();
            return Runs { begins, len: self.kernel[1] * self.channels };
        }
        let places = (0..self.kernel[0]).flat_map(|y| (0..self.kernel[1]).map(move |x| (y, x)));
        Runs { begins: places.map(|(y, x)| begin(y, x)).collect(), len: self.channels / self.groups }
    }

    /// Whether arrays are as long as the sizes say.
    fn check(&self, x: &[f32], kernel: &[f32], y: &[f32]) {
        assert!(x.len() >= self.batch * self.input[0] * self.input[1] * self.channels, "the images are too short");
        assert!(kernel.len() >= self.kernel_len(), "the filters are too short");
        assert!(y.len() >= self.batch * self.output[0] * self.output[1] * self.filters, "the outputs are too short");
    }
}

/// Filters that slide over images, laid out in advance.
pub struct Slide {
    convolution: Convolution,
    image: Image,
    runs: Runs,
    /// Fills the packed filters.
    pack: fn(&Convolution, &[f32], &mut [f32]),
}

impl Slide {
    /// From images (batch, height, width, channels) to outputs (batch, height, width, filters).
    pub fn outputs(convolution: &Convolution) -> Self {
        Self::of(*convolution, [1, 1], filters::pack)
    }

    /// From the gradient of the outputs to that of the images.
    pub fn input_gradient(convolution: &Convolution) -> Self {
        let (backward, spread) = convolution.backward();
        Self::of(backward, spread, filters::pack_turned)
    }

    fn of(convolution: Convolution, spread: [usize; 2], pack: fn(&Convolution, &[f32], &mut [f32])) -> Self {
        let image = Image::of(&convolution, spread);
        Self { runs: convolution.runs(&image), convolution, image, pack }
    }

    /// How many numbers of working memory a run needs.
    pub fn scratch(&self) -> usize {
        filters::packed_len(&self.convolution) + Pool::global().threads() * self.image.copy_len()
    }

    /// Slides the filters over `x`.
    pub fn run(&self, x: &[f32], kernel: &[f32], y: &mut [f32], finish: Finish, scratch: &mut [f32], pool: &Pool) {
        self.convolution.check(x, kernel, y);
        finish.check(y.len(), self.convolution.filters);
        if y.is_empty() {
            return;
        }
        let (packed, copies) = scratch.split_at_mut(filters::packed_len(&self.convolution));
        (self.pack)(&self.convolution, kernel, packed);
        let Convolution { batch, output, filters, strides, .. } = self.convolution;
        let (copies, copy_len, y) = (SharedSlice::new(copies), self.image.copy_len(), SharedSlice::new(y));
        pool.split_parts(batch * output[0], 1, self.convolution.flops(), &|part, range| {
            // SAFETY: each part has a copy of its own.
            let copy = unsafe { copies.range(part * copy_len..(part + 1) * copy_len) };
            let mut row = range.start;
            while row < range.end {
                // The rows of one image.
                let (sample, first) = (row / output[0], row % output[0]);
                let last = (first + range.end - row).min(output[0]);
                let pixels = self.image.rows(&self.convolution, x, sample, first..last, copy);
                for line in 0..last - first {
                    let from = pixels[line * strides[0] * self.image.row_len()..].as_ptr();
                    let seen = self.image.seen(&self.convolution, first + line);
                    // SAFETY: rows of outputs belong to one part each, and exist, as `check` has seen.
                    unsafe { self.row(from, packed, y.pointer(), (row + line) * output[1] * filters, seen, finish) };
                }
                row += last - first;
            }
        });
    }

    /// The row of outputs that begins at a place of `y`, summed over the rows of filters that see pixels.
    ///
    /// # Safety
    /// `from` points at the first window's first number; windows and outputs exist as far as the sizes say.
    unsafe fn row(
        &self,
        from: *const f32,
        packed: &[f32],
        y: *mut f32,
        place_of_row: usize,
        seen: Range<usize>,
        finish: Finish,
    ) {
        let Convolution { groups, filters, channels, output, strides, kernel, .. } = self.convolution;
        let runs_of_row = self.runs.begins.len() / kernel[0];
        let runs = &self.runs.begins[seen.start * runs_of_row..seen.end * runs_of_row];
        let skipped = seen.start * runs_of_row * self.runs.len;
        let (form, columns) = (Form::present(), filters / groups);
        let panel = self.convolution.terms() * form.columns;
        let stride = strides[1] * channels;
        for group in 0..groups {
            for (place, column) in (0..columns).step_by(form.columns).enumerate() {
                let b = &packed[(group * columns.div_ceil(form.columns) + place) * panel..][..panel];
                tile::for_each_height(output[1], form.rows, |first, height| {
                    // SAFETY: windows and outputs exist by the contract of this function.
                    unsafe {
                        form.compute(&Tile {
                            rows: height,
                            columns: (columns - column).min(form.columns),
                            a: from.add(first * stride + group * channels / groups),
                            row_stride: stride,
                            runs,
                            run: self.runs.len,
                            step: 1,
                            b: b[skipped * form.columns..].as_ptr(),
                            b_step: form.columns,
                            c: y,
                            c_stride: filters,
                            place: place_of_row + first * filters + group * columns + column,
                            finish,
                        });
                    }
                });
            }
        }
    }
}

/// The gradient of filters, laid out in advance.
pub struct KernelGradient {
    convolution: Convolution,
    image: Image,
    tiles: Vec<filters::Part>,
    /// Rows of outputs whose gradients, two vectors wide, stay in the nearest cache: the first one, and
    /// where the windows of each begin.
    blocks: Vec<(usize, Vec<usize>)>,
}

impl KernelGradient {
    pub fn of(convolution: &Convolution) -> Self {
        const NUMBERS: usize = 4096;
        let image = Image::of(convolution, [1, 1]);
        let [height, width] = convolution.output;
        let lines = (NUMBERS / (width * Form::present().columns).max(1)).clamp(1, height.max(1));
        let begins = |first: usize| {
            let lines = first..(first + lines).min(height);
            (first, lines.map(|line| line * convolution.strides[0] * image.row_len()).collect())
        };
        let blocks = (0..height).step_by(lines).map(begins).collect();
        let tiles = filters::tiles(convolution, &convolution.runs(&image));
        Self { convolution: *convolution, image, tiles, blocks }
    }

    /// How many numbers of working memory a run needs.
    pub fn scratch(&self) -> usize {
        Pool::global().threads() * self.image.copy_len()
    }

    /// Computes the gradient of the filters from the images and the gradient of the outputs.
    pub fn run(&self, x: &[f32], dy: &[f32], dw: &mut [f32], scratch: &mut [f32], pool: &Pool) {
        self.convolution.check(x, dw, dy);
        if dy.is_empty() {
            return dw.fill(0.0);
        }
        let Convolution { batch, output, .. } = self.convolution;
        let (copies, copy_len, dw) = (SharedSlice::new(scratch), self.image.copy_len(), SharedSlice::new(dw));
        // Each part has tiles of its own and goes through all images.
        pool.split_parts(self.tiles.len(), 1, self.convolution.flops(), &|part, range| {
            // SAFETY: each part has a copy of its own.
            let copy = unsafe { copies.range(part * copy_len..(part + 1) * copy_len) };
            for sample in 0..batch {
                let pixels = self.image.rows(&self.convolution, x, sample, 0..output[0], copy);
                for (first, runs) in &self.blocks {
                    let dy = &dy[(sample * output[0] + first) * output[1] * self.convolution.filters..];
                    let finish = if sample == 0 && *first == 0 { Finish::Store } else { Finish::AddScaled(1.0) };
                    for part in &self.tiles[range.clone()] {
                        // SAFETY: a tile's windows lie inside the image, its columns inside the gradients and its
                        // place inside the filters, which no other part touches.
                        unsafe { self.tile(part, pixels, runs, dy, dw, finish) };
                    }
                }
            }
        });
    }

    /// # Safety
    /// The windows of the tile exist in `pixels`, its columns in `dy`, and nobody else uses its place.
    unsafe fn tile(
        &self,
        part: &filters::Part,
        pixels: &[f32],
        runs: &[usize],
        dy: &[f32],
        dw: SharedSlice,
        finish: Finish,
    ) {
        let Convolution { output, strides, channels, filters, .. } = self.convolution;
        // SAFETY: forwarded to the caller.
        unsafe {
            Form::present().compute(&Tile {
                rows: part.rows,
                columns: part.columns,
                a: pixels.as_ptr().add(part.from),
                row_stride: 1,
                runs,
                run: output[1],
                step: strides[1] * channels,
                b: dy.as_ptr().add(part.column),
                b_step: filters,
                c: dw.pointer(),
                c_stride: filters,
                place: part.row * filters + part.column,
                finish,
            });
        }
    }
}

/// The contiguous parts of a window.
struct Runs {
    begins: Vec<usize>,
    len: usize,
}

#[cfg(test)]
mod tests;
