//! A sequence read in both directions.

use super::{Cell, Recurrent};
use crate::config::{Config, ConfigValue, serialize};
use crate::error::{Error, Report};
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
pub struct Bidirectional<C: Cell, B: Cell = C> {
    base: LayerBase,
    forward: Recurrent<C>,
    backward: Recurrent<B>,
    /// Whether the second layer is another one than the first in the other direction.
    own_backward: bool,
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
        Self { base, forward, backward, own_backward: false, merge_mode: MergeMode::Concat }
    }
}

impl<C: Cell, B: Cell> Bidirectional<C, B> {
    /// What goes through the sequence from its end, in place of a layer like the first. It must be told so.
    ///
    /// ```
    /// use course::prelude::*;
    /// let words = Input::new([20, 32]).tensor();
    /// let layer = Bidirectional::new(LSTM::new(64)).backward_layer(GRU::new(16).go_backwards(true));
    /// assert_eq!(layer.call(&words).shape().to_string(), "(None, 80)");
    /// ```
    #[must_use]
    pub fn backward_layer<D: Cell>(self, layer: Recurrent<D>) -> Bidirectional<C, D> {
        let Self { base, forward, merge_mode, .. } = self;
        Bidirectional { base, forward, backward: layer, own_backward: true, merge_mode }
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

impl<C: Cell, B: Cell> Layer for Bidirectional<C, B> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        let config = config.with("merge_mode", self.merge_mode.to_json()).with("layer", serialize(&self.forward));
        if self.own_backward { config.with("backward_layer", serialize(&self.backward)) } else { config }
    }

    fn with_options(config: &Config) -> Result<Self> {
        let Bidirectional { base, forward, backward, .. } =
            Bidirectional::<C>::new(Recurrent::from_config(&config.inner(&config["layer"]))?);
        let own_backward = !config["backward_layer"].is_null();
        let described = if own_backward { &config["backward_layer"] } else { &serialize(&backward) };
        let backward = Recurrent::<B>::from_config(&config.inner(described))?;
        let mut layer = Self { base, forward, backward, own_backward, merge_mode: MergeMode::Concat };
        config.set("merge_mode", &mut layer.merge_mode)?;
        Ok(layer)
    }

    fn parts(&self) -> Vec<AnyLayer> {
        vec![self.forward.handle(), self.backward.handle()]
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (forward, backward) = (self.forward.reading, self.backward.reading);
        if forward.go_backwards == backward.go_backwards || forward.return_sequences != backward.return_sequences {
            let report = Report::new(self.base.place(), "the two layers do not fit together");
            let expected = "one of them with `go_backwards`, and `return_sequences` of both alike";
            return Err(Error::value(report.expected(expected, format!("{forward:?} and {backward:?}"))));
        }
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
