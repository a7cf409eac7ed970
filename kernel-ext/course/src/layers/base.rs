//! What all layers have in common: a name, weights that are made at the first call, shapes.

use super::{AnyLayer, Handle};
use crate::config::Config;
use crate::error::{Error, Report, Result};
use crate::names::next_name;
use crate::tensor::Tensors;
use crate::{Regularizer, Tensor, Weight};
use engine_api::Shape;
use ndarray::ArrayD;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A part of a model: a function of tensors, with weights that training changes.
///
/// A new kind of layer holds a [`LayerBase`], says in [`Layer::build`] which weights it has, and in
/// [`Layer::forward`] what it computes. All else follows: the other methods only hand on to
/// [`AnyLayer`], where they are compiled once for all layers.
///
/// ```
/// use course::prelude::*;
/// use course::{Result, Tensor, Weight, layers::LayerBase};
/// use engine_api::Shape;
///
/// /// Two dense layers after each other, each half as wide as the one before.
/// #[derive(Clone)]
/// struct Funnel {
///     base: LayerBase,
///     wide: Dense,
///     narrow: Dense,
/// }
///
/// impl Layer for Funnel {
///     fn base(&self) -> &LayerBase {
///         &self.base
///     }
///     fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
///         let wide = self.wide.build_on(input)?;
///         let narrow = self.narrow.build_on(self.wide.output_shape().as_ref().unwrap())?;
///         Ok([wide, narrow].concat())
///     }
///     fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
///         self.narrow.try_call(&self.wide.try_call(input)?)
///     }
/// }
///
/// let funnel = Funnel { base: LayerBase::new("Funnel"), wide: Dense::new(8), narrow: Dense::new(4) };
/// let output = funnel.call(&Input::new([16]).tensor());
/// assert_eq!(output.shape().to_string(), "(None, 4)");
/// assert_eq!(funnel.count_params(), (16 * 8 + 8) + (8 * 4 + 4));
/// ```
pub trait Layer: Handle + Send + Sync {
    /// The part that all layers share.
    fn base(&self) -> &LayerBase;

    /// Makes the weights for inputs of this shape; called once, before the first `forward`.
    ///
    /// # Errors
    /// [`Error::Shape`] when there can be no such weights.
    fn build(&self, _input: &Shape) -> Result<Vec<Weight>> {
        Ok(Vec::new())
    }

    /// Computes the output of the layer from its input and the weights that `build` made.
    ///
    /// # Errors
    /// [`Error::Shape`] when the input does not fit.
    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor>;

    /// As [`Layer::build`], for a layer whose weights depend on several tensors.
    ///
    /// # Errors
    /// As [`Layer::build`].
    fn build_all(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        inputs.first().map_or(Ok(Vec::new()), |input| self.build(input))
    }

    /// As [`Layer::forward`], for a layer that takes several tensors or returns several.
    ///
    /// # Errors
    /// As [`Layer::forward`]; for a layer that takes one tensor, when there are several.
    fn forward_all(&self, inputs: &[Tensor], weights: &[Weight]) -> Result<Vec<Tensor>> {
        Ok(vec![self.forward(only(self.base(), inputs)?, weights)?])
    }

    /// Adds the options of the layer to its config, by Keras's names.
    fn describe(&self, config: Config) -> Config {
        config
    }

    /// A new layer with the options that [`Layer::describe`] has written; [`Layer::from_config`] adds what all layers
    /// have.
    ///
    /// # Errors
    /// [`Error::Value`] when an option is missing or cannot be used.
    fn with_options(config: &Config) -> Result<Self>
    where
        Self: Sized,
    {
        let report = Report::new(config.place(), "layers of this class cannot be made from a config");
        Err(Error::order(report.hint("they can when they define `describe` and `with_options`")))
    }

    /// The layers that this one is made of, which are frozen with it.
    fn parts(&self) -> Vec<AnyLayer> {
        Vec::new()
    }

