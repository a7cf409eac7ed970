//! Convolution read backwards.

use super::convolution::channels;
use super::kernel::{KernelOptions, at_least_1, kernel_options};
use super::window::{Movement, Padding, Sizes, dilation_options, movement_options};
use super::{Layer, LayerBase};
use crate::config::options;
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
    output_padding: Option<Sizes<2>>,
    kernel: KernelOptions,
}

kernel_options!(Conv2DTranspose; kernel);
movement_options!(Conv2DTranspose, 2);
dilation_options!(Conv2DTranspose, 2);

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
            output_padding: None,
            kernel: KernelOptions::default(),
        }
    }

    /// By how much the output is larger at its end: of the sizes that a convolution would bring to the input's size,
    /// with strides above 1 there are several, this chooses one. height' = (height - 1) stride + kernel +
    /// output_padding; with the padding `"same"`, for kernel stands 1 when it is odd and 0 when it is even.
    #[must_use]
    pub fn output_padding(mut self, output_padding: impl Into<Sizes<2>>) -> Self {
        self.output_padding = Some(output_padding.into());
        self
    }

    /// How the output lies along an axis.
    fn extent(&self, axis: usize, input: &Shape) -> Result<Extent> {
        let (place, stride) = (self.base.place(), self.movement.strides.0[axis]);
        let kernel = (self.kernel_size.0[axis] - 1) * self.movement.dilation.0[axis] + 1;
        let size = input.0[axis + 1].ok_or_else(|| {
            let report = Report::new(&*place, "height and width of the input must be known");
            Error::shape(report.expected("(None, height, width, channels)", input))
        })?;
        let full = (size - 1) * stride + kernel;
        match (self.movement.padding, self.output_padding.map(|padding| padding.0[axis])) {
            (Padding::Same, None) => Ok(Extent { size: size * stride, before: 0, kept: size * stride }),
            (_, None) => {
                let size = (size - 1) * stride + kernel.max(stride);
                Ok(Extent { size, before: 0, kept: size })
            }
            (_, Some(more)) if more >= stride => {
                let report = Report::new(place, "`output_padding` must be less than the strides");
                Err(Error::value(report.expected(format!("less than {stride}"), more)))
            }
            (Padding::Same, Some(more)) => {
                // As Keras pads what it slides over: half of this, rounded up, before, but never more than all.
                let around = kernel + kernel % 2 + more;
                let before = kernel - (around.saturating_sub(2)).div_ceil(2).min(kernel - 1) - 1;
                let kept = (size - 1) * stride + kernel % 2 + more;
                Ok(Extent { size: full.max(before + kept), before, kept })
            }
            (_, Some(more)) => Ok(Extent { size: full + more, before: 0, kept: full + more }),
        }
    }
}

/// How an output lies along an axis: so large it is made, and of that so much is kept.
struct Extent {
    size: usize,
    before: usize,
    kept: usize,
}

impl Layer for Conv2DTranspose {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(config.size("filters")?, config.sizes("kernel_size")?),
        given { "filters": filters, "kernel_size": kernel_size },
        then { "output_padding": output_padding },
        groups { movement, kernel },
    );

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, channels) = (self.base.name(), channels(&self.base, input, 2)?);
        let [height, width] = self.kernel_size.0;
        let kernel = self.kernel.kernel(&name, "kernel", &[height, width, self.filters, channels]);
        Ok(std::iter::once(kernel).chain(self.kernel.bias(&name, self.filters)).collect())
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        channels(&self.base, input.shape(), 2)?;
        let extents = [self.extent(0, input.shape())?, self.extent(1, input.shape())?];
        let whole = Padding::Valid;
        let movement =
            if self.output_padding.is_some() { Movement { padding: whole, ..self.movement } } else { self.movement };
        let size = extents.iter().map(|extent| extent.size as i64).collect();
        let op = movement.describe(Op::new("conv2d_transpose")).with("size", Attr::Ints(size));
        let mut sums = ops::with_weights(op, input, weights, &name)?;
        for (axis, extent) in extents.iter().enumerate().filter(|(_, extent)| extent.kept < extent.size) {
            sums = ops::slice(&sums, axis as i64 + 1, extent.before, extent.kept, &name)?;
        }
        self.kernel.activate(&sums, &name)
    }
}
