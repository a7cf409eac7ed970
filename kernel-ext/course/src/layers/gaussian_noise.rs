//! Noise that is added while a model trains.

use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result, expect_good};
use crate::seed::Seed;
use crate::{Tensor, Weight, ops};
use engine_api::{Attr, Op};

/// Adds normal noise of mean 0 while the model trains, which makes its samples less alike; while the
/// model is used, nothing happens.
///
/// # Shapes
/// Output as input.
///
/// Source: `keras/src/layers/regularization/gaussian_noise.py`.
///
/// ```
/// use course::prelude::*;
/// let x = Input::new([10_000]).tensor();
/// let y = GaussianNoise::new(0.5).call(&x);
/// let noise = &Function::new(&[&x], &[&y]).training(true).call(&[&Array2::<f32>::zeros((1, 10_000))])[0];
/// assert!((noise.mapv(|number| number * number).mean().unwrap() - 0.25).abs() < 0.02);
/// ```
#[derive(Clone, Debug)]
pub struct GaussianNoise {
    base: LayerBase,
    stddev: f64,
    seed: Seed,
}

impl GaussianNoise {
    /// Noise of this standard deviation.
    ///
    /// # Panics
    /// When it is negative or not finite.
    #[track_caller]
    pub fn new(stddev: f64) -> Self {
        if !(stddev >= 0.0 && stddev.is_finite()) {
            let report = Report::new("GaussianNoise", "`stddev` is the standard deviation of the noise");
            expect_good(Err(Error::value(report.expected("0 or more, finite", stddev))))
        }
        Self { base: LayerBase::new("GaussianNoise"), stddev, seed: Seed::next() }
    }

    /// From which numbers the noise is drawn; without this they follow from the process's seed.
    #[must_use]
    pub fn seed(mut self, seed: i64) -> Self {
        self.seed = seed.into();
        self
    }
}

impl Layer for GaussianNoise {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(config.checked("stddev", "0 or more", |stddev| *stddev >= 0.0)?),
        given { "stddev": stddev },
        then { "seed": seed },
    );

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        let normal =
            Tensor::apply(Op::new("random_normal").with("seed", Attr::Int(self.seed.number)), &[input], &name)?;
        let noise = ops::affine(&normal, self.stddev, 0.0, &name)?;
        Tensor::in_training(&ops::binary("add", input, &noise, &name)?, input, Vec::new(), &self.base)
    }
}
