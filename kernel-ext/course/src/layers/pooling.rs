//! Pooling: what is strongest, or the average, in each window.

use super::window::{Movement, Padding, Sizes};
use super::{Layer, LayerBase};
use crate::config::options;
use crate::{Result, Tensor, Weight, ops};
use engine_api::Op;
use std::fmt::Debug;
use std::marker::PhantomData;

/// Pooling of sequences by their maxima: see [`Pooling`].
pub type MaxPooling1D = Pooling<Maxima, 1>;
/// Pooling of images by their maxima: see [`Pooling`].
pub type MaxPooling2D = Pooling<Maxima, 2>;
/// Pooling of sequences by their means: see [`Pooling`].
pub type AveragePooling1D = Pooling<Means, 1>;
/// Pooling of images by their means: see [`Pooling`].
pub type AveragePooling2D = Pooling<Means, 2>;

/// What a window is reduced to.
pub trait Reduction: Clone + Debug + Send + Sync + 'static {
    /// Its name in those of layers.
    #[doc(hidden)]
    const NAMES: [&'static str; 4];
    /// The names of the ops for windows of one and two axes, and for everything.
    #[doc(hidden)]
    const OPS: [&'static str; 3];
}

/// The greatest numbers.
#[derive(Clone, Debug)]
pub enum Maxima {}

/// The means.
#[derive(Clone, Debug)]
pub enum Means {}

impl Reduction for Maxima {
    const NAMES: [&'static str; 4] = ["MaxPooling1D", "MaxPooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"];
    const OPS: [&'static str; 3] = ["max_pool1d", "max_pool2d", "max"];
}

impl Reduction for Means {
    const NAMES: [&'static str; 4] =
        ["AveragePooling1D", "AveragePooling2D", "GlobalAveragePooling1D", "GlobalAveragePooling2D"];
    const OPS: [&'static str; 3] = ["average_pool1d", "average_pool2d", "mean"];
}

/// Reduces each window of a sequence or an image to one number a channel: [`MaxPooling1D`],
/// [`MaxPooling2D`], [`AveragePooling1D`], [`AveragePooling2D`].
///
/// # Shapes
/// (batch, height, width, channels) -> (batch, height', width', channels); with the padding `"valid"`
/// height' = ⌊(height - size) / stride⌋ + 1, with `"same"` ⌈height / stride⌉. A sequence has no height.
///
/// Source: `keras/src/layers/pooling/base_pooling.py`.
///
/// ```
/// use course::prelude::*;
/// let image = Input::new([26, 26, 32]).tensor();
/// assert_eq!(MaxPooling2D::new(2).call(&image).shape().to_string(), "(None, 13, 13, 32)");
/// let overlapping = AveragePooling2D::new(3).strides(2).padding("same").call(&image);
/// assert_eq!(overlapping.shape().to_string(), "(None, 13, 13, 32)");
/// ```
#[derive(Clone, Debug)]
pub struct Pooling<R: Reduction, const RANK: usize> {
    base: LayerBase,
    pool_size: Sizes<RANK>,
    movement: Movement<RANK>,
    reduction: PhantomData<R>,
}

impl<R: Reduction, const RANK: usize> Pooling<R, RANK> {
    /// A layer of windows of this size that lie side by side.
    ///
    /// # Panics
    /// When a size is 0.
    #[track_caller]
    pub fn new(pool_size: impl Into<Sizes<RANK>>) -> Self {
        let class_name = R::NAMES[RANK - 1];
        let pool_size = pool_size.into().positive(class_name, "pool_size");
        let movement = Movement { strides: pool_size, ..Movement::default() };
        Self { base: LayerBase::new(class_name), pool_size, movement, reduction: PhantomData }
    }

    /// How far the window moves from output to output; its own size if this is not called.
    ///
    /// # Panics
    /// When a number is 0.
    #[must_use]
    #[track_caller]
    pub fn strides(mut self, strides: impl Into<Sizes<RANK>>) -> Self {
        self.movement.strides = strides.into().positive(self.base.class_name(), "strides");
        self
    }

    /// Whether windows may reach over the edges (`"same"`) or not (`"valid"`). What is beyond counts
    /// for neither maxima nor means.
    ///
    /// # Panics
    /// When there is no padding of this name.
    #[must_use]
    #[track_caller]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.movement.padding = padding.into();
        self
    }
}

impl<R: Reduction, const RANK: usize> Layer for Pooling<R, RANK> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(config.sizes("pool_size")?),
        given { "pool_size": pool_size },
        then { "padding": movement.padding },
        sizes { "strides": movement.strides },
    );

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        super::convolution::channels(&self.base, input.shape(), RANK)?;
        let op = self.movement.describe(Op::new(R::OPS[RANK - 1]).with("pool_size", self.pool_size.attribute()));
        Tensor::apply(op, &[input], &self.base.name())
    }
}

/// Pooling of whole sequences by their maxima: see [`GlobalPooling`].
pub type GlobalMaxPooling1D = GlobalPooling<Maxima, 1>;
/// Pooling of whole images by their maxima: see [`GlobalPooling`].
pub type GlobalMaxPooling2D = GlobalPooling<Maxima, 2>;
/// Pooling of whole sequences by their means: see [`GlobalPooling`].
pub type GlobalAveragePooling1D = GlobalPooling<Means, 1>;
/// Pooling of whole images by their means: see [`GlobalPooling`].
pub type GlobalAveragePooling2D = GlobalPooling<Means, 2>;

/// Reduces a whole sequence or image to one number a channel, whatever its size.
///
/// # Shapes
/// (batch, height, width, channels) -> (batch, channels), or (batch, 1, 1, channels) with `keepdims`.
/// A sequence has no height.
///
/// Source: `keras/src/layers/pooling/base_global_pooling.py`.
///
/// ```
/// use course::prelude::*;
/// let channels = GlobalAveragePooling2D::new().call(&Input::new([7, 7, 64]).tensor());
/// assert_eq!(channels.shape().to_string(), "(None, 64)");
/// ```
#[derive(Clone, Debug)]
pub struct GlobalPooling<R: Reduction, const RANK: usize> {
    base: LayerBase,
    keepdims: bool,
    reduction: PhantomData<R>,
}

impl<R: Reduction, const RANK: usize> GlobalPooling<R, RANK> {
    /// A layer that keeps one number a channel.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new(R::NAMES[RANK + 1]), keepdims: false, reduction: PhantomData }
    }

    /// Whether the reduced axes stay, with size 1.
    #[must_use]
    pub fn keepdims(mut self, keepdims: bool) -> Self {
        self.keepdims = keepdims;
        self
    }
}

impl<R: Reduction, const RANK: usize> Layer for GlobalPooling<R, RANK> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|_config| Self::new(), then { "keepdims": keepdims });

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        super::convolution::channels(&self.base, input.shape(), RANK)?;
        let axes: Vec<i64> = (1..=RANK as i64).collect();
        ops::reduce(R::OPS[2], input, &axes, self.keepdims, &self.base.name())
    }
}
