//! Models as layers of other models.

use super::model::Model;
use super::network::Network;
use super::sequential::{Part, Sequential};
use crate::config::{Config, describe_functional, describe_sequential};
use crate::error::{Error, Report, Result, expect_good};
use crate::layers::{AnyLayer, Handle, Layer, LayerBase};
use crate::tensor::Tensors;
use crate::{Tensor, Weight};
use engine_api::Shape;

/// A model that is called like a layer; both share their weights.
#[derive(Clone)]
pub(super) struct Nested {
    base: LayerBase,
    layers: Vec<AnyLayer>,
    /// Absent for layers in a row whose input is not known yet.
    network: Option<Network>,
}

impl Layer for Nested {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        match &self.network {
            Some(network) if self.base.class_name() == "Functional" => {
                describe_functional(config, &self.layers, network)
            }
            network => describe_sequential(config, &self.layers, network.as_ref()),
        }
    }

    fn parts(&self) -> Vec<AnyLayer> {
        self.layers.clone()
    }

    fn build_all(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        // Calling the layers makes the weights of those that have none yet.
        let inputs: Vec<Tensor> = inputs.iter().map(|shape| Tensor::input(shape.clone(), "input")).collect();
        self.forward_all(&inputs, &[])?;
        Ok(super::model::weights_of_layers(&self.layers))
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let mut outputs = self.forward_all(std::slice::from_ref(input), weights)?;
        Ok(outputs.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], _: &[Weight]) -> Result<Vec<Tensor>> {
        match (&self.network, inputs) {
            (Some(network), _) => {
                self.check(network, inputs)?;
                network.replay(inputs)
            }
            (None, _) if self.layers.is_empty() => {
                let report = Report::new(self.base.place(), "it has no layers yet");
                Err(Error::order(report.hint("add some first, or build a model of one's own with `build_on`")))
            }
            (None, [input]) => {
                let call = |from: Tensor, layer: &AnyLayer| layer.try_call(&from);
                Ok(vec![self.layers.iter().try_fold(input.clone(), call)?])
            }
            (None, _) => {
                let report = Report::new(self.base.place(), "layers in a row take one tensor");
                Err(Error::shape(report.expected(1, inputs.len())))
            }
        }
    }
}

impl Nested {
    /// Checks number and shapes of what the model is called on.
    fn check(&self, network: &Network, inputs: &[Tensor]) -> Result<()> {
        let fits = |(expected, input): (&Tensor, &Tensor)| {
            let pairs = expected.shape().0.iter().zip(&input.shape().0).skip(1);
            expected.shape().rank() == input.shape().rank() && pairs.into_iter().all(|(a, b)| a.is_none() || a == b)
        };
        if network.inputs.len() == inputs.len() && network.inputs.iter().zip(inputs).all(fits) {
            return Ok(());
        }
        let shapes =
            |tensors: &[Tensor]| tensors.iter().map(|tensor| tensor.shape().to_string()).collect::<Vec<_>>().join(", ");
        let report = Report::new(self.base.place(), "the tensors do not fit the inputs of this model");
        Err(Error::shape(report.expected(shapes(&network.inputs), shapes(inputs))))
    }
}

impl Model {
    /// Applies the model to symbolic tensors, as a layer of a larger model; both share their weights.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut encoder = Sequential::new();
    /// encoder.add(Input::new([4]));
    /// encoder.add(Dense::new(2));
    /// // The same encoder reads both inputs.
    /// let (a, b) = (Input::new([4]).tensor(), Input::new([4]).tensor());
    /// let distance = Subtract::new().call([&encoder.call(&a), &encoder.call(&b)]);
    /// let model = Model::new([&a, &b], &distance);
    /// assert_eq!(model.count_params(), encoder.count_params());
    /// assert!(model.summary().to_string().contains("(Sequential)"));
    /// ```
    ///
    /// # Panics
    /// When the tensors do not fit, or when the model has several outputs: then
    /// `model.as_layer().call_all(...)` returns all of them.
    #[track_caller]
    pub fn call(&self, inputs: impl Into<Tensors>) -> Tensor {
        expect_good(self.try_call(inputs))
    }

    /// As [`Model::call`].
    ///
    /// # Errors
    /// When the tensors do not fit, or when the model has several outputs.
    pub fn try_call(&self, inputs: impl Into<Tensors>) -> Result<Tensor> {
        self.as_layer().try_call(inputs)
    }

    /// The model as a layer.
    pub fn as_layer(&self) -> AnyLayer {
        let make = || {
            let base = LayerBase::named(self.kind.class_name(), &self.name);
            Nested { base, layers: self.layers.clone(), network: self.network.clone() }.handle()
        };
        self.layer.get_or_init(make).clone()
    }
}

impl From<&Model> for Part {
    fn from(model: &Model) -> Self {
        Self::Layer(model.as_layer())
    }
}

impl From<Model> for Part {
    fn from(model: Model) -> Self {
        Self::Layer(model.as_layer())
    }
}

impl From<&Sequential> for Part {
    fn from(model: &Sequential) -> Self {
        Self::Layer(model.as_layer())
    }
}

impl From<Sequential> for Part {
    fn from(model: Sequential) -> Self {
        Self::Layer(model.as_layer())
    }
}
