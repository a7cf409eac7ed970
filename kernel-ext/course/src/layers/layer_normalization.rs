//! Normalisation of each sample by itself.

use super::scale_and_shift::{ScaleAndShift, normalization_options};
use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result};
use crate::{Tensor, Weight, ops};
use engine_api::Shape;

/// Gives the features of each sample the mean `beta` and the standard deviation `gamma`, both of which
/// are learned for each feature.
///
/// y = γ (x - μ) / sqrt(σ² + ε) + β, with mean and variance over the features of one place.
///
/// # Shapes
/// Output as input; gamma and beta have the shape of the normalised axes.
///
/// Sources: Ba et al., 2016; `keras/src/layers/normalization/layer_normalization.py`.
///
/// ```
/// use course::prelude::*;
/// let x = Input::new([2]).tensor();
/// let y = LayerNormalization::new().call(&x);
/// let normal = &Function::new(&[&x], &[&y]).call(&[&array![[1.0, 3.0], [20.0, 10.0]]])[0];
/// assert!((normal[[0, 0]] + 1.0).abs() < 0.001 && (normal[[1, 0]] - 1.0).abs() < 0.001);
/// ```
#[derive(Clone, Debug)]
pub struct LayerNormalization {
    base: LayerBase,
    axes: Vec<i64>,
    epsilon: f64,
    learned: ScaleAndShift,
    rms_scaling: bool,
}

normalization_options!(LayerNormalization);

impl LayerNormalization {
    /// Normalisation over the last axis with ε 0.001.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        let base = LayerBase::new("LayerNormalization");
        Self { base, axes: vec![-1], epsilon: 1e-3, learned: ScaleAndShift::default(), rms_scaling: false }
    }

    /// Over which axes; they must be the last ones.
    #[must_use]
    pub fn axes(mut self, axes: &[i64]) -> Self {
        self.axes = axes.to_vec();
        self
    }

    /// Whether numbers keep their mean and are only divided by their standard deviation; there is no beta then.
    ///
    /// That is what Keras makes of this option, which it no longer recommends: [`RMSNormalization`](super::RMSNormalization) divides by the
    /// root of the mean of the squares.
    #[must_use]
    pub fn rms_scaling(mut self, rms_scaling: bool) -> Self {
        self.rms_scaling = rms_scaling;
        self
    }

    /// What is learned indeed: with `rms_scaling` a gamma alone.
    fn learned(&self) -> ScaleAndShift {
        let ScaleAndShift { center, scale, .. } = self.learned;
        let (center, scale) = (center && !self.rms_scaling, scale || self.rms_scaling);
        ScaleAndShift { center, scale, ..self.learned.clone() }
    }
}

impl Layer for LayerNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |_config| Self::new(),
        then { "axis": axes, "epsilon": epsilon, "rms_scaling": rms_scaling },
        groups { learned },
    );

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        Ok(self.learned().weights(&self.base.name(), &features(&self.base, &self.axes, input)?))
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        let mean = |of: &Tensor| ops::reduce("mean", of, &self.axes, true, &name);
        let centred =
            if self.rms_scaling { input.clone() } else { ops::binary("subtract", input, &mean(input)?, &name)? };
        let variance = ops::reduce("variance", input, &self.axes, true, &name)?;
        let deviation = ops::unary("rsqrt", &ops::affine(&variance, 1.0, self.epsilon, &name)?, &name)?;
        let mut output = ops::binary("multiply", &centred, &deviation, &name)?;
        let ScaleAndShift { scale, center, .. } = self.learned();
        let kinds = [scale.then_some("multiply"), center.then_some("add")];
        for (op, weight) in kinds.into_iter().flatten().zip(weights) {
            output = ops::binary(op, &output, &weight.tensor(), &name)?;
        }
        Ok(output)
    }
}

/// The sizes of the normalised axes.
pub(super) fn features(base: &LayerBase, axes: &[i64], input: &Shape) -> Result<Vec<usize>> {
    let rank = input.rank();
    let from_front = |&axis: &i64| if axis < 0 { axis + rank as i64 } else { axis };
    let mut places: Vec<i64> = axes.iter().map(from_front).collect();
    places.sort_unstable();
    let first = rank.saturating_sub(places.len());
    let are_last = first > 0 && places.iter().enumerate().all(|(place, &axis)| axis == (first + place) as i64);
    let sizes: Option<Vec<usize>> = input.0[first..].iter().copied().collect();
    sizes.filter(|_| are_last && !axes.is_empty()).ok_or_else(|| {
        let report = Report::new(base.place(), format!("the axes {axes:?} cannot be normalised"));
        Error::shape(report.expected("the last axes, of known sizes, without the batch", input))
    })
}
