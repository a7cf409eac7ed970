//! An activation as a layer of its own.

use super::{Layer, LayerBase};
use crate::config::options;
use crate::{Activation, Result, Tensor, Weight};

/// Applies an activation: `Dense::new(64)` followed by this is `Dense::new(64).activation(...)`.
///
/// Keras calls it `Activation`, which here is the name of the function itself; `Activation::new`
/// makes this layer.
///
/// # Shapes
/// Output as input.
///
/// Source: `keras/src/layers/activations/activation.py`.
///
/// ```
/// use course::prelude::*;
/// let hidden = Activation::new("tanh").call(&Input::new([64]).tensor());
/// assert_eq!(hidden.shape().to_string(), "(None, 64)");
/// ```
#[derive(Clone, Debug)]
pub struct ActivationLayer {
    base: LayerBase,
    activation: Activation,
}

impl Activation {
    /// A layer that applies the function of this name.
    ///
    /// # Panics
    /// When there is no such function.
    #[expect(clippy::new_ret_no_self, reason = "Keras's layer `Activation(\"relu\")` is written with this name")]
    #[track_caller]
    pub fn new(activation: impl Into<Activation>) -> ActivationLayer {
        ActivationLayer { base: LayerBase::new("Activation"), activation: activation.into() }
    }
}

impl Layer for ActivationLayer {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|config| Activation::new(config.get::<Activation>("activation")?), given { "activation": activation });

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        self.activation.apply(input, &self.base.name())
    }
}
