//! The fully connected layer.

use super::{Layer, LayerBase};
use crate::error::{Error, Report, Result, expect_good};
use crate::{Activation, Initializer, Tensor, Weight, ops};
use engine_api::Shape;

/// A fully connected layer: every output depends on every input.
///
/// y = f(x W + b), where the kernel W has shape (inputs, units), the bias b (units,), and f is the
/// activation.
///
/// # Shapes
/// (batch, ..., inputs) -> (batch, ..., units): the product is over the last axis.
///
/// Source: `keras/src/layers/core/dense.py`.
///
/// ```
/// use course::prelude::*;
/// let dense = Dense::new(10).activation("softmax");
/// let scores = dense.call(&Input::new([784]).tensor());
/// assert_eq!(scores.shape().to_string(), "(None, 10)");
/// assert_eq!(dense.count_params(), 784 * 10 + 10);
/// ```
#[derive(Clone, Debug)]
pub struct Dense {
    base: LayerBase,
    units: usize,
    activation: Activation,
    use_bias: bool,
    kernel_initializer: Initializer,
    bias_initializer: Initializer,
}

impl Dense {
    /// A layer with `units` outputs, no activation, a bias, and Glorot's uniform initial kernel.
    ///
    /// # Panics
    /// When `units` is 0.
    #[track_caller]
    pub fn new(units: usize) -> Self {
        if units == 0 {
            let report = Report::new("Dense", "`units` is the number of outputs").expected("at least 1", units);
            expect_good(Err(Error::value(report)))
        }
        Self {
            base: LayerBase::new("Dense"),
            units,
            activation: Activation::Linear,
            use_bias: true,
            kernel_initializer: Initializer::GlorotUniform,
            bias_initializer: Initializer::Zeros,
        }
    }

    /// What is applied to the sums: `"relu"`, [`Activation::Relu`], ...
    ///
    /// # Panics
    /// When there is no function of this name.
    #[must_use]
    #[track_caller]
    pub fn activation(mut self, activation: impl Into<Activation>) -> Self {
        self.activation = activation.into();
        self
    }

    /// Whether a bias is added.
    #[must_use]
    pub fn use_bias(mut self, use_bias: bool) -> Self {
        self.use_bias = use_bias;
        self
    }

    /// How the kernel begins.
    ///
    /// # Panics
    /// When there is no initialiser of this name.
    #[must_use]
    #[track_caller]
    pub fn kernel_initializer(mut self, initializer: impl Into<Initializer>) -> Self {
        self.kernel_initializer = initializer.into();
        self
    }

    /// How the bias begins.
    ///
    /// # Panics
    /// When there is no initialiser of this name.
    #[must_use]
    #[track_caller]
    pub fn bias_initializer(mut self, initializer: impl Into<Initializer>) -> Self {
        self.bias_initializer = initializer.into();
        self
    }

    /// The layer's name, in place of the counted one.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.base.set_name(name);
        self
    }

    fn inputs(&self, input: &Shape) -> Result<usize> {
        match input.0.last() {
            Some(&Some(inputs)) if input.rank() >= 2 => Ok(inputs),
            _ => Err(Error::shape(
                Report::new(self.base.place(), "a dense layer needs a last axis of known size besides the batch")
                    .expected("(None, ..., inputs)", input),
            )),
        }
    }
}

impl Layer for Dense {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, inputs) = (self.base.name(), self.inputs(input)?);
        let shape = [inputs, self.units];
        let mut weights = vec![Weight::new(format!("{name}/kernel"), &shape, self.kernel_initializer.values(&shape))];
        if self.use_bias {
            let values = self.bias_initializer.values(&[self.units]);
            weights.push(Weight::new(format!("{name}/bias"), &[self.units], values));
        }
        Ok(weights)
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let (name, inputs, expected) = (self.base.name(), self.inputs(input.shape())?, weights[0].shape()[0]);
        if inputs != expected {
            let report = Report::new(self.base.place(), "axis -1 of the input has another size than the kernel")
                .expected(format!("(None, ..., {expected})"), input.shape())
                .hint("a layer keeps the kernel of its first call; make a new layer for inputs of another size");
            return Err(Error::shape(report));
        }
        let kernel = Tensor::weight(&weights[0]);
        let bias = weights.get(1).map(Tensor::weight);
        let sums = ops::dense(input, &kernel, bias.as_ref(), &name)?;
        self.activation.apply(&sums, &name)
    }
}
