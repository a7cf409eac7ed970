//! Normalisation of each sample by itself.

use super::kernel::normalization_options;
use super::{Layer, LayerBase};
use crate::error::{Error, Report, Result};
use crate::{Initializer, Tensor, Weight, ops};
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
    center: bool,
    scale: bool,
}

normalization_options!(LayerNormalization);

impl LayerNormalization {
    /// Normalisation over the last axis with ε 0.001.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        let base = LayerBase::new("LayerNormalization");
        Self { base, axes: vec![-1], epsilon: 1e-3, center: true, scale: true }
    }

    /// Over which axes; they must be the last ones.
    #[must_use]
    pub fn axes(mut self, axes: &[i64]) -> Self {
        self.axes = axes.to_vec();
        self
    }

    /// The sizes of the normalised axes.
    fn features(&self, input: &Shape) -> Result<Vec<usize>> {
        let rank = input.rank();
        let from_front = |&axis: &i64| if axis < 0 { axis + rank as i64 } else { axis };
        let mut axes: Vec<i64> = self.axes.iter().map(from_front).collect();
        axes.sort_unstable();
        let first = rank.saturating_sub(axes.len());
        let are_last = first > 0 && axes.iter().enumerate().all(|(place, &axis)| axis == (first + place) as i64);
        let sizes: Option<Vec<usize>> = input.0[first..].iter().copied().collect();
        sizes.filter(|_| are_last && !axes.is_empty()).ok_or_else(|| {
            let report = Report::new(self.base.place(), format!("the axes {:?} cannot be normalised", self.axes));
            Error::shape(report.expected("the last axes, of known sizes, without the batch", input))
        })
    }
}

impl Layer for LayerNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, shape) = (self.base.name(), self.features(input)?);
        let weight =
            |kind: &str, first: Initializer| Weight::new(format!("{name}/{kind}"), &shape, first.values(&shape));
        let gamma = self.scale.then(|| weight("gamma", Initializer::Ones));
        Ok(gamma.into_iter().chain(self.center.then(|| weight("beta", Initializer::Zeros))).collect())
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        let centred = ops::binary("subtract", input, &ops::reduce("mean", input, &self.axes, true, &name)?, &name)?;
        let variance = ops::reduce("variance", input, &self.axes, true, &name)?;
        let deviation = ops::unary("rsqrt", &ops::affine(&variance, 1.0, self.epsilon, &name)?, &name)?;
        let mut output = ops::binary("multiply", &centred, &deviation, &name)?;
        let kinds = [self.scale.then_some("multiply"), self.center.then_some("add")];
        for (op, weight) in kinds.into_iter().flatten().zip(weights) {
            output = ops::binary(op, &output, &weight.tensor(), &name)?;
        }
        Ok(output)
    }
}
