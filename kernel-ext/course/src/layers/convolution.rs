//! Convolution of images and sequences.

use super::kernel::{KernelOptions, at_least_1, kernel_options};
use super::window::{Movement, Sizes, dilation_options, movement_options};
use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result};
use crate::{Tensor, Weight, ops};
use engine_api::{Attr, Op, Shape};

/// Convolution along one axis: see [`Convolution`].
pub type Conv1D = Convolution<1>;

/// Convolution along two axes: see [`Convolution`].
pub type Conv2D = Convolution<2>;

/// Slides windows over a sequence ([`Conv1D`]) or an image ([`Conv2D`]): each filter is a pattern that
/// is compared with what the window sees at every place.
///
/// `y[p, f] = act(Σ x[strides · p + dilation · o, c] W[o, c, f] + b[f])`, summed over offsets o and channels c.
///
/// # Shapes
/// (batch, height, width, channels) -> (batch, height', width', filters); with the padding `"valid"`
/// height' = ⌊(height - dilation (kernel - 1) - 1) / stride⌋ + 1, with `"same"` ⌈height / stride⌉.
/// The kernel is (height, width, channels / groups, filters). A sequence has no height.
///
/// Source: `keras/src/layers/convolutional/base_conv.py`.
///
/// ```
/// use course::prelude::*;
/// let convolution = Conv2D::new(32, 3).activation("relu");
/// let features = convolution.call(&Input::new([28, 28, 1]).tensor());
/// assert_eq!(features.shape().to_string(), "(None, 26, 26, 32)");
/// assert_eq!(convolution.count_params(), 3 * 3 * 1 * 32 + 32);
/// let wide = Conv1D::new(8, 3).padding("causal").dilation_rate(2).call(&Input::new([100, 4]).tensor());
/// assert_eq!(wide.shape().to_string(), "(None, 100, 8)");
/// ```
#[derive(Clone, Debug)]
pub struct Convolution<const RANK: usize> {
    base: LayerBase,
    filters: usize,
    kernel_size: Sizes<RANK>,
    movement: Movement<RANK>,
    groups: usize,
    kernel: KernelOptions,
}

kernel_options!(Convolution<RANK>, for [const RANK: usize]; kernel);
movement_options!(Convolution<RANK>, RANK, for const RANK: usize);
dilation_options!(Convolution<RANK>, RANK, for const RANK: usize);

impl<const RANK: usize> Convolution<RANK> {
    /// A layer of so many filters of this size: `Conv2D::new(32, 3)` or `Conv2D::new(32, (3, 5))`.
    ///
    /// # Panics
    /// When a number is 0.
    #[track_caller]
    pub fn new(filters: usize, kernel_size: impl Into<Sizes<RANK>>) -> Self {
        let class_name = const { if RANK == 1 { "Conv1D" } else { "Conv2D" } };
        Self {
            base: LayerBase::new(class_name),
            filters: at_least_1(class_name, "filters", filters),
            kernel_size: kernel_size.into().positive(class_name, "kernel_size"),
            movement: Movement::default(),
            groups: 1,
            kernel: KernelOptions::default(),
        }
    }

    /// Into how many groups the channels are parted; each has filters of its own.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = at_least_1(self.base.class_name(), "groups", groups);
        self
    }
}

impl<const RANK: usize> Layer for Convolution<RANK> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(config.size("filters")?, config.sizes("kernel_size")?),
        given { "filters": filters, "kernel_size": kernel_size },
        sizes { "groups": groups },
        groups { movement, kernel },
    );

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, channels) = (self.base.name(), channels(&self.base, input, RANK)?);
        if !channels.is_multiple_of(self.groups) || !self.filters.is_multiple_of(self.groups) {
            let report = Report::new(self.base.place(), "`groups` must divide the channels and the filters")
                .expected(format!("a divisor of {channels} and {}", self.filters), self.groups);
            return Err(Error::value(report));
        }
        let shape = [&self.kernel_size.0[..], &[channels / self.groups, self.filters]].concat();
        let kernel = self.kernel.kernel(&name, "kernel", &shape);
        Ok(std::iter::once(kernel).chain(self.kernel.bias(&name, self.filters)).collect())
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        let op = Op::new(if RANK == 1 { "conv1d" } else { "conv2d" });
        let op = self.movement.describe(op);
        let sums = ops::with_weights(op.with("groups", Attr::Int(self.groups as i64)), input, weights, &name)?;
        self.kernel.activate(&sums, &name)
    }
}

/// The channels of a batch of images or sequences.
pub(super) fn channels(base: &LayerBase, input: &Shape, rank: usize) -> Result<usize> {
    match input.0.last() {
        Some(&Some(channels)) if input.rank() == rank + 2 => Ok(channels),
        _ => {
            let (expected, hint) = match rank {
                1 => {
                    ("(None, steps, channels)", "a sequence of plain numbers has one channel: `Reshape::new([-1, 1])`")
                }
                _ => (
                    "(None, height, width, channels)",
                    "a grey image has one channel: `Reshape::new([28, 28, 1])`, or `insert_axis(Axis(3))` on the data",
                ),
            };
            let report = Report::new(base.place(), "the input has other axes than this layer slides over");
            Err(Error::shape(report.expected(expected, input).hint(hint)))
        }
    }
}
