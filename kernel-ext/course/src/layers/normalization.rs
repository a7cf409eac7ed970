//! Numbers moved to the mean 0 and the variance 1 of the data.

use super::{Handle, Layer, LayerBase};
use crate::config::{Config, ConfigValue};
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, shape_text};
use crate::{Tensor, Weight, ops};
use engine_api::{Json, Op, Shape};
use ndarray::Array1;

/// Takes off the mean of each feature and divides by its standard deviation, both of which [`Normalization::adapt`]
/// finds in the data; training does not change them.
///
/// # Shapes
/// Output as input; the features are the last axis.
///
/// Source: `keras/src/layers/preprocessing/normalization.py`.
///
/// ```
/// use course::prelude::*;
/// let normalization = Normalization::new();
/// normalization.adapt(&array![[1.0, 10.0], [3.0, 30.0]]);
/// let mut model = Sequential::new();
/// model.add(Input::new([2]));
/// model.add(normalization);
/// assert_eq!(model.predict(&array![[3.0, 20.0]]), array![[1.0, 0.0]].into_dyn());
/// ```
#[derive(Clone, Debug)]
pub struct Normalization {
    base: LayerBase,
    /// Mean and variance of the features, where the user knows them.
    known: Option<[Vec<f32>; 2]>,
    invert: bool,
}

impl Normalization {
    /// A layer that changes nothing until it is adapted.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new("Normalization"), known: None, invert: false }
    }

    /// Mean and variance of each feature, or one of each for all, in place of what [`Normalization::adapt`] would
    /// find; the layer has no weights then.
    ///
    /// # Panics
    /// When there is another number of variances than of means, or a variance is negative.
    #[must_use]
    #[track_caller]
    pub fn statistics(mut self, mean: &[f32], variance: &[f32]) -> Self {
        if mean.len() != variance.len()
            || mean.is_empty()
            || variance.iter().any(|variance| variance.is_nan() || *variance < 0.0)
        {
            let report =
                Report::new("Normalization", "there must be a mean and a variance, 0 or more, of each feature");
            let received = format!("{} means and the variances {variance:?}", mean.len());
            expect_good(Err(Error::value(report.expected("as many of both", received))))
        }
        self.known = Some([mean.to_vec(), variance.to_vec()]);
        self
    }

    /// Whether numbers are brought back: multiplied by the standard deviation, with the mean added.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([2]));
    /// model.add(Normalization::new().statistics(&[2.0, 20.0], &[1.0, 100.0]).invert(true));
    /// assert_eq!(model.predict(&array![[1.0, 0.0]]), array![[3.0, 20.0]].into_dyn());
    /// ```
    #[must_use]
    pub fn invert(mut self, invert: bool) -> Self {
        self.invert = invert;
        self
    }

    /// Finds mean and variance of each feature over all samples and places of the data.
    ///
    /// # Panics
    /// When there is no data, or its features are not those that the layer was built for.
    #[track_caller]
    pub fn adapt(&self, data: &dyn Numbers) {
        expect_good(self.try_adapt(data));
    }

    /// As [`Normalization::adapt`].
    ///
    /// # Errors
    /// When there is no data, or its features are not those that the layer was built for.
    pub fn try_adapt(&self, data: &dyn Numbers) -> Result<()> {
        if self.known.is_some() {
            let report = Report::new(self.base.place(), "its statistics are known already");
            return Err(Error::order(report.hint("leave out `statistics`, or `adapt`")));
        }
        let view = data.numbers();
        let (shape, features) = (view.shape(), view.shape().last().copied().unwrap_or(0));
        if shape.len() < 2 || view.samples() * view.sample_len() == 0 {
            let report = Report::new(self.base.place(), "there is no data to adapt to");
            return Err(Error::data(report.expected("(samples, ..., features)", shape_text(shape))));
        }
        view.check_finite(&self.base.place(), "data")?;
        let numbers = view.to_f64();
        let rows = (numbers.len() / features) as f64;
        let mean_of = |f: &dyn Fn(usize, f64) -> f64| {
            let mut sums = vec![0.0; features];
            for row in numbers.chunks(features) {
                sums.iter_mut().enumerate().for_each(|(feature, sum)| *sum += f(feature, row[feature]));
            }
            sums.iter().map(|sum| sum / rows).collect::<Vec<f64>>()
        };
        let mean = mean_of(&|_, number| number);
        let variance = mean_of(&|feature, number| (number - mean[feature]).powi(2));
        let single = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect::<Array1<f32>>();
        if self.handle().weights().is_empty() {
            self.build_on(&Shape(std::iter::once(None).chain(shape[1..].iter().map(|&size| Some(size))).collect()))?;
        }
        self.try_set_weights(&[single(mean).into_dyn(), single(variance).into_dyn()])
    }
}

