//! Convolutions that keep channels apart.

use super::convolution::channels;
use super::kernel::{KernelOptions, at_least_1, kernel_options};
use super::weight_options::{WeightOptions, weight_options};
use super::window::{Movement, Sizes, dilation_options, movement_options};
use super::{Layer, LayerBase};
use crate::config::options;
use crate::{Initializer, Result, Tensor, Weight, ops};
use engine_api::{Attr, Op, Shape};

/// The method that sets how many filters a channel has, for layers that keep it in `depth_multiplier`.
macro_rules! depth_multiplier {
    ($layer:ident) => {
        impl $layer {
            /// How many filters each channel has of its own.
            ///
            /// # Panics
            /// When it is 0.
            #[must_use]
            #[track_caller]
            pub fn depth_multiplier(mut self, depth_multiplier: usize) -> Self {
                self.depth_multiplier = at_least_1(stringify!($layer), "depth_multiplier", depth_multiplier);
                self
            }
        }
    };
}

/// Slides filters of its own over each channel of an image; channels are not mixed.
///
/// # Shapes
/// (batch, height, width, channels) -> (batch, height', width', channels · depth_multiplier); the
/// kernel is (height, width, channels, depth_multiplier).
///
/// Source: `keras/src/layers/convolutional/base_depthwise_conv.py`.
///
/// ```
/// use course::prelude::*;
/// let layer = DepthwiseConv2D::new(3).depth_multiplier(2).padding("same");
/// assert_eq!(layer.call(&Input::new([8, 8, 4]).tensor()).shape().to_string(), "(None, 8, 8, 8)");
/// assert_eq!(layer.count_params(), 3 * 3 * 4 * 2 + 8);
/// ```
#[derive(Clone, Debug)]
pub struct DepthwiseConv2D {
    base: LayerBase,
    kernel_size: Sizes<2>,
    movement: Movement<2>,
    depth_multiplier: usize,
    kernel: KernelOptions,
}

kernel_options!(DepthwiseConv2D; kernel, "the filters": depthwise_initializer, depthwise_regularizer, depthwise_constraint);
movement_options!(DepthwiseConv2D, 2);
dilation_options!(DepthwiseConv2D, 2);
depth_multiplier!(DepthwiseConv2D);

impl DepthwiseConv2D {
    /// A layer of one filter of this size a channel.
    ///
    /// # Panics
    /// When a number is 0.
    #[track_caller]
    pub fn new(kernel_size: impl Into<Sizes<2>>) -> Self {
        Self {
            base: LayerBase::new("DepthwiseConv2D"),
            kernel_size: kernel_size.into().positive("DepthwiseConv2D", "kernel_size"),
            movement: Movement::default(),
            depth_multiplier: 1,
            kernel: KernelOptions::of("depthwise"),
        }
    }
}

/// The shape of the kernels that each channel has for itself.
fn kernel_shape(size: Sizes<2>, channels: usize, depth_multiplier: usize) -> [usize; 4] {
    [size.0[0], size.0[1], channels, depth_multiplier]
}

/// Slides such kernels: as many groups as channels, whose filters lie beside each other already.
fn slide(
    movement: &Movement<2>,
    input: &Tensor,
    kernel: &Weight,
    bias: Option<&Weight>,
    label: &str,
) -> Result<Tensor> {
    let [height, width, channels, multiplier] = kernel.shape() else { unreachable!("a kernel has four axes") };
    let beside = vec![*height as i64, *width as i64, 1, (channels * multiplier) as i64];
    let kernel = ops::view(&kernel.tensor(), &beside, label)?;
    let bias = bias.map(Weight::tensor);
    let inputs: Vec<&Tensor> = [input, &kernel].into_iter().chain(&bias).collect();
    let op = movement.describe(Op::new("conv2d")).with("groups", Attr::Int(*channels as i64));
    Tensor::apply(op, &inputs, label)
}

