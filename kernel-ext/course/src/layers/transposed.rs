//! Convolution read backwards.

use super::convolution::channels;
use super::kernel::{KernelOptions, at_least_1, kernel_options};
use super::window::{Movement, Padding, Sizes, movement_options};
use super::{Layer, LayerBase};
use crate::error::{Error, Report, Result};
use crate::{Tensor, Weight, ops};
use engine_api::{Attr, Op, Shape};

/// Makes images larger with filters that are learned: what [`Conv2D`](super::Conv2D) does to shapes,
/// read from its output to its input.
///
/// # Shapes
/// (batch, height, width, channels) -> (batch, height', width', filters); with the padding `"valid"`
/// height' = (height - 1) stride + max(kernel, stride), with `"same"` height · stride. The kernel is
/// (height, width, filters, channels).
///
/// Source: `keras/src/layers/convolutional/base_conv_transpose.py`.
///
/// ```
/// use course::prelude::*;
/// let layer = Conv2DTranspose::new(8, 3).strides(2).padding("same");
/// assert_eq!(layer.call(&Input::new([7, 7, 16]).tensor()).shape().to_string(), "(None, 14, 14, 8)");
/// ```
#[derive(Clone, Debug)]
pub struct Conv2DTranspose {
    base: LayerBase,
    filters: usize,
    kernel_size: Sizes<2>,
    movement: Movement<2>,
    kernel: KernelOptions,
}

kernel_options!(Conv2DTranspose);
movement_options!(Conv2DTranspose, 2);

impl Conv2DTranspose {
    /// A layer of so many filters of this size.
    ///
    /// # Panics
    /// When a number is 0.
    #[track_caller]
    pub fn new(filters: usize, kernel_size: impl Into<Sizes<2>>) -> Self {
        Self {
            base: LayerBase::new("Conv2DTranspose"),
            filters: at_least_1("Conv2DTranspose", "filters", filters),
            kernel_size: kernel_size.into().positive("Conv2DTranspose", "kernel_size"),
            movement: Movement::default(),
            kernel: KernelOptions::default(),
        }
    }

    /// The size of an axis of the output.
    fn size(&self, axis: usize, input: &Shape) -> Result<i64> {
        let (kernel, stride) = (self.kernel_size.0[axis], self.movement.strides.0[axis]);
        let size = input.0[axis + 1].ok_or_else(|| {
            let report = Report::new(self.base.place(), "height and width of the input must be known");
            Error::shape(report.expected("(None, height, width, channels)", input))
        })?;
        Ok(match self.movement.padding {
            Padding::Same => size * stride,
            _ => (size - 1) * stride + kernel.max(stride),
        } as i64)
    }
}

impl Layer for Conv2DTranspose {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, channels) = (self.base.name(), channels(&self.base, input, 2)?);
        let [height, width] = self.kernel_size.0;
        let kernel = self.kernel.kernel(&name, "kernel", &[height, width, self.filters, channels]);
        Ok(std::iter::once(kernel).chain(self.kernel.bias(&name, self.filters)).collect())
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        channels(&self.base, input.shape(), 2)?;
        let size = vec![self.size(0, input.shape())?, self.size(1, input.shape())?];
        let op = self.movement.describe(Op::new("conv2d_transpose")).with("size", Attr::Ints(size));
        self.kernel.activate(&ops::with_weights(op, input, weights, &name)?, &name)
    }
}
