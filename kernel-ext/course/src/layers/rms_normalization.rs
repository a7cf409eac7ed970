//! Division by the root of the mean of the squares.

use super::layer_normalization::Features;
use super::{Layer, LayerBase};
use crate::config::options;
use crate::{Initializer, Result, Tensor, Weight, ops};
use engine_api::Shape;

/// Divides the features of each place by the root of the mean of their squares, and multiplies each by a scale
/// that is learned.
///
/// # Shapes
/// Output as input; the scale has the shape of the normalised axes.
///
/// Sources: Zhang and Sennrich, *Root Mean Square Layer Normalization*, 2019;
/// `keras/src/layers/normalization/rms_normalization.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([2]));
/// model.add(RMSNormalization::new());
/// let y = model.predict(&array![[1.0, 7.0]]);
/// assert!((y[[0, 0]] - 0.2).abs() < 1e-6 && (y[[0, 1]] - 1.4).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct RMSNormalization {
    base: LayerBase,
    axes: Vec<i64>,
    epsilon: f64,
}

impl RMSNormalization {
    /// Normalisation over the last axis with ε 0.000001.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new("RMSNormalization"), axes: vec![-1], epsilon: 1e-6 }
    }

    /// Over which axes, of which the batch is none.
    #[must_use]
    pub fn axes(mut self, axes: &[i64]) -> Self {
        self.axes = axes.to_vec();
        self
    }

    /// What is added to the mean of the squares, so that nothing is divided by 0.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
}

impl Layer for RMSNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|_config| Self::new(), then { "axis": axes, "epsilon": epsilon });

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let shape = Features::of(&self.base, &self.axes, input)?.sizes;
        Ok(vec![Weight::new(format!("{}/scale", self.base.name()), &shape, Initializer::Ones.values(&shape))])
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let (name, features) = (self.base.name(), Features::of(&self.base, &self.axes, input.shape())?);
        let squares = ops::reduce("mean", &ops::unary("square", input, &name)?, &self.axes, true, &name)?;
        let scale = ops::unary("rsqrt", &ops::affine(&squares, 1.0, self.epsilon, &name)?, &name)?;
        let learned = features.along(&weights[0].tensor(), input.shape().rank(), &name)?;
        ops::binary("multiply", &ops::binary("multiply", input, &scale, &name)?, &learned, &name)
    }
}
