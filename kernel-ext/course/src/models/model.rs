//! What all models share: layers, weights, and the way to a program.

use super::compile::Compiled;
use super::network::Network;
use super::program::Program;
use super::subclass::Subclass;
use crate::error::{Error, Report, Result, expect_good};
use crate::layers::{AnyLayer, set_all};
use crate::tensor::Tensors;
use crate::{History, Optimizer, Tensor, Weight};
use engine_api::Shape;
use ndarray::ArrayD;
use std::fmt;
use std::sync::OnceLock;

/// A model: symbolic tensors from inputs to outputs, and the layers between them.
///
/// [`Sequential`](crate::Sequential) makes one layer by layer, [`Model::new`] of tensors, and everything that a model can do
/// (`compile`, `fit`, `evaluate`, `predict`, `summary`) is here.
#[derive(Debug)]
pub struct Model {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) layers: Vec<AnyLayer>,
    pub(super) network: Option<Network>,
    /// The model as a layer of others, once it has been used as one.
    pub(super) layer: OnceLock<AnyLayer>,
    pub(super) compiled: Option<Compiled>,
    pub(super) program: Option<Program>,
    pub(super) history: Option<History>,
    /// Whether somebody has asked to end the training.
    pub(super) stops: bool,
    /// What callbacks have to say, until the epoch's line is out.
    announcements: Vec<String>,
}

/// What a model was made of.
pub(super) enum Kind {
    /// Layers in a row.
    Sequential,
    /// Tensors.
    Functional,
    /// A method of the user's.
    Subclass { class_name: &'static str, model: Box<dyn Subclass> },
}

impl Kind {
    /// Keras's name of the kind, or the user's.
    pub fn class_name(&self) -> &'static str {
        match self {
            Self::Sequential => "Sequential",
            Self::Functional => "Functional",
            Self::Subclass { class_name, .. } => class_name,
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.class_name())
    }
}

/// The weights of layers, each once.
pub(super) fn weights_of_layers(layers: &[AnyLayer]) -> Vec<Weight> {
    let mut weights: Vec<Weight> = Vec::new();
    for weight in layers.iter().flat_map(AnyLayer::weights) {
        if !weights.iter().any(|known| known.is(&weight)) {
            weights.push(weight);
        }
    }
    weights
}

impl Model {
    pub(super) fn empty(name: String, kind: Kind) -> Self {
        let (layers, layer) = (Vec::new(), OnceLock::new());
        Self {
            name,
            kind,
            layers,
            network: None,
            layer,
            compiled: None,
            program: None,
            history: None,
            stops: false,
            announcements: Vec::new(),
        }
    }

    /// A model of all that leads from its inputs to its outputs, one of each or several.
    ///
    /// Layers may be shared, branches may part and meet, and a tensor from inside another model may be an output:
    /// the new model then shares the layers up to there.
    ///
    /// Source: `keras/src/models/functional.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let inputs = Input::new([10]).tensor();
    /// let hidden = Dense::new(20).activation("relu").call(&inputs);
    /// let skip = Concatenate::new().call([&inputs, &hidden]);
    /// let model = Model::new(&inputs, &Dense::new(3).call(&skip));
    /// assert_eq!(model.count_params(), (10 * 20 + 20) + (30 * 3 + 3));
    /// let inner = Model::new(&inputs, &hidden);
    /// assert_eq!(inner.output_shape().unwrap().to_string(), "(None, 20)");
    /// ```
    ///
    /// # Panics
    /// When an output depends on data that is not among the inputs.
    #[track_caller]
    pub fn new(inputs: impl Into<Tensors>, outputs: impl Into<Tensors>) -> Self {
        expect_good(Self::try_new(inputs, outputs))
    }

    /// As [`Model::new`].
    ///
    /// # Errors
    /// [`Error::Order`] when an output depends on data that is not among the inputs.
    pub fn try_new(inputs: impl Into<Tensors>, outputs: impl Into<Tensors>) -> Result<Self> {
        let network = Network::new(inputs.into(), outputs.into());
        if network.inputs.is_empty() || network.outputs.is_empty() {
            let report = Report::new("Model::new", "a model needs at least one input and one output");
            return Err(Error::order(report.hint("give tensors: `Model::new([&a, &b], &output)`")));
        }
        let mut model = Self::empty(crate::names::next_name("Functional"), Kind::Functional);
        model.layers = network.layers()?;
        model.number_layers();
        model.network = Some(network);
        Ok(model)
    }

