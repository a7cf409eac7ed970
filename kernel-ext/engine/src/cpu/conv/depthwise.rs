//! Convolution with one filter a channel: there is nothing to multiply across channels, so channels lie
//! in the lanes of vectors.

use super::{Convolution, Image};
use crate::cpu::pool::{Pool, SharedSlice};
use crate::cpu::simd::with_wide_vectors;
use crate::cpu::tile::Finish;

/// A [`Convolution`] of as many groups and filters as channels.
#[derive(Clone, Copy, Debug)]
pub struct Depthwise(Convolution);

/// Windows that slide over images: one filter a channel.
struct Slide<'a> {
    convolution: Convolution,
    image: Image,
    kernel: &'a [f32],
    /// Whether the filters are read backwards.
    turned: bool,
    finish: Finish<'a>,
}

impl Depthwise {
    /// The depthwise form of a convolution, if it has one.
    pub fn of(convolution: &Convolution) -> Option<Self> {
        let Convolution { groups, channels, filters, .. } = *convolution;
        (groups == channels && groups == filters && groups > 1).then_some(Self(*convolution))
    }

    /// Writes the outputs.
    pub fn outputs(&self, x: &[f32], kernel: &[f32], y: &mut [f32], finish: Finish, copies: &mut [f32], pool: &Pool) {
        let (convolution, image) = (self.0, Image::of(&self.0, [1, 1]));
        Slide { convolution, image, kernel, turned: false, finish }.run(x, y, copies, pool);
    }

    /// Writes the gradient of the input, given that of the output.
    pub fn input_gradient(
        &self,
        dy: &[f32],
        kernel: &[f32],
        dx: &mut [f32],
        finish: Finish,
        copies: &mut [f32],
        pool: &Pool,
    ) {
        let (convolution, spread) = self.0.backward();
        let image = Image::of(&convolution, spread);
        Slide { convolution, image, kernel, turned: true, finish }.run(dy, dx, copies, pool);
    }

    /// Writes the gradient of the filters.
    pub fn kernel_gradient(&self, x: &[f32], dy: &[f32], dw: &mut [f32], copies: &mut [f32], pool: &Pool) {
        let Convolution { batch, output, channels, kernel, strides, dilation, .. } = self.0;
        let image = Image::of(&self.0, [1, 1]);
        let (copies, copy_len, dw) = (SharedSlice::new(copies), image.copy_len(), SharedSlice::new(dw));
        // Each part has channels of its own and goes through all images.
        pool.split_parts(channels, 16, self.0.flops(), &|part, lanes| {
            // SAFETY: each part has a copy of its own.
            let copy = unsafe { copies.range(part * copy_len..(part + 1) * copy_len) };
            for place in 0..kernel[0] * kernel[1] {
                // SAFETY: each part has channels of its own.
                unsafe { dw.range(place * channels + lanes.start..place * channels + lanes.end) }.fill(0.0);
            }
            for sample in 0..batch {
                let pixels = image.rows(&self.0, x, sample, 0..output[0], copy);
                for (place, row) in
                    (0..kernel[0] * kernel[1]).flat_map(|place| (0..output[0]).map(move |row| (place, row)))
                {
                    let (y, x) = (place / kernel[1] * dilation[0], place % kernel[1] * dilation[1]);
                    let from = &pixels[(row * strides[0] + y) * image.row_len() + x * channels..];
                    let dy = &dy[(sample * output[0] + row) * output[1] * channels..];
                    // SAFETY: as above.
                    let sums = unsafe { dw.range(place * channels + lanes.start..place * channels + lanes.end) };
                    with_wide_vectors(|| {
                        for column in 0..output[1] {
                            let x = &from[column * strides[1] * channels..][lanes.clone()];
                            let dy = &dy[column * channels..][lanes.clone()];
                            for ((sum, x), dy) in sums.iter_mut().zip(x).zip(dy) {
                                *sum += x * dy;
                            }
                        }
                    });
                }
            }
        });
    }
}

impl Slide<'_> {
    fn run(&self, x: &[f32], y: &mut [f32], copies: &mut [f32], pool: &Pool) {
        let Convolution { batch, output, channels, strides, .. } = self.convolution;
        let (rows, row_len) = (output[0], output[1] * channels);
        let (copies, copy_len, y) = (SharedSlice::new(copies), self.image.copy_len(), SharedSlice::new(y));
        pool.split_parts(batch * rows, 1, self.convolution.flops(), &|part, range| {
            // SAFETY: each part has a copy of its own.
            let copy = unsafe { copies.range(part * copy_len..(part + 1) * copy_len) };
            let mut row = range.start;
            while row < range.end {
                let (sample, first) = (row / rows, row % rows);
                let last = (first + range.end - row).min(rows);
                let pixels = self.image.rows(&self.convolution, x, sample, first..last, copy);
                for line in 0..last - first {
                    let place = (row + line) * row_len;
                    // SAFETY: rows of outputs belong to one part each.
                    let to = unsafe { y.range(place..place + row_len) };
                    with_wide_vectors(|| self.row(&pixels[line * strides[0] * self.image.row_len()..], place, to));
                }
                row += last - first;
            }
        });
    }

    #[inline(always)]
    fn row(&self, pixels: &[f32], place_of_row: usize, to: &mut [f32]) {
        let Convolution { channels, kernel, strides, dilation, .. } = self.convolution;
        for to in to.chunks_exact_mut(channels) {
            match self.finish {
                Finish::Bias(bias) | Finish::BiasRelu(bias) => to.copy_from_slice(bias),
                Finish::Store | Finish::Relu | Finish::Mask(_) => to.fill(0.0),
                Finish::AddScaled(_) => unreachable!("filters of one channel are not added to what is there"),
            }
        }
        let places = kernel[0] * kernel[1];
        for place in 0..places {
            let weights = if self.turned { places - 1 - place } else { place };
            let weights = &self.kernel[weights * channels..][..channels];
            let (y, x) = (place / kernel[1] * dilation[0], place % kernel[1] * dilation[1]);
            let from = &pixels[y * self.image.row_len() + x * channels..];
            let windows = from.chunks(strides[1] * channels);
            for (to, from) in to.chunks_exact_mut(channels).zip(windows) {
                for ((to, weight), from) in to.iter_mut().zip(weights).zip(from) {
                    *to += weight * from;
                }
            }
        }
        match self.finish {
            Finish::Relu | Finish::BiasRelu(_) => to.iter_mut().for_each(|to| *to = to.max(0.0)),
            Finish::Mask(mask) => {
                let mask = &mask[place_of_row..place_of_row + to.len()];
                to.iter_mut().zip(mask).for_each(|(to, &mask)| *to = if mask > 0.0 { *to } else { 0.0 });
            }
            _ => {}
        }
    }
}
