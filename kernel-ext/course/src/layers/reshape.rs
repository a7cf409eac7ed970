//! The same numbers with other axes.

use super::{Layer, LayerBase};
use crate::config::options;
use crate::{Result, Tensor, Weight, ops};

/// Gives the numbers of a sample other axes, in row-major order.
///
/// # Shapes
/// (batch, ...) -> (batch, sizes...); one size may be -1 and is worked out.
///
/// Source: `keras/src/layers/reshaping/reshape.py`.
///
/// ```
/// use course::prelude::*;
/// let image = Reshape::new([28, -1, 1]).call(&Input::new([784]).tensor());
/// assert_eq!(image.shape().to_string(), "(None, 28, 28, 1)");
/// ```
#[derive(Clone, Debug)]
pub struct Reshape {
    base: LayerBase,
    sizes: Vec<i64>,
}

impl Reshape {
    /// A layer that gives each sample these sizes.
    pub fn new<const RANK: usize>(sizes: [i64; RANK]) -> Self {
        Self::to(&sizes)
    }

    /// As [`Reshape::new`], for sizes whose number is not known when the program is written.
    pub fn to(sizes: &[i64]) -> Self {
        Self { base: LayerBase::new("Reshape"), sizes: sizes.to_vec() }
    }
}

impl Layer for Reshape {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|config| Self::to(&config.get::<Vec<i64>>("target_shape")?), given { "target_shape": sizes });

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        ops::reshape(input, &self.sizes, &self.base.name())
    }
}
