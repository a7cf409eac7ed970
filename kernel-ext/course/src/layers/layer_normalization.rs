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

    /// Over which axes, of which the batch is none.
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
        Ok(self.learned().weights(&self.base.name(), &Features::of(&self.base, &self.axes, input)?.sizes))
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let (name, features) = (self.base.name(), Features::of(&self.base, &self.axes, input.shape())?);
        let mean = |of: &Tensor| ops::reduce("mean", of, &self.axes, true, &name);
        let centred =
            if self.rms_scaling { input.clone() } else { ops::binary("subtract", input, &mean(input)?, &name)? };
        let variance = ops::reduce("variance", input, &self.axes, true, &name)?;
        let deviation = ops::unary("rsqrt", &ops::affine(&variance, 1.0, self.epsilon, &name)?, &name)?;
        let mut output = ops::binary("multiply", &centred, &deviation, &name)?;
        let ScaleAndShift { scale, center, .. } = self.learned();
        let kinds = [scale.then_some("multiply"), center.then_some("add")];
        for (op, weight) in kinds.into_iter().flatten().zip(weights) {
            let weight = features.along(&weight.tensor(), input.shape().rank(), &name)?;
            output = ops::binary(op, &output, &weight, &name)?;
        }
        Ok(output)
    }
}

/// The axes that are normalised, counted from the front, with their sizes.
pub(super) struct Features {
    axes: Vec<usize>,
    pub sizes: Vec<usize>,
}

impl Features {
    pub fn of(base: &LayerBase, axes: &[i64], input: &Shape) -> Result<Self> {
        let rank = input.rank();
        let from_front = |&axis: &i64| usize::try_from(if axis < 0 { axis + rank as i64 } else { axis });
        let found: Option<Vec<usize>> = axes.iter().map(|axis| from_front(axis).ok()).collect();
        let mut found = found.unwrap_or_default();
        found.sort_unstable();
        let size = |&axis: &usize| if axis == 0 { None } else { input.0.get(axis).copied().flatten() };
        let sizes: Option<Vec<usize>> = found.iter().map(size).collect();
        let differ = found.windows(2).all(|pair| pair[0] < pair[1]);
        let sizes = sizes.filter(|sizes| differ && !sizes.is_empty()).ok_or_else(|| {
            let report = Report::new(base.place(), format!("the axes {axes:?} cannot be normalised"));
            Error::shape(report.expected("axes of known sizes, without the batch", input))
        })?;
        Ok(Self { axes: found, sizes })
    }

    /// A weight that lies along these axes of an input of so many: with size 1 between and behind them.
    pub fn along(&self, weight: &Tensor, rank: usize, label: &str) -> Result<Tensor> {
        if self.axes[0] + self.axes.len() == rank {
            return Ok(weight.clone());
        }
        let mut beside = vec![1; rank - self.axes[0]];
        for (axis, size) in self.axes.iter().zip(&self.sizes) {
            beside[axis - self.axes[0]] = *size as i64;
        }
        ops::view(weight, &beside, label)
    }
}
