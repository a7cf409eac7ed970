//! All axes of a sample in one.

use super::{Layer, LayerBase};
use crate::config::options;
use crate::{Result, Tensor, Weight, ops};

/// Lays all numbers of a sample in one row, in row-major order; a dense layer needs this after
/// images.
///
/// # Shapes
/// (batch, a, b, ...) -> (batch, a · b · ...)
///
/// Source: `keras/src/layers/reshaping/flatten.py`.
///
/// ```
/// use course::prelude::*;
/// let row = Flatten::new().call(&Input::new([28, 28, 1]).tensor());
/// assert_eq!(row.shape().to_string(), "(None, 784)");
/// ```
#[derive(Clone, Debug)]
pub struct Flatten {
    base: LayerBase,
}

impl Flatten {
    /// A flattening layer; it has no weights.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new("Flatten") }
    }
}

impl Layer for Flatten {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|_config| Self::new());

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        ops::flatten(input, &self.base.name())
    }
}