    /// Applies the layer to a symbolic tensor, or to several: `layer.call(&x)`, `layer.call([&a, &b])`.
    ///
    /// # Panics
    /// When the input does not fit; [`Layer::try_call`] returns the error instead.
    #[track_caller]
    fn call(&self, inputs: impl Into<Tensors>) -> Tensor
    where
        Self: Sized,
    {
        self.handle().call(inputs)
    }

    /// Applies the layer to a symbolic tensor, or to several. After an error the layer is as it was.
    ///
    /// # Errors
    /// What [`Layer::build`] and [`Layer::forward`] find wrong.
    fn try_call(&self, inputs: impl Into<Tensors>) -> Result<Tensor>
    where
        Self: Sized,
    {
        self.handle().try_call(inputs)
    }

    /// Applies the layer and gives all its outputs, for one that has several, such as an LSTM with its states.
    ///
    /// # Panics
    /// When the input does not fit.
    #[track_caller]
    fn call_all(&self, inputs: impl Into<Tensors>) -> Vec<Tensor>
    where
        Self: Sized,
    {
        self.handle().call_all(inputs)
    }

    /// Makes the weights by calling the layer on an input of this shape, and returns them.
    ///
    /// # Errors
    /// As [`Layer::try_call`].
    fn build_on(&self, input: &Shape) -> Result<Vec<Weight>>
    where
        Self: Sized,
    {
        self.handle().build_on(input)
    }

    /// The options of the layer, its name among them.
    ///
    /// Source: `get_config` of `keras/src/layers/layer.py`.
    fn get_config(&self) -> Config
    where
        Self: Sized,
    {
        self.handle().get_config()
    }

    /// A layer with these options; its weights are new.
    ///
    /// # Errors
    /// [`Error::Value`] when an option is missing, not known, or cannot be used.
    fn from_config(config: &Config) -> Result<Self>
    where
        Self: Sized,
    {
        let layer = Self::with_options(config)?;
        config.finish(layer.base())?;
        Ok(layer)
    }

    /// The layer under a name of the user's choice, in place of the counted one.
    #[must_use]
    fn named(self, name: &str) -> Self
    where
        Self: Sized,
    {
        self.base().set_name(name);
        self
    }

    /// The layer with a penalty on what it gives, a mean over the samples, in the loss of each model that it is part
    /// of: `"l1"` makes most of it 0.
    ///
    /// Source: `keras/src/layers/layer.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([2]));
    /// model.add(Dense::new(2).kernel_initializer("ones").activity_regularizer(Regularizer::l1(0.1)));
    /// model.compile("sgd", "mse", ["mse"]);
    /// // Both outputs are 3, then 7: (0.1 · 6 + 0.1 · 14) / 2.
    /// let logs = model.evaluate(&array![[1.0, 2.0], [3.0, 4.0]], &array![[3.0, 3.0], [7.0, 7.0]]);
    /// assert!(logs["mse"] == 0.0 && (logs.loss() - 1.0).abs() < 1e-6);
    /// ```
    ///
    /// # Panics
    /// When there is no regularizer of this name.
    #[must_use]
    #[track_caller]
    fn activity_regularizer(self, regularizer: impl Into<Regularizer>) -> Self
    where
        Self: Sized,
    {
        self.base().set_activity_regularizer(regularizer.into());
        self
    }

    /// The layer's name in the model, such as `dense_1`.
    fn name(&self) -> String
    where
        Self: Sized,
    {
        self.base().name()
    }

    /// The shape of what the layer returned last; `None` before the first call.
    fn output_shape(&self) -> Option<Shape>
    where
        Self: Sized,
    {
        self.base().output_shape()
    }

    /// How many numbers the weights have together; 0 before the first call.
    fn count_params(&self) -> usize
    where
        Self: Sized,
    {
        self.handle().count_params()
    }