    pub(super) fn number_layers(&self) {
        for (place, layer) in self.layers.iter().enumerate() {
            layer.base().set_position(place + 1, &self.name);
        }
    }

    /// The model's name, such as `sequential`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the model a name of the user's choice.
    pub(crate) fn rename(&mut self, name: &str) {
        self.name = name.into();
        self.number_layers();
    }

    /// The layers in their order, without the input.
    pub fn layers(&self) -> Vec<AnyLayer> {
        self.layers.clone()
    }

    /// The layer of this name.
    ///
    /// # Panics
    /// When there is none; the message lists the names.
    #[track_caller]
    pub fn layer(&self, name: &str) -> AnyLayer {
        let found = self.layers.iter().find(|layer| layer.name() == name).cloned();
        expect_good(found.ok_or_else(|| Error::Name {
            kind: "layer of this model",
            given: name.into(),
            known: self.layers.iter().map(|layer| layer.name()).collect(),
        }))
    }

    /// The shape of the model's input, or of its first, once it is known.
    pub fn input_shape(&self) -> Option<Shape> {
        self.network.as_ref().map(|network| network.inputs[0].shape().clone())
    }

    /// The shape of the model's output, or of its first, once it is known.
    pub fn output_shape(&self) -> Option<Shape> {
        self.network.as_ref().map(|network| network.outputs[0].shape().clone())
    }

    /// The symbolic output of the model, or its first, once its input is known.
    pub fn output(&self) -> Option<Tensor> {
        self.network.as_ref().map(|network| network.outputs[0].clone())
    }

    /// The symbolic inputs, once they are known.
    pub fn inputs(&self) -> Vec<Tensor> {
        self.network.as_ref().map_or(Vec::new(), |network| network.inputs.clone())
    }

    /// The symbolic outputs, once the inputs are known.
    pub fn outputs(&self) -> Vec<Tensor> {
        self.network.as_ref().map_or(Vec::new(), |network| network.outputs.clone())
    }

    /// The weights of all layers, each once.
    pub fn weights(&self) -> Vec<Weight> {
        weights_of_layers(&self.layers)
    }

    /// How many numbers the weights have together.
    pub fn count_params(&self) -> usize {
        self.weights().iter().map(Weight::count).sum()
    }

    /// The present values of all weights, layer by layer: for each dense layer kernel and bias.
    ///
    /// # Panics
    /// When the backend cannot be reached.
    #[track_caller]
    pub fn get_weights(&self) -> Vec<ArrayD<f32>> {
        expect_good(self.weights().iter().map(Weight::read).collect())
    }

    /// Replaces the values of all weights, in the order of [`Model::get_weights`].
    ///
    /// # Panics
    /// When number or shapes differ; [`Model::try_set_weights`] returns the error instead.
    #[track_caller]
    pub fn set_weights(&mut self, values: &[ArrayD<f32>]) {
        expect_good(self.try_set_weights(values));
    }

    /// Replaces the values of all weights; after an error all are as they were.
    ///
    /// # Errors
    /// [`Error::Shape`] when number or shapes differ.
    pub fn try_set_weights(&mut self, values: &[ArrayD<f32>]) -> Result<()> {
        set_all(&format!("model `{}`", self.name), &self.weights(), values)
    }

    /// The history of the last `fit`, also of one that was interrupted.
    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// Ends a `fit` that is going on: after the present batch if a callback asks at a batch, else after the epoch.
    ///
    /// Source: `stop_training` of `keras/src/trainers/trainer.py`.
    pub fn stop_training(&mut self) {
        self.stops = true;
    }

    /// Says something once the line of the epoch is out.
    pub(crate) fn announce(&mut self, text: String) {
        self.announcements.push(text);
    }

    pub(super) fn print_announcements(&mut self) {
        self.announcements.drain(..).for_each(|text| println!("{text}"));
    }