/// All numbers of nested lists; nothing when there are none.
fn flat(json: &Json) -> Option<Vec<f32>> {
    match json {
        Json::List(values) => Some(values.iter().filter_map(flat).flatten().collect()),
        number => f32::from_json(number).map(|number| vec![number]),
    }
}

impl Layer for Normalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        let [mean, variance] = match &self.known {
            Some(known) => known.each_ref().map(|values| values.to_json()),
            None => [Json::Null, Json::Null],
        };
        let config = config.with("axis", vec![-1_i64]).with("invert", self.invert);
        config.with("mean", mean).with("variance", variance)
    }

    fn with_options(config: &Config) -> Result<Self> {
        let mut layer = Self::new();
        config.fixed("axis", &vec![-1_i64])?;
        config.set("invert", &mut layer.invert)?;
        if let (Some(mean), Some(variance)) = (flat(&config["mean"]), flat(&config["variance"])) {
            let of_both =
                |variance: &Vec<f32>| variance.len() == mean.len() && variance.iter().all(|variance| *variance >= 0.0);
            if !of_both(&variance) {
                let expected = "a mean and a variance, 0 or more, of each feature";
                return Err(config.cannot_be("variance", expected, &config["variance"]));
            }
            layer.known = Some([mean, variance]);
        }
        Ok(layer)
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let Some(&Some(features)) = input.0.last().filter(|_| input.rank() > 1) else {
            let report = Report::new(self.base.place(), "the number of features must be known");
            return Err(Error::shape(report.expected("(None, ..., features)", input)));
        };
        if let Some([mean, _]) = &self.known {
            if mean.len() != 1 && mean.len() != features {
                let report =
                    Report::new(self.base.place(), "the input has another number of features than `statistics`");
                return Err(Error::shape(report.expected(mean.len(), features)));
            }
            return Ok(Vec::new());
        }
        let name = self.base.name();
        let statistic =
            |kind: &str, value: f32| Weight::statistic(format!("{name}/{kind}"), &[features], vec![value; features]);
        Ok(vec![statistic("mean", 0.0), statistic("variance", 1.0)])
    }

    /// (x - mean) / max(√variance, ε), or back.
    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        let name = self.base.name();
        let [mean, variance] = match &self.known {
            Some(known) => {
                let [mean, variance] = known.each_ref();
                let constant =
                    |values: &Vec<f32>| Tensor::apply(Op::constant(&[values.len()], values.clone()), &[], &name);
                [constant(mean)?, constant(variance)?]
            }
            None => [weights[0].tensor(), weights[1].tensor()],
        };
        let deviation = ops::unary("sqrt", &variance, &name)?;
        let deviation = ops::binary("maximum", &deviation, &ops::number(1e-7, &name)?, &name)?;
        if self.invert {
            return ops::binary("add", &ops::binary("multiply", input, &deviation, &name)?, &mean, &name);
        }
        ops::binary("divide", &ops::binary("subtract", input, &mean, &name)?, &deviation, &name)
    }
}
