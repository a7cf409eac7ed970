//! Features with mean 0 and deviation 1.

use super::{fitted, samples};
use crate::error::{Result, expect_good};
use crate::numbers::Numbers;
use ndarray::{Array1, Array2, Axis};

/// Shifts and scales each feature to the mean 0 and the standard deviation 1 of the samples that it has seen.
///
/// A feature that is the same in all samples becomes 0. Give the scaler the training samples only, so that nothing
/// of the test samples leaks into training.
///
/// # Shapes
/// (samples, features) -> (samples, features)
///
/// Source: `sklearn.preprocessing.StandardScaler`.
///
/// ```
/// use course::prelude::*;
/// let mut scaler = StandardScaler::new();
/// let x = scaler.fit_transform(&array![[1.0_f32, 5.0], [3.0, 5.0]]);
/// assert_eq!(x, array![[-1.0, 0.0], [1.0, 0.0]]);
/// assert_eq!((scaler.mean(), scaler.scale()), (&array![2.0, 5.0], &array![1.0, 1.0]));
/// assert_eq!(scaler.inverse_transform(&x), array![[1.0, 5.0], [3.0, 5.0]]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StandardScaler {
    mean: Array1<f64>,
    scale: Array1<f64>,
}

impl StandardScaler {
    /// A scaler that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Finds mean and deviation of each feature.
    ///
    /// # Panics
    /// When the array does not have two axes; [`StandardScaler::try_fit`] returns the error instead.
    #[track_caller]
    pub fn fit(&mut self, x: &dyn Numbers) -> &mut Self {
        expect_good(self.try_fit(x));
        self
    }

    /// As [`StandardScaler::fit`]. After an error everything is as it was.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when the array does not have two axes.
    pub fn try_fit(&mut self, x: &dyn Numbers) -> Result<()> {
        let x = samples("StandardScaler", x)?.mapv(f64::from);
        let count = x.nrows() as f64;
        self.mean = x.sum_axis(Axis(0)) / count;
        let variance = (&x - &self.mean).mapv(|number| number * number).sum_axis(Axis(0)) / count;
        // Deviations that only rounding has made are none.
        let least = |mean: f64| 10.0 * f64::EPSILON * mean.abs();
        self.scale = variance.mapv(f64::sqrt);
        self.scale.zip_mut_with(&self.mean, |scale, &mean| *scale = if *scale > least(mean) { *scale } else { 1.0 });
        Ok(())
    }

    /// Shifts and scales samples.
    ///
    /// # Panics
    /// Before `fit`, or when the samples have another number of features; [`StandardScaler::try_transform`]
    /// returns the error instead.
    #[track_caller]
    pub fn transform(&self, x: &dyn Numbers) -> Array2<f32> {
        expect_good(self.try_transform(x))
    }

    /// As [`StandardScaler::transform`].
    ///
    /// # Errors
    /// [`Error::Order`](crate::Error::Order) before `fit`, [`Error::Shape`](crate::Error::Shape) for another number
    /// of features.
    pub fn try_transform(&self, x: &dyn Numbers) -> Result<Array2<f32>> {
        let x = fitted("StandardScaler", x, self.mean.len())?.mapv(f64::from);
        Ok(((x - &self.mean) / &self.scale).mapv(|number| number as f32))
    }

    /// Finds mean and deviation, and shifts and scales the same samples.
    ///
    /// # Panics
    /// As [`StandardScaler::fit`].
    #[track_caller]
    pub fn fit_transform(&mut self, x: &dyn Numbers) -> Array2<f32> {
        self.fit(x).transform(x)
    }

    /// The samples that [`StandardScaler::transform`] has made these of.
    ///
    /// # Panics
    /// As [`StandardScaler::transform`].
    #[track_caller]
    pub fn inverse_transform(&self, x: &dyn Numbers) -> Array2<f32> {
        let x = expect_good(fitted("StandardScaler", x, self.mean.len())).mapv(f64::from);
        (x * &self.scale + &self.mean).mapv(|number| number as f32)
    }

    /// The mean of each feature.
    pub fn mean(&self) -> &Array1<f64> {
        &self.mean
    }

    /// What each feature is divided by: its standard deviation, or 1 where that is 0.
    pub fn scale(&self) -> &Array1<f64> {
        &self.scale
    }
}