    /// The present values of the weights: for a dense layer kernel and bias.
    ///
    /// # Panics
    /// When the backend cannot be reached.
    #[track_caller]
    fn get_weights(&self) -> Vec<ArrayD<f32>>
    where
        Self: Sized,
    {
        self.handle().get_weights()
    }

    /// Replaces the values of the weights, in the order of [`Layer::get_weights`].
    ///
    /// # Panics
    /// When number or shapes differ; [`Layer::try_set_weights`] returns the error instead.
    #[track_caller]
    fn set_weights(&self, values: &[ArrayD<f32>])
    where
        Self: Sized,
    {
        self.handle().set_weights(values);
    }

    /// Replaces the values of the weights; after an error all are as they were.
    ///
    /// # Errors
    /// [`Error::Shape`] when number or shapes differ.
    fn try_set_weights(&self, values: &[ArrayD<f32>]) -> Result<()>
    where
        Self: Sized,
    {
        self.handle().try_set_weights(values)
    }

    /// Freezes or thaws the weights; takes effect at the next `compile`, as in Keras.
    fn set_trainable(&self, trainable: bool)
    where
        Self: Sized,
    {
        self.handle().set_trainable(trainable);
    }
}

/// The only one of what a layer is called on.
fn only<'a, T>(base: &LayerBase, inputs: &'a [T]) -> Result<&'a T> {
    match inputs {
        [input] => Ok(input),
        _ => {
            let report = Report::new(base.place(), "it takes one tensor").expected(1, inputs.len());
            Err(Error::shape(report.hint("join several first, with `Concatenate::new()` or `Add::new()`")))
        }
    }
}

/// Checks that there is one array of the right shape for each weight.
pub(crate) fn check_shapes(place: &str, weights: &[Weight], values: &[ArrayD<f32>]) -> Result<()> {
    if weights.len() != values.len() {
        let names: Vec<&str> = weights.iter().map(Weight::name).collect();
        let report = Report::new(place, "there is not one array for each weight")
            .expected(format!("{} ({})", weights.len(), names.join(", ")), values.len())
            .hint("`get_weights()` shows number, order and shapes; a layer has weights once it has been called");
        return Err(Error::shape(report));
    }
    for (weight, values) in weights.iter().zip(values) {
        if weight.shape() != values.shape() {
            let report = Report::new(place, format!("the values for `{}` have another shape", weight.name()))
                .expected(Shape::known(weight.shape()), Shape::known(values.shape()))
                .hint("`get_weights()` shows the order and the shapes");
            return Err(Error::shape(report));
        }
    }
    Ok(())
}

/// Replaces the values of several weights after all have been checked.
pub(crate) fn set_all(place: &str, weights: &[Weight], values: &[ArrayD<f32>]) -> Result<()> {
    check_shapes(place, weights, values)?;
    weights.iter().zip(values).try_for_each(|(weight, values)| weight.write(values))
}

/// Name, weights and shapes of a layer. A clone belongs to the same layer.
#[derive(Clone)]
pub struct LayerBase(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    class_name: &'static str,
    name: String,
    position: String,
    trainable: bool,
    activity_regularizer: Option<Regularizer>,
    weights: Option<Vec<Weight>>,
    outputs: Vec<Shape>,
    /// What the call that is under way adds to the loss.
    losses: Vec<Tensor>,
}

impl fmt::Debug for LayerBase {
    /// The layer's name, so that `{:?}` of a layer shows its options and not its insides.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl LayerBase {
    /// The base of a new layer of this kind, with the next free name.
    pub fn new(class_name: &'static str) -> Self {
        Self::named(class_name, &next_name(class_name))
    }

    /// The base of a new layer of this kind and name.
    pub(crate) fn named(class_name: &'static str, name: &str) -> Self {
        Self(Arc::new(Mutex::new(State {
            class_name,
            name: name.into(),
            position: String::new(),
            trainable: true,
            activity_regularizer: None,
            weights: None,
            outputs: Vec::new(),
            losses: Vec::new(),
        })))
    }

