//! Normalisation by the statistics of a batch.

use super::scale_and_shift::{ScaleAndShift, normalization_options};
use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result};
use crate::{Initializer, Tensor, Weight, ops};
use engine_api::Shape;

/// Gives each feature of a batch the mean `beta` and the standard deviation `gamma`, both of which are
/// learned.
///
/// While the model trains: y = γ (x - μ) / sqrt(σ² + ε) + β with mean μ and variance σ² of the batch, over
/// all axes but `axis`. The moving statistics follow: m ← momentum m + (1 - momentum) μ, likewise σ². While
/// the model is used, or when the layer is frozen, the moving statistics take the place of μ and σ².
///
/// # Shapes
/// Output as input; gamma, beta, moving mean and moving variance have the size of the axis.
///
/// Sources: Ioffe and Szegedy, ICML 2015; `keras/src/layers/normalization/batch_normalization.py`.
///
/// ```
/// use course::prelude::*;
/// let layer = BatchNormalization::new();
/// let x = Input::new([2]).tensor();
/// let y = Function::new(&[&x], &[&layer.call(&x)]).training(true);
/// let normal = &y.call(&[&array![[1.0, 10.0], [3.0, 30.0]]])[0];
/// assert!((normal[[0, 0]] + 1.0).abs() < 0.001 && (normal[[1, 1]] - 1.0).abs() < 0.001);
/// // The moving mean went a hundredth of the way from 0 to 2.
/// assert!((layer.get_weights()[2][0] - 0.02).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct BatchNormalization {
    base: LayerBase,
    axis: i64,
    momentum: f64,
    epsilon: f64,
    learned: ScaleAndShift,
    moving_mean_initializer: Initializer,
    moving_variance_initializer: Initializer,
}

normalization_options!(BatchNormalization);

impl BatchNormalization {
    /// Normalisation of the last axis with momentum 0.99 and ε 0.001.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self {
            base: LayerBase::new("BatchNormalization"),
            axis: -1,
            momentum: 0.99,
            epsilon: 1e-3,
            learned: ScaleAndShift::default(),
            moving_mean_initializer: Initializer::Zeros,
            moving_variance_initializer: Initializer::Ones,
        }
    }

    /// Which axis holds the features; negative ones count from the end.
    #[must_use]
    pub fn axis(mut self, axis: i64) -> Self {
        self.axis = axis;
        self
    }

    /// How slowly the moving statistics follow.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// How the moving mean begins.
    ///
    /// # Panics
    /// When there is no initialiser of this name.
    #[must_use]
    #[track_caller]
    pub fn moving_mean_initializer(mut self, initializer: impl Into<Initializer>) -> Self {
        self.moving_mean_initializer = initializer.into();
        self
    }

    /// How the moving variance begins.
    ///
    /// # Panics
    /// When there is no initialiser of this name.
    #[must_use]
    #[track_caller]
    pub fn moving_variance_initializer(mut self, initializer: impl Into<Initializer>) -> Self {
        self.moving_variance_initializer = initializer.into();
        self
    }

    /// The axis from the front, and its size.
    fn features(&self, input: &Shape) -> Result<(usize, usize)> {
        let rank = input.rank() as i64;
        let axis = if self.axis < 0 { self.axis + rank } else { self.axis };
        let size = usize::try_from(axis).ok().and_then(|axis| Some((axis, input.0.get(axis).copied()??)));
        size.ok_or_else(|| {
            let report = Report::new(self.base.place(), format!("the input has no axis {} of known size", self.axis));
            Error::shape(report.expected("an axis of features", input))
        })
    }

    /// Normalises with given statistics, which lie along the axis of features.
    fn normalise(&self, input: &Tensor, mean: &Tensor, variance: &Tensor, weights: &Spread) -> Result<Tensor> {
        let name = self.base.name();
        let deviation = ops::unary("rsqrt", &ops::affine(variance, 1.0, self.epsilon, &name)?, &name)?;
        // All that needs few numbers comes first: many are multiplied and added once.
        let factor = match &weights.gamma {
            Some(gamma) => ops::binary("multiply", gamma, &deviation, &name)?,
            None => deviation,
        };
        let shift = ops::binary("multiply", mean, &factor, &name)?;
        let shift = match &weights.beta {
            Some(beta) => ops::binary("subtract", beta, &shift, &name)?,
            None => ops::affine(&shift, -1.0, 0.0, &name)?,
        };
        ops::binary("add", &ops::binary("multiply", input, &factor, &name)?, &shift, &name)
    }
}

/// The weights as tensors that broadcast along the axis of features.
struct Spread {
    gamma: Option<Tensor>,
    beta: Option<Tensor>,
}

impl Layer for BatchNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |_config| Self::new(),
        then {
            "axis": axis,
            "momentum": momentum,
            "epsilon": epsilon,
            "moving_mean_initializer": moving_mean_initializer,
            "moving_variance_initializer": moving_variance_initializer,
        },
        ignored { "renorm_momentum" },
        groups { learned },
    );

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (name, (_, size)) = (self.base.name(), self.features(input)?);
        let statistic = |weight: &str, first: &Initializer| {
            Weight::statistic(format!("{name}/{weight}"), &[size], first.values(&[size]))
        };
        let mut weights = self.learned.weights(&name, &[size]);
        weights.push(statistic("moving_mean", &self.moving_mean_initializer));
        weights.push(statistic("moving_variance", &self.moving_variance_initializer));
        Ok(weights)
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let (name, (axis, size)) = (self.base.name(), self.features(input.shape())?);
        let rank = input.shape().rank();
        let others: Vec<i64> = (0..rank as i64).filter(|&other| other != axis as i64).collect();
        let mut beside = vec![1; rank - axis];
        beside[0] = size as i64;
        let spread = |weight: &Tensor| ops::view(weight, &beside, &name);
        let place = |present: bool, index: usize| present.then(|| spread(&weights[index].tensor())).transpose();
        let ScaleAndShift { scale, center, .. } = self.learned;
        let spread_weights = Spread { gamma: place(scale, 0)?, beta: place(center, usize::from(scale))? };
        let [moving_mean, moving_variance] = &weights[weights.len() - 2..] else {
            unreachable!("there are two statistics")
        };

        let used = self.normalise(
            input,
            &spread(&moving_mean.tensor())?,
            &spread(&moving_variance.tensor())?,
            &spread_weights,
        )?;
        let statistic = |op: &str, keepdims: bool| ops::reduce(op, input, &others, keepdims, &name);
        let trained =
            self.normalise(input, &statistic("mean", true)?, &statistic("variance", true)?, &spread_weights)?;
        let follow = |moving: &Weight, op: &str| -> Result<(Weight, Tensor)> {
            let old = ops::affine(&moving.tensor(), self.momentum, 0.0, &name)?;
            let new = ops::affine(&statistic(op, false)?, 1.0 - self.momentum, 0.0, &name)?;
            Ok((moving.clone(), ops::binary("add", &old, &new, &name)?))
        };
        let updates = vec![follow(moving_mean, "mean")?, follow(moving_variance, "variance")?];
        Tensor::in_training(&trained, &used, updates, &self.base)
    }
}
