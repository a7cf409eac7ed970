//! The fully connected layer.

use super::kernel::{KernelOptions, at_least_1, kernel_options};
use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result};
use crate::{Tensor, Weight, ops};
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
    kernel: KernelOptions,
}

kernel_options!(Dense; kernel);

impl Dense {
    /// A layer with `units` outputs, no activation, a bias, and Glorot's uniform initial kernel.
    ///
    /// # Panics
    /// When `units` is 0.
    #[track_caller]
    pub fn new(units: usize) -> Self {
        let units = at_least_1("Dense", "units", units);
        Self { base: LayerBase::new("Dense"), units, kernel: KernelOptions::default() }
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

    options!(|config| Self::new(config.size("units")?), given { "units": units }, groups { kernel });

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, inputs) = (self.base.name(), self.inputs(input)?);
        let kernel = self.kernel.kernel(&name, "kernel", &[inputs, self.units]);
        Ok(std::iter::once(kernel).chain(self.kernel.bias(&name, self.units)).collect())
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
        self.kernel.activate(&sums, &name)
    }
}