    /// Adds a scalar to the loss of every model that the present call becomes part of; to be used in
    /// [`Layer::forward`].
    ///
    /// ```
    /// use course::prelude::*;
    /// use course::{Result, layers::LayerBase};
    ///
    /// /// Draws the mean of what passes to 0.
    /// #[derive(Clone)]
    /// struct Centring(LayerBase);
    ///
    /// impl Layer for Centring {
    ///     fn base(&self) -> &LayerBase {
    ///         &self.0
    ///     }
    ///     fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
    ///         let mean = input.mean(&[0, 1]);
    ///         self.0.add_loss(&(&mean * &mean));
    ///         Ok(input.clone())
    ///     }
    /// }
    ///
    /// let mut model = Sequential::new();
    /// model.add(Input::new([2]));
    /// model.add(Centring(LayerBase::new("Centring")));
    /// model.compile("sgd", "mse", ());
    /// let x = array![[1.0, 5.0]];
    /// assert_eq!(model.evaluate(&x, &x).loss(), 9.0);
    /// ```
    ///
    /// Source: `add_loss` of `keras/src/layers/layer.py`.
    pub fn add_loss(&self, loss: &Tensor) {
        self.state().losses.push(loss.clone());
    }

    /// What has been added since the last call of this.
    pub(super) fn take_losses(&self) -> Vec<Tensor> {
        std::mem::take(&mut self.state().losses)
    }

    pub(crate) fn activity_regularizer(&self) -> Option<Regularizer> {
        self.state().activity_regularizer
    }

    pub(crate) fn set_activity_regularizer(&self, regularizer: Regularizer) {
        self.state().activity_regularizer = Some(regularizer);
    }

    /// Gives the layer a name of the user's choice.
    pub fn set_name(&self, name: &str) {
        self.state().name = name.into();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The layer's name.
    pub fn name(&self) -> String {
        self.state().name.clone()
    }

    /// The layer's kind.
    pub fn class_name(&self) -> &'static str {
        self.state().class_name
    }

    /// The layer's kind, name and place in its model, for messages.
    pub fn place(&self) -> String {
        let state = self.state();
        format!("layer `{}` ({}){}", state.name, state.class_name, state.position)
    }

    /// The shape of what the layer returned last; `None` before the first call.
    pub fn output_shape(&self) -> Option<Shape> {
        self.state().outputs.first().cloned()
    }

    /// The shapes of all that the layer returned last.
    pub(crate) fn output_shapes(&self) -> Vec<Shape> {
        self.state().outputs.clone()
    }

    /// Whether both belong to the same layer.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether training leaves the layer's weights alone.
    pub(crate) fn is_frozen(&self) -> bool {
        !self.state().trainable
    }

    pub(crate) fn set_trainable(&self, trainable: bool) {
        self.state().trainable = trainable;
    }

    pub(crate) fn set_position(&self, number: usize, model: &str) {
        self.state().position = format!(", number {number} of `{model}`");
    }

    pub(super) fn weights(&self) -> Option<Vec<Weight>> {
        self.state().weights.clone()
    }

    pub(super) fn called(&self, new_weights: Option<Vec<Weight>>, outputs: Vec<Shape>) {
        let mut state = self.state();
        if let Some(weights) = new_weights {
            weights.iter().filter(|_| !state.trainable).for_each(|weight| weight.set_trainable(false));
            state.weights = Some(weights);
        }
        state.outputs = outputs;
    }

    /// Puts the layer's place into an error of an op.
    pub(super) fn locate(&self, error: Error) -> Error {
        match error {
            Error::Backend(engine_api::Error::Shape { message, hint, .. }) => {
                Error::shape(Report::new(self.place(), message).hint(hint))
            }
            other => other,
        }
    }
}