    /// The optimizer that `compile` got.
    pub fn optimizer(&self) -> Option<&Optimizer> {
        self.compiled.as_ref().map(|compiled| &compiled.optimizer)
    }

    /// The learning rate.
    ///
    /// # Panics
    /// Before `compile`.
    #[track_caller]
    pub fn learning_rate(&self) -> f64 {
        let compiled = expect_good(self.compiled("learning_rate"));
        compiled.optimizer.option("learning_rate").unwrap_or(f64::NAN)
    }

    /// Changes the learning rate from the next batch on; the optimizer keeps its state.
    ///
    /// # Panics
    /// Before `compile`, or when the rate is negative or not finite.
    #[track_caller]
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        expect_good(self.try_set_learning_rate(learning_rate));
    }

    /// As [`Model::set_learning_rate`].
    ///
    /// # Errors
    /// [`Error::Order`] before `compile`, [`Error::Value`] when the rate cannot be one.
    pub fn try_set_learning_rate(&mut self, learning_rate: f64) -> Result<()> {
        self.compiled("set_learning_rate")?;
        if !(learning_rate.is_finite() && learning_rate >= 0.0) {
            let report = Report::new("set_learning_rate", "the rate cannot be used");
            return Err(Error::value(report.expected("0 or more, finite", learning_rate)));
        }
        if self.compiled("set_learning_rate")?.optimizer.schedule().is_some() {
            let report = Report::new("set_learning_rate", "the learning rate follows a schedule");
            return Err(Error::order(
                report.hint("compile with a number in place of the schedule, then it can be set"),
            ));
        }
        if let Some(program) = &self.program {
            program.set_optimizer("learning_rate", learning_rate)?;
        }
        if let Some(compiled) = &mut self.compiled {
            compiled.optimizer.set_option("learning_rate", learning_rate);
        }
        Ok(())
    }

    /// What `compile` got, or an error that says to call it.
    pub(super) fn compiled(&self, method: &str) -> Result<&Compiled> {
        self.compiled.as_ref().ok_or_else(|| {
            let problem = "the model has not been compiled: it knows no optimizer and no loss yet";
            let hint = "call `model.compile(Sgd::new(0.01), \"categorical_crossentropy\", [\"accuracy\"])` first";
            Error::order(Report::new(format!("{method} of model `{}`", self.name), problem).hint(hint))
        })
    }

    /// Calls the layers on an input of this shape, unless the shape is known already.
    pub(super) fn build(&mut self, sample_shape: &[usize]) -> Result<()> {
        if self.network.is_some() {
            return Ok(());
        }
        if let Kind::Subclass { model, .. } = &self.kind {
            let network = super::subclass::network_of(model.as_ref(), sample_shape);
            self.layers = network.layers()?;
            self.number_layers();
            self.network = Some(network);
            return Ok(());
        }
        if self.layers.is_empty() {
            let report = Report::new(format!("model `{}`", self.name), "it has no layers yet");
            return Err(Error::order(report.hint("add some, such as `model.add(Dense::new(10))`")));
        }
        let input = crate::layers::Input::of(sample_shape).tensor();
        let call = |from: Tensor, layer: &AnyLayer| layer.try_call(&from);
        let output = self.layers.iter().try_fold(input.clone(), call)?;
        self.network = Some(Network::new((&input).into(), (&output).into()));
        Ok(())
    }

    pub(super) fn network(&self) -> Result<&Network> {
        self.network.as_ref().ok_or_else(|| {
            let report = Report::new(format!("model `{}`", self.name), "its input shape is not known yet");
            Error::order(report.hint("begin with `model.add(Input::new([...]))`, or call `fit` or `predict`"))
        })
    }

    /// The program for this model as it is now; made when there is none or its weights moved away.
    pub(super) fn program(&mut self) -> Result<&Program> {
        let weights = self.weights();
        if self.program.as_ref().is_none_or(|program| !program.owns(&weights)) {
            let program = Program::compile(self.network()?, &weights, self.compiled.as_ref())?;
            return Ok(self.program.insert(program));
        }
        self.program.as_ref().ok_or_else(|| Error::order(Report::new("program", "there is none")))
    }
}
