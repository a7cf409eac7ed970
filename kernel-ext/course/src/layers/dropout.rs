//! Numbers that are dropped at random while a model trains.

use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result, expect_good};
use crate::seed::Seed;
use crate::{Tensor, Weight};
use engine_api::{Attr, Op};

/// Dropout of single numbers: see [`Dropping`].
pub type Dropout = Dropping<0>;
/// Dropout of whole channels of sequences: see [`Dropping`].
pub type SpatialDropout1D = Dropping<1>;
/// Dropout of whole channels of images: see [`Dropping`].
pub type SpatialDropout2D = Dropping<2>;

/// Drops numbers at random while the model trains, so that it cannot rely on any single one:
/// [`Dropout`] each number by itself, [`SpatialDropout1D`] and [`SpatialDropout2D`] whole channels.
///
/// Each number (or channel) becomes 0 with the probability `rate`; the others are divided by
/// 1 - rate, so that their mean stays. While the model is used, nothing happens.
///
/// # Shapes
/// Output as input.
///
/// Sources: Srivastava et al., JMLR 2014; `keras/src/layers/regularization/dropout.py`.
///
/// ```
/// use course::prelude::*;
/// let x = Input::new([1000]).tensor();
/// let y = Dropout::new(0.5).call(&x);
/// let ones = Array2::<f32>::ones((1, 1000));
/// assert_eq!(Function::new(&[&x], &[&y]).call(&[&ones])[0], ones.clone().into_dyn());
/// let dropped = &Function::new(&[&x], &[&y]).training(true).call(&[&ones])[0];
/// assert!(dropped.iter().all(|&number| number == 0.0 || number == 2.0));
/// assert!((400..600).contains(&dropped.iter().filter(|&&number| number == 0.0).count()));
/// ```
#[derive(Clone, Debug)]
pub struct Dropping<const SHARED: usize> {
    base: LayerBase,
    rate: f64,
    seed: Seed,
}

impl<const SHARED: usize> Dropping<SHARED> {
    /// A layer that drops this part of the numbers.
    ///
    /// # Panics
    /// When the rate is not in [0, 1).
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        let class_name = ["Dropout", "SpatialDropout1D", "SpatialDropout2D"][SHARED];
        if !(0.0..1.0).contains(&rate) {
            let report = Report::new(class_name, "`rate` is the part that is dropped");
            expect_good(Err(Error::value(report.expected("0 or more, below 1", rate))))
        }
        Self { base: LayerBase::new(class_name), rate, seed: Seed::next() }
    }

    /// The part that is dropped.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// From which numbers it is drawn what is dropped; without this it follows from the process's
    /// seed.
    #[must_use]
    pub fn seed(mut self, seed: i64) -> Self {
        self.seed = seed.into();
        self
    }
}

impl<const SHARED: usize> Layer for Dropping<SHARED> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(config.checked("rate", "0 or more, below 1", |rate| (0.0..1.0).contains(rate))?),
        given { "rate": rate },
        then { "seed": seed },
    );

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        if SHARED > 0 {
            super::convolution::channels(&self.base, input.shape(), SHARED)?;
        }
        Forgetful::new(self.rate, self.seed, &self.base).along(SHARED).apply(input)
    }
}

/// What drops numbers for a layer.
pub struct Forgetful<'a> {
    rate: f64,
    seed: Seed,
    /// Along how many axes behind the batch all numbers share their fate.
    shared: usize,
    base: &'a LayerBase,
}

impl<'a> Forgetful<'a> {
    /// For this layer; a rate of 0 drops nothing.
    pub(super) fn new(rate: f64, seed: Seed, base: &'a LayerBase) -> Self {
        Self { rate, seed, shared: 0, base }
    }

    /// All numbers along so many axes behind the batch share their fate.
    pub(super) fn along(self, shared: usize) -> Self {
        Self { shared, ..self }
    }

    /// The tensor, in training with numbers dropped. The same seed drops the same of every tensor of this shape.
    pub(super) fn apply(&self, input: &Tensor) -> Result<Tensor> {
        if self.rate == 0.0 {
            return Ok(input.clone());
        }
        let mut op = Op::new("dropout").with("rate", Attr::Float(self.rate)).with("seed", Attr::Int(self.seed.number));
        if self.shared > 0 {
            let shared = std::iter::repeat_n(1, self.shared);
            op = op.with("noise_shape", Attr::Ints(std::iter::once(-1).chain(shared).chain([-1]).collect()));
        }
        let dropped = Tensor::apply(op, &[input], &self.base.name())?;
        Tensor::in_training(&dropped, input, Vec::new(), self.base)
    }
}
