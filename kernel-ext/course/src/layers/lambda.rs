//! A function of one's own as a layer.

use super::{Layer, LayerBase};
use crate::{Result, Tensor, Weight};
use std::fmt;
use std::sync::Arc;

/// Applies a function of symbolic tensors; it has no weights.
///
/// # Shapes
/// As the function says.
///
/// Source: `keras/src/layers/core/lambda_layer.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([2]));
/// model.add(Lambda::new(|x| &(x * x) + 1.0));
/// assert_eq!(model.predict(&array![[2.0, 3.0]]), array![[5.0, 10.0]].into_dyn());
/// ```
#[derive(Clone)]
pub struct Lambda {
    base: LayerBase,
    function: Arc<dyn Fn(&Tensor) -> Tensor + Send + Sync>,
}

impl Lambda {
    /// A layer that applies this function.
    pub fn new(function: impl Fn(&Tensor) -> Tensor + Send + Sync + 'static) -> Self {
        Self { base: LayerBase::new("Lambda"), function: Arc::new(function) }
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Layer for Lambda {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        Ok((self.function)(input))
    }
}
