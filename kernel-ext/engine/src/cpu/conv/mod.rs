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

    /// Working memory of [`Convolution::outputs`].
    pub fn scratch(&self) -> usize {
        let image = Image::of(self, [1, 1]);
        filters::packed_len(self) + Pool::global().threads() * image.copy_len()
    }

    /// Working memory of [`Convolution::input_gradient`].
    pub fn input_gradient_scratch(&self) -> usize {
        let (backward, spread) = self.backward();
        filters::packed_len(&backward) + Pool::global().threads() * Image::of(&backward, spread).copy_len()
    }

    /// Working memory of [`Convolution::kernel_gradient`].
    pub fn kernel_gradient_scratch(&self) -> usize {
        Pool::global().threads() * Image::of(self, [1, 1]).copy_len()
    }

    /// Writes the outputs: (batch, height, width, filters).
    pub fn outputs(&self, x: &[f32], kernel: &[f32], y: &mut [f32], finish: Finish, scratch: &mut [f32], pool: &Pool) {
        let (packed, copies) = scratch.split_at_mut(filters::packed_len(self));
        filters::pack(self, kernel, packed);
        self.correlate(&Image::of(self, [1, 1]), x, packed, y, finish, copies, pool);
    }

    /// Writes the gradient of the input, given that of the output.
    pub fn input_gradient(
        &self,
        dy: &[f32],
        kernel: &[f32],
        dx: &mut [f32],
        finish: Finish,
        scratch: &mut [f32],
        pool: &Pool,
    ) {
        let (backward, spread) = self.backward();
        let (packed, copies) = scratch.split_at_mut(filters::packed_len(&backward));
        filters::pack_turned(self, kernel, packed);
        backward.correlate(&Image::of(&backward, spread), dy, packed, dx, finish, copies, pool);
    }

    /// Slides packed filters over images.
    #[expect(clippy::too_many_arguments, reason = "factors, place and helpers of one product")]
    fn correlate(
        &self,
        image: &Image,
        x: &[f32],
        packed: &[f32],
        y: &mut [f32],
        finish: Finish,
        copies: &mut [f32],
        pool: &Pool,
    ) {
        assert!(x.len() >= self.batch * self.input[0] * self.input[1] * self.channels, "the images are too short");
        assert!(y.len() >= self.batch * self.output[0] * self.output[1] * self.filters, "the outputs are too short");
        if y.is_empty() {
            return;
        }
        let (rows, runs) = (self.output[0], self.runs(image));
        let (copies, copy_len, y) = (SharedSlice::new(copies), image.copy_len(), SharedSlice::new(y));
        pool.split_parts(self.batch * rows, 1, self.flops(), &|part, range| {
            // SAFETY: each part has a copy of its own.
            let copy = unsafe { copies.range(part * copy_len..(part + 1) * copy_len) };
            let mut row = range.start;
            while row < range.end {
                // The rows of one image.
                let (sample, first) = (row / rows, row % rows);
                let last = (first + range.end - row).min(rows);
                let pixels = image.rows(self, x, sample, first..last, copy);
                for (line, out) in (first..last).enumerate() {
                    let from = pixels[line * self.strides[0] * image.row_len()..].as_ptr();
                    let to = (sample * rows + out) * self.output[1] * self.filters;
                    // SAFETY: rows of outputs belong to one part each.
                    unsafe { self.row(&runs, from, packed, y.pointer().add(to), finish) };
                }
                row += last - first;
            }
        });
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

    /// One row of outputs.
    ///
    /// # Safety
    /// `from` points at the first window's first number and `to` at room for the row, both of which
    /// exist as far as the sizes say.
    unsafe fn row(&self, runs: &Runs, from: *const f32, packed: &[f32], to: *mut f32, finish: Finish) {
        let form = Form::present();
        let (columns, terms) = (self.filters / self.groups, self.terms());
        let panel = terms * form.columns;
        let stride = self.strides[1] * self.channels;
        for group in 0..self.groups {
            for (place, column) in (0..columns).step_by(form.columns).enumerate() {
                let b = &packed[(group * columns.div_ceil(form.columns) + place) * panel..][..panel];
                let column_of_all = group * columns + column;
                tile::for_each_height(self.output[1], form.rows, |first, height| {
                    // SAFETY: windows and outputs exist by the contract of this function.
                    unsafe {
                        form.compute(&Tile {
                            rows: height,
                            columns: (columns - column).min(form.columns),
                            a: from.add(first * stride + group * runs.len_of_group(self)),
                            row_stride: stride,
                            runs: &runs.begins,
                            run: runs.len,
                            step: 1,
                            b: b.as_ptr(),
                            b_step: form.columns,
                            c: to.add(first * self.filters + column_of_all),
                            c_stride: self.filters,
                            column: column_of_all,
                            finish,
                        });
                    }
                });
            }
        }
    }

    /// Writes the gradient of the filters, given the images and the gradient of the outputs.
    pub fn kernel_gradient(&self, x: &[f32], dy: &[f32], dw: &mut [f32], scratch: &mut [f32], pool: &Pool) {
        assert!(x.len() >= self.batch * self.input[0] * self.input[1] * self.channels, "the images are too short");
        assert!(dy.len() >= self.batch * self.output[0] * self.output[1] * self.filters, "the gradients are too short");
        assert!(dw.len() >= self.kernel_len(), "the filters are too short");
        if dy.is_empty() {
            return dw.fill(0.0);
        }
        let image = Image::of(self, [1, 1]);
        let tiles = filters::Tiles::of(self, &self.runs(&image));
        let (copies, copy_len, dw) = (SharedSlice::new(scratch), image.copy_len(), SharedSlice::new(dw));
        // Each part has tiles of its own and goes through all images.
        pool.split_parts(tiles.count(), 1, self.flops(), &|part, range| {
            // SAFETY: each part has a copy of its own.
            let copy = unsafe { copies.range(part * copy_len..(part + 1) * copy_len) };
            for sample in 0..self.batch {
                let pixels = image.rows(self, x, sample, 0..self.output[0], copy);
                let dy = &dy[sample * self.output[0] * self.output[1] * self.filters..];
                for lines in self.blocks() {
                    let is_first = sample == 0 && lines.start == 0;
                    let runs: Vec<usize> = lines.clone().map(|line| line * self.strides[0] * image.row_len()).collect();
                    let b = &dy[lines.start * self.output[1] * self.filters..];
                    for place in range.clone() {
                        let part = tiles.tile(place);
                        // SAFETY: a tile's windows lie inside the image, its columns inside the gradients and its
                        // place inside the filters, which no other part touches.
                        unsafe {
                            Form::present().compute(&Tile {
                                rows: part.rows,
                                columns: part.columns,
                                a: pixels.as_ptr().add(part.from),
                                row_stride: 1,
                                runs: &runs,
                                run: self.output[1],
                                step: self.strides[1] * self.channels,
                                b: b.as_ptr().add(part.column),
                                b_step: self.filters,
                                c: dw.pointer().add(part.row * self.filters + part.column),
                                c_stride: self.filters,
                                column: part.column,
                                finish: if is_first { Finish::Store } else { Finish::AddScaled(1.0) },
                            });
                        }
                    }
                }
            }
        });
    }

    /// Rows of outputs whose gradients, two vectors wide, stay in the nearest cache.
    fn blocks(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        const NUMBERS: usize = 4096;
        let lines = (NUMBERS / (self.output[1] * Form::present().columns).max(1)).clamp(1, self.output[0].max(1));
        let all = self.output[0];
        (0..all).step_by(lines).map(move |first| first..(first + lines).min(all))
    }
}

/// The contiguous parts of a window.
struct Runs {
    begins: Vec<usize>,
    len: usize,
}

impl Runs {
    /// How far the channels of the next group are.
    fn len_of_group(&self, convolution: &Convolution) -> usize {
        convolution.channels / convolution.groups
    }
}

#[cfg(test)]
mod tests;
