//! Layers of any kind, as models keep them.

use super::base::set_all;
use super::{Layer, LayerBase};
use crate::config::{Config, ConfigValue, float32};
use crate::error::{Error, Report, Result, expect_good};
use crate::tensor::{Call, Tensors};
use crate::{Tensor, Weight};
use engine_api::Shape;
use ndarray::ArrayD;
use std::fmt;
use std::sync::Arc;

/// Makes a shared handle of a layer; every layer that is `Clone` has it.
pub trait Handle: 'static {
    /// A handle to the same layer.
    fn handle(&self) -> AnyLayer;
}

impl<L: Layer + Clone> Handle for L {
    fn handle(&self) -> AnyLayer {
        AnyLayer(Arc::new(self.clone()))
    }
}

impl Handle for AnyLayer {
    fn handle(&self) -> AnyLayer {
        self.clone()
    }
}

/// A layer of any kind, as models keep it. Cloning makes a second handle to the same layer.
#[derive(Clone)]
pub struct AnyLayer(Arc<dyn Layer>);

impl AnyLayer {
    /// Whether both are the same layer.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.base().is(other.base())
    }

    /// The part that all layers share.
    pub fn base(&self) -> &LayerBase {
        self.0.base()
    }

    /// The layers that this one is made of.
    pub fn parts(&self) -> Vec<AnyLayer> {
        self.0.parts()
    }

    /// The layer's name in the model, such as `dense_1`.
    pub fn name(&self) -> String {
        self.base().name()
    }

    /// The layer's kind, such as `Dense`.
    pub fn class_name(&self) -> &'static str {
        self.base().class_name()
    }

    /// The options of the layer, its name among them.
    pub fn get_config(&self) -> Config {
        let config = Config::new(self.class_name()).with("name", self.name());
        let config = config.with("trainable", !self.base().is_frozen()).with("dtype", float32());
        self.0.describe(match self.base().activity_regularizer() {
            Some(regularizer) => config.with("activity_regularizer", regularizer.to_json()),
            None => config,
        })
    }

    /// The shape of what the layer returned last; `None` before the first call.
    pub fn output_shape(&self) -> Option<Shape> {
        self.base().output_shape()
    }

    /// Applies the layer to a symbolic tensor, or to several.
    ///
    /// # Panics
    /// When the input does not fit; [`AnyLayer::try_call`] returns the error instead.
    #[track_caller]
    pub fn call(&self, inputs: impl Into<Tensors>) -> Tensor {
        expect_good(self.try_call(inputs))
    }

    /// Applies the layer to a symbolic tensor, or to several. After an error the layer is as it was.
    ///
    /// # Errors
    /// What [`Layer::build`] and [`Layer::forward`] find wrong, and a layer that returns several tensors.
    pub fn try_call(&self, inputs: impl Into<Tensors>) -> Result<Tensor> {
        let mut outputs = self.try_call_all(inputs)?;
        if outputs.len() == 1 {
            return Ok(outputs.remove(0));
        }
        let report = Report::new(self.base().place(), format!("it returns {} tensors", outputs.len()));
        Err(Error::order(report.hint("use `call_all`, which returns all of them")))
    }

    /// Applies the layer, and returns all that it returns.
    ///
    /// # Panics
    /// As [`AnyLayer::call`].
    #[track_caller]
    pub fn call_all(&self, inputs: impl Into<Tensors>) -> Vec<Tensor> {
        expect_good(self.try_call_all(inputs))
    }

    /// As [`AnyLayer::call_all`].
    ///
    /// # Errors
    /// What [`Layer::build`] and [`Layer::forward`] find wrong.
    pub fn try_call_all(&self, inputs: impl Into<Tensors>) -> Result<Vec<Tensor>> {
        let (base, Tensors(inputs)) = (self.base(), inputs.into());
        let shapes = || inputs.iter().map(|input| input.shape().clone()).collect::<Vec<_>>();
        let (weights, is_new) = match base.weights() {
            Some(weights) => (weights, false),
            None => (self.0.build_all(&shapes()).map_err(|error| base.locate(error))?, true),
        };
        base.take_losses();
        let outputs = self.0.forward_all(&inputs, &weights).map_err(|error| base.locate(error))?;
        let losses = self.losses_of(&outputs).map_err(|error| base.locate(error))?;
        base.called(is_new.then_some(weights), outputs.iter().map(|output| output.shape().clone()).collect());
        let call = Arc::new(Call { layer: self.clone(), inputs, losses });
        Ok(outputs.iter().enumerate().map(|(place, output)| output.made_by(&call, place)).collect())
    }

    /// What a call with these outputs adds to the loss: what the layer has said, what its activity costs, and what
    /// the calls of layers inside add, whose place on the outputs this call takes.
    fn losses_of(&self, outputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let mut losses = self.base().take_losses();
        if let Some(regularizer) = self.base().activity_regularizer() {
            for output in outputs {
                losses.extend(regularizer.penalty_of_samples(output)?);
            }
        }
        let inside = outputs.iter().filter_map(Tensor::maker).flat_map(|maker| maker.call.losses.iter().cloned());
        Ok(losses.into_iter().chain(inside).collect())
    }

    /// Makes the weights by calling the layer on an input of this shape, and returns them.
    ///
    /// # Errors
    /// As [`AnyLayer::try_call`].
    pub fn build_on(&self, input: &Shape) -> Result<Vec<Weight>> {
        self.try_call_all(&Tensor::input(input.clone(), "input"))?;
        Ok(self.weights())
    }

    /// The weights, trainable ones first; none before the first call.
    pub fn weights(&self) -> Vec<Weight> {
        self.base().weights().unwrap_or_default()
    }

    /// How many numbers the weights have together; 0 before the first call.
    pub fn count_params(&self) -> usize {
        self.weights().iter().map(Weight::count).sum()
    }

    /// The present values of the weights: for a dense layer kernel and bias.
    ///
    /// # Panics
    /// When the backend cannot be reached.
    #[track_caller]
    pub fn get_weights(&self) -> Vec<ArrayD<f32>> {
        expect_good(self.weights().iter().map(Weight::read).collect())
    }

    /// Replaces the values of the weights, in the order of [`AnyLayer::get_weights`].
    ///
    /// # Panics
    /// When number or shapes differ; [`AnyLayer::try_set_weights`] returns the error instead.
    #[track_caller]
    pub fn set_weights(&self, values: &[ArrayD<f32>]) {
        expect_good(self.try_set_weights(values));
    }

    /// Replaces the values of the weights; after an error all are as they were.
    ///
    /// # Errors
    /// [`Error::Shape`] when number or shapes differ.
    pub fn try_set_weights(&self, values: &[ArrayD<f32>]) -> Result<()> {
        set_all(&self.base().place(), &self.weights(), values)
    }

    /// Whether training changes the weights.
    pub fn trainable(&self) -> bool {
        !self.base().is_frozen()
    }

    /// Freezes or thaws the weights; takes effect at the next `compile`, as in Keras.
    pub fn set_trainable(&self, trainable: bool) {
        self.base().set_trainable(trainable);
        self.weights().iter().for_each(|weight| weight.set_trainable(trainable));
        self.parts().iter().for_each(|part| part.set_trainable(trainable));
    }
}

impl fmt::Display for AnyLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} name={}, built={}>", self.class_name(), self.name(), self.base().weights().is_some())
    }
}

impl fmt::Debug for AnyLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
