//! A sequence read in both directions.

use super::{Cell, Recurrent};
use crate::config::{Config, ConfigValue, serialize};
use crate::layers::{AnyLayer, Handle, Layer, LayerBase};
use crate::named::names_of;
use crate::{Result, Tensor, Weight, ops};
use engine_api::{Attr, Op, Shape};

/// How the outputs of both directions become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeMode {
    /// Side by side.
    #[default]
    Concat,
    /// Added.
    Sum,
    /// Multiplied.
    Mul,
    /// Their mean.
    Ave,
}

names_of! {
    MergeMode, "merge mode" {
        "concat" => MergeMode::Concat,
        "sum" => MergeMode::Sum,
        "mul" => MergeMode::Mul,
        "ave" => MergeMode::Ave,
    }
}

/// Reads a sequence forwards and, with weights of its own, backwards.
///
/// # Shapes
/// (batch, steps, features) -> (batch, 2 units), or (batch, steps, 2 units) when the layer returns
/// sequences; with another merge mode than `"concat"` units in place of 2 units.
///
/// Sources: Schuster and Paliwal, 1997; `keras/src/layers/rnn/bidirectional.py`.
///
/// ```
/// use course::prelude::*;
/// let words = Input::new([20, 32]).tensor();
/// assert_eq!(Bidirectional::new(LSTM::new(64)).call(&words).shape().to_string(), "(None, 128)");
/// ```
#[derive(Clone, Debug)]
pub struct Bidirectional<C: Cell> {
    base: LayerBase,
    forward: Recurrent<C>,
    backward: Recurrent<C>,
    merge_mode: MergeMode,
}

impl<C: Cell> Bidirectional<C> {
    /// This layer, and one of the same kind in the other direction.
    pub fn new(layer: Recurrent<C>) -> Self {
        let base = LayerBase::new("Bidirectional");
        let (name, backward) = (layer.name(), layer.reversed());
        let name = name.strip_prefix("forward_").unwrap_or(&name);
        let (forward, backward) =
            (layer.named(&format!("forward_{name}")), backward.named(&format!("backward_{name}")));
        Self { base, forward, backward, merge_mode: MergeMode::Concat }
    }

    /// How the outputs become one: `"concat"`, `"sum"`, `"mul"` or `"ave"`.
    ///
    /// # Panics
    /// When there is no mode of this name.
    #[must_use]
    #[track_caller]
    pub fn merge_mode(mut self, merge_mode: impl Into<MergeMode>) -> Self {
        self.merge_mode = merge_mode.into();
        self
    }
}

impl<C: Cell> Layer for Bidirectional<C> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        config.with("merge_mode", self.merge_mode.to_json()).with("layer", serialize(&self.forward))
    }

    fn with_options(config: &Config) -> Result<Self> {
        let mut layer = Self::new(Recurrent::from_config(&config.inner(&config["layer"]))?);
        config.set("merge_mode", &mut layer.merge_mode)?;
        // Written only where it differs from the other one, which it cannot here.
        config.ignore("backward_layer");
        Ok(layer)
    }

    fn parts(&self) -> Vec<AnyLayer> {
        vec![self.forward.handle(), self.backward.handle()]
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        Ok([self.forward.build_on(input)?, self.backward.build_on(input)?].concat())
    }

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        let (forward, mut backward) = (self.forward.try_call(input)?, self.backward.try_call(input)?);
        if self.forward.reading.return_sequences {
            // Each step beside the same step of the other direction.
            backward = Tensor::apply(Op::new("flip").with("axes", Attr::Ints(vec![1])), &[&backward], &name)?;
        }
        match self.merge_mode {
            MergeMode::Concat => ops::concatenate(&[&forward, &backward], -1, &name),
            MergeMode::Sum => ops::binary("add", &forward, &backward, &name),
            MergeMode::Mul => ops::binary("multiply", &forward, &backward, &name),
            MergeMode::Ave => ops::affine(&ops::binary("add", &forward, &backward, &name)?, 0.5, 0.0, &name),
        }
    }
}
