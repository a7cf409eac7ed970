//! Images as windows see them: with zeros around them and, for gradients of strided convolutions,
//! between their pixels.

use super::Convolution;
use std::ops::Range;

/// The image on which windows slide: the input itself, or a copy among zeros.
pub struct Image {
    height: usize,
    width: usize,
    channels: usize,
    spread: [usize; 2],
    is_copy: bool,
}

impl Image {
    /// The image of a convolution whose input pixels lie `spread` apart.
    pub fn of(convolution: &Convolution, spread: [usize; 2]) -> Self {
        let Convolution { input, output, kernel, strides, dilation, before, channels, .. } = *convolution;
        let size = |axis: usize| {
            let seen = output[axis].saturating_sub(1) * strides[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
            seen.max(before[axis] + input[axis].saturating_sub(1) * spread[axis] + 1)
        };
        let (height, width) = (size(0), size(1));
        let is_copy = spread != [1, 1] || before != [0, 0] || [height, width] != input;
        Self { height, width, channels, spread, is_copy }
    }

    /// Numbers in a row.
    pub fn row_len(&self) -> usize {
        self.width * self.channels
    }

    /// Numbers in a copy, if one is needed.
    pub fn copy_len(&self) -> usize {
        if self.is_copy { self.height * self.row_len() } else { 0 }
    }

    /// What the windows of some rows of outputs see, beginning with the first one's first row.
    pub fn rows<'a>(
        &self,
        convolution: &Convolution,
        x: &'a [f32],
        sample: usize,
        outputs: Range<usize>,
        copy: &'a mut [f32],
    ) -> &'a [f32] {
        let Convolution { input, strides, kernel, dilation, .. } = *convolution;
        let sample_len = input[0] * input[1] * self.channels;
        let x = &x[sample * sample_len..(sample + 1) * sample_len];
        let first = outputs.start * strides[0];
        if !self.is_copy {
            return &x[first * self.row_len()..];
        }
        let last = (outputs.end - 1) * strides[0] + (kernel[0] - 1) * dilation[0] + 1;
        for (row, line) in (first..last).zip(copy.chunks_exact_mut(self.row_len())) {
            line.fill(0.0);
            if let Some(from) = self.pixels_at(convolution, row) {
                self.fill(convolution, &x[from * input[1] * self.channels..][..input[1] * self.channels], line);
            }
        }
        copy
    }

    /// The rows of filters that see pixels, and not only zeros, when they compute a row of outputs. Between the first
    /// and the last one there may be others.
    pub fn seen(&self, convolution: &Convolution, output: usize) -> Range<usize> {
        let Convolution { strides, dilation, kernel, .. } = *convolution;
        let sees = |row: &usize| self.pixels_at(convolution, output * strides[0] + row * dilation[0]).is_some();
        match ((0..kernel[0]).find(sees), (0..kernel[0]).rfind(sees)) {
            (Some(first), Some(last)) => first..last + 1,
            _ => 0..0,
        }
    }

    /// The row of the input that stands at a row of the image, if it is not one of zeros.
    fn pixels_at(&self, convolution: &Convolution, row: usize) -> Option<usize> {
        let below = row.checked_sub(convolution.before[0]).filter(|below| below.is_multiple_of(self.spread[0]))?;
        Some(below / self.spread[0]).filter(|&from| from < convolution.input[0])
    }

    /// Puts the pixels of a row among zeros.
    fn fill(&self, convolution: &Convolution, pixels: &[f32], line: &mut [f32]) {
        let line = &mut line[convolution.before[1] * self.channels..];
        if self.spread[1] == 1 {
            line[..pixels.len()].copy_from_slice(pixels);
            return;
        }
        let places = line.chunks_mut(self.spread[1] * self.channels);
        for (pixel, place) in pixels.chunks_exact(self.channels).zip(places) {
            place[..self.channels].copy_from_slice(pixel);
        }
    }
}
