//! Activations with options, as layers.

use super::stateless::stateless;
use super::weight_options::{WeightOptions, weight_options};
use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result};
use crate::{Initializer, Tensor, Weight, ops};
use engine_api::{Attr, Op, Shape};

stateless! {
    /// max(x, 0), if asked for with a slope below a threshold and a greatest value.
    ///
    /// # Shapes
    /// Output as input.
    ///
    /// Source: `keras/src/layers/activations/relu.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = Input::new([3]).tensor();
    /// let y = ReLU::new().max_value(6.0).negative_slope(0.1).call(&x);
    /// let y = &Function::new(&[&x], &[&y]).call(&[&array![[-2.0, 3.0, 9.0]]])[0];
    /// assert_eq!(*y, array![[-0.2, 3.0, 6.0]].into_dyn());
    /// ```
    ReLU { max_value: Option<f64>, negative_slope: f64, threshold: f64 }
    options(|_config| Self::new(), then { "max_value": max_value, "negative_slope": negative_slope, "threshold": threshold })
    |layer, input, label| {
        if layer.max_value.is_none() && layer.negative_slope == 0.0 && layer.threshold == 0.0 {
            return crate::ops::unary("relu", input, &label);
        }
        let op = Op::new("bounded_relu")
            .with("negative_slope", Attr::Float(layer.negative_slope))
            .with("threshold", Attr::Float(layer.threshold));
        let op = layer.max_value.iter().fold(op, |op, &most| op.with("max_value", Attr::Float(most)));
        Tensor::apply(op, &[input], &label)
    }
}

impl ReLU {
    /// The plain function.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new("ReLU"), max_value: None, negative_slope: 0.0, threshold: 0.0 }
    }

    /// The greatest value.
    #[must_use]
    pub fn max_value(mut self, max_value: f64) -> Self {
        self.max_value = Some(max_value);
        self
    }

    /// The slope below the threshold.
    #[must_use]
    pub fn negative_slope(mut self, negative_slope: f64) -> Self {
        self.negative_slope = negative_slope;
        self
    }

    /// Where it begins.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }
}

stateless! {
    /// x where positive, else a small slope times x.
    ///
    /// # Shapes
    /// Output as input.
    ///
    /// Sources: Maas et al., ICML 2013; `keras/src/layers/activations/leaky_relu.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = Input::new([2]).tensor();
    /// let y = LeakyReLU::new(0.5).call(&x);
    /// assert_eq!(Function::new(&[&x], &[&y]).call(&[&array![[-2.0, 3.0]]])[0], array![[-1.0, 3.0]].into_dyn());
    /// ```
    LeakyReLU { negative_slope: f64 }
    options(|config| Self::new(config.get("negative_slope")?), given { "negative_slope": negative_slope })
    |layer, input, label| {
        Tensor::apply(Op::new("leaky_relu").with("negative_slope", Attr::Float(layer.negative_slope)), &[input], &label)
    }
}

impl LeakyReLU {
    /// The function with this slope below 0; Keras's layer has 0.3 unless told otherwise.
    pub fn new(negative_slope: f64) -> Self {
        Self { base: LayerBase::new("LeakyReLU"), negative_slope }
    }
}

stateless! {
    /// x where positive, else alpha (exp(x) - 1).
    ///
    /// # Shapes
    /// Output as input.
    ///
    /// Sources: Clevert et al., ICLR 2016; `keras/src/layers/activations/elu.py`.
    ELU { alpha: f64 }
    options(|config| Self::new(config.get("alpha")?), given { "alpha": alpha })
    |layer, input, label| Tensor::apply(Op::new("elu").with("alpha", Attr::Float(layer.alpha)), &[input], &label)
}

impl ELU {
    /// The function that goes down to `-alpha`; Keras's layer has 1 unless told otherwise.
    pub fn new(alpha: f64) -> Self {
        Self { base: LayerBase::new("ELU"), alpha }
    }
}

stateless! {
    /// Probabilities of several classes, which sum to 1 along an axis, or over several.
    ///
    /// # Shapes
    /// Output as input.
    ///
    /// Source: `keras/src/layers/activations/softmax.py`.
    Softmax { axes: Vec<i64> }
    options(|_config| Self::new(), then { "axis": axes })
    |layer, input, label| {
        let op = match *layer.axes {
            [] => {
                let report = Report::new(layer.base.place(), "`axes` is empty, so there is nothing to sum over");
                return Err(Error::value(report.hint("`axis(-1)` goes over the last one")));
            }
            [axis] => Op::new("softmax").with("axis", Attr::Int(axis)),
            _ => Op::new("softmax").with("axes", Attr::Ints(layer.axes.clone())),
        };
        Tensor::apply(op, &[input], &label)
    }
}

impl Softmax {
    /// The function along the last axis.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new("Softmax"), axes: vec![-1] }
    }

    /// Along which axis; negative ones count from the end.
    #[must_use]
    pub fn axis(self, axis: i64) -> Self {
        self.axes(&[axis])
    }

    /// Over which axes the probabilities sum to 1.
    #[must_use]
    pub fn axes(mut self, axes: &[i64]) -> Self {
        self.axes = axes.to_vec();
        self
    }
}

/// x where positive, else a slope times x that is learned for each feature.
///
/// # Shapes
/// Output as input; the weight `alpha` has the shape of a sample.
///
/// Sources: He et al., ICCV 2015; `keras/src/layers/activations/prelu.py`.
///
/// ```
/// use course::prelude::*;
/// let layer = PReLU::new();
/// layer.call(&Input::new([8]).tensor());
/// assert_eq!(layer.count_params(), 8);
/// ```
#[derive(Clone, Debug)]
pub struct PReLU {
    base: LayerBase,
    alpha: WeightOptions,
    shared_axes: Vec<usize>,
}

impl PReLU {
    /// The function whose slopes begin at 0.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new("PReLU"), alpha: Initializer::Zeros.into(), shared_axes: Vec::new() }
    }

    /// Along which axes there is one slope for all places; the batch is axis 0. `[1, 2]` gives each channel of an
    /// image one slope.
    #[must_use]
    pub fn shared_axes(mut self, axes: &[usize]) -> Self {
        self.shared_axes = axes.to_vec();
        self
    }
}

weight_options!(PReLU; "the slopes" in alpha: alpha_initializer, alpha_regularizer, alpha_constraint);

impl Layer for PReLU {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|_config| Self::new(), then { "shared_axes": shared_axes }, weights { "alpha": alpha });

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let mut shape = super::sample_shape(&self.base, input)?;
        for &axis in &self.shared_axes {
            if axis == 0 || axis > shape.len() {
                let report = Report::new(self.base.place(), "`shared_axes` holds an axis that samples do not have");
                return Err(Error::shape(report.expected(format!("1 to {}", shape.len()), axis)));
            }
            shape[axis - 1] = 1;
        }
        Ok(vec![self.alpha.weight(format!("{}/alpha", self.base.name()), &shape)])
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let (slopes, name) = (weights[0].tensor(), self.base.name());
        if self.shared_axes.is_empty() {
            return Tensor::apply(Op::new("prelu"), &[input, &slopes], &name);
        }
        let above = ops::unary("relu", input, &name)?;
        let below = ops::binary("subtract", input, &above, &name)?;
        ops::binary("add", &above, &ops::binary("multiply", &slopes, &below, &name)?, &name)
    }
}
