//! A layer for each step of a sequence.

use crate::config::{Config, serialize};
use crate::error::{Error, Report, Result};
use crate::layers::{AnyLayer, Layer, LayerBase};
use crate::{Tensor, Weight, ops};
use engine_api::{Attr, Op, Shape};

/// Applies one layer, with one set of weights, to each step of a sequence.
///
/// # Shapes
/// (batch, steps, ...) -> (batch, steps, ...): the layer sees (batch, ...).
///
/// Source: `keras/src/layers/rnn/time_distributed.py`.
///
/// ```
/// use course::prelude::*;
/// let frames = Input::new([10, 28, 28, 1]).tensor();
/// let features = TimeDistributed::new(Conv2D::new(4, 3)).call(&frames);
/// assert_eq!(features.shape().to_string(), "(None, 10, 26, 26, 4)");
/// ```
#[derive(Clone, Debug)]
pub struct TimeDistributed {
    base: LayerBase,
    layer: AnyLayer,
}

impl TimeDistributed {
    /// A layer that applies this one to each step.
    pub fn new(layer: impl Layer) -> Self {
        Self::of(layer.handle())
    }

    /// As [`TimeDistributed::new`], for a layer of any kind.
    pub fn of(layer: AnyLayer) -> Self {
        Self { base: LayerBase::new("TimeDistributed"), layer }
    }
}

impl Layer for TimeDistributed {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        config.with("layer", serialize(&self.layer))
    }

    fn with_options(config: &Config) -> Result<Self> {
        Ok(Self::of(config.layer("layer")?))
    }

    fn parts(&self) -> Vec<AnyLayer> {
        vec![self.layer.clone()]
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        steps(&self.base, input)?;
        self.layer.build_on(&Shape(std::iter::once(input.0[0]).chain(input.0[2..].iter().copied()).collect()))
    }

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        let outputs =
            (0..steps(&self.base, input.shape())?).map(|place| self.layer.try_call(&at(input, place, &name)?));
        sequence(&outputs.collect::<Result<Vec<_>>>()?, &name)
    }
}

fn steps(base: &LayerBase, input: &Shape) -> Result<usize> {
    match input.0.get(1) {
        Some(&Some(steps)) if steps > 0 && input.rank() > 2 => Ok(steps),
        _ => {
            let report = Report::new(base.place(), "the input must be a sequence of known length");
            Err(Error::shape(report.expected("(None, steps, ...)", input)))
        }
    }
}

/// One step of a sequence.
pub fn at(sequence: &Tensor, place: usize, label: &str) -> Result<Tensor> {
    let step = ops::slice(sequence, 1, place, 1, label)?;
    Tensor::apply(Op::new("squeeze").with("axis", Attr::Int(1)), &[&step], label)
}

/// Steps as a sequence.
pub fn sequence(steps: &[Tensor], label: &str) -> Result<Tensor> {
    let parts: Vec<Tensor> = steps.iter().map(|step| ops::expand_dims(step, 1, label)).collect::<Result<_>>()?;
    ops::concatenate(&parts.iter().collect::<Vec<_>>(), 1, label)
}