impl Layer for DepthwiseConv2D {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(config.sizes("kernel_size")?),
        given { "kernel_size": kernel_size },
        sizes { "depth_multiplier": depth_multiplier },
        groups { movement, kernel },
    );

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, channels) = (self.base.name(), channels(&self.base, input, 2)?);
        let kernel =
            self.kernel.kernel(&name, "kernel", &kernel_shape(self.kernel_size, channels, self.depth_multiplier));
        Ok(std::iter::once(kernel).chain(self.kernel.bias(&name, channels * self.depth_multiplier)).collect())
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        self.kernel.activate(&slide(&self.movement, input, &weights[0], weights.get(1), &name)?, &name)
    }
}

/// First slides filters of its own over each channel, then mixes the channels of each place: nearly
/// what a convolution does, with far fewer numbers.
///
/// # Shapes
/// (batch, height, width, channels) -> (batch, height', width', filters)
///
/// Sources: Chollet, *Xception*, CVPR 2017; `keras/src/layers/convolutional/base_separable_conv.py`.
///
/// ```
/// use course::prelude::*;
/// let layer = SeparableConv2D::new(16, 3);
/// assert_eq!(layer.call(&Input::new([8, 8, 4]).tensor()).shape().to_string(), "(None, 6, 6, 16)");
/// assert_eq!(layer.count_params(), 3 * 3 * 4 + 4 * 16 + 16);
/// ```
#[derive(Clone, Debug)]
pub struct SeparableConv2D {
    base: LayerBase,
    filters: usize,
    kernel_size: Sizes<2>,
    movement: Movement<2>,
    depth_multiplier: usize,
    kernel: KernelOptions,
    pointwise: WeightOptions,
}

kernel_options!(
    SeparableConv2D; kernel,
    "the filters of single channels": depthwise_initializer, depthwise_regularizer, depthwise_constraint
);
weight_options! {
    SeparableConv2D;
    "what mixes the channels" in pointwise: pointwise_initializer, pointwise_regularizer, pointwise_constraint
}
movement_options!(SeparableConv2D, 2);
dilation_options!(SeparableConv2D, 2);
depth_multiplier!(SeparableConv2D);

impl SeparableConv2D {
    /// A layer of so many filters of this size.
    ///
    /// # Panics
    /// When a number is 0.
    #[track_caller]
    pub fn new(filters: usize, kernel_size: impl Into<Sizes<2>>) -> Self {
        Self {
            base: LayerBase::new("SeparableConv2D"),
            filters: at_least_1("SeparableConv2D", "filters", filters),
            kernel_size: kernel_size.into().positive("SeparableConv2D", "kernel_size"),
            movement: Movement::default(),
            depth_multiplier: 1,
            kernel: KernelOptions::of("depthwise"),
            pointwise: Initializer::GlorotUniform.into(),
        }
    }
}

impl Layer for SeparableConv2D {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(config.size("filters")?, config.sizes("kernel_size")?),
        given { "filters": filters, "kernel_size": kernel_size },
        sizes { "depth_multiplier": depth_multiplier },
        weights { "pointwise": pointwise },
        groups { movement, kernel },
    );

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, channels) = (self.base.name(), channels(&self.base, input, 2)?);
        let depthwise = kernel_shape(self.kernel_size, channels, self.depth_multiplier);
        let pointwise = [1, 1, channels * self.depth_multiplier, self.filters];
        let kernels = [
            self.kernel.kernel(&name, "depthwise_kernel", &depthwise),
            self.pointwise.weight(format!("{name}/pointwise_kernel"), &pointwise),
        ];
        Ok(kernels.into_iter().chain(self.kernel.bias(&name, self.filters)).collect())
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        let apart = slide(&self.movement, input, &weights[0], None, &name)?;
        self.kernel.activate(&ops::with_weights(Op::new("conv2d"), &apart, &weights[1..], &name)?, &name)
    }
}
