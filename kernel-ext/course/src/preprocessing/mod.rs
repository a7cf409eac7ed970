//! Samples made ready for a network: split, scaled, given by fewer numbers.
//!
//! Names and results are scikit-learn's, where it has the same.

mod normalize;
mod pca;
mod split;
mod standard_scaler;

pub use normalize::normalize;
pub use pca::Pca;
pub use split::{Selection, train_test_split};
pub use standard_scaler::StandardScaler;

use crate::error::{Error, Report, Result};
use crate::numbers::{Numbers, shape_text};
use ndarray::{Array2, ArrayD, Ix2};

/// The array as samples with features, in single precision.
pub(crate) fn samples(place: &str, x: &dyn Numbers) -> Result<Array2<f32>> {
    let view = x.numbers();
    match *view.shape() {
        [count, features] if count > 0 && features > 0 => {
            two_axes(place, crate::numbers::array(view.shape(), view.to_f32()))
        }
        _ => {
            let report = Report::new(place, "samples must have one axis of features");
            let hint = "images become rows with `into_shape_with_order((samples, height * width))`";
            Err(Error::shape(report.expected("(samples, features)", shape_text(view.shape())).hint(hint)))
        }
    }
}

pub(crate) fn two_axes(place: &str, array: ArrayD<f32>) -> Result<Array2<f32>> {
    let shape = shape_text(array.shape());
    let report = || Report::new(place, "an array must have two axes").expected("(samples, features)", &shape);
    array.into_dimensionality::<Ix2>().map_err(|_| Error::shape(report()))
}

/// Samples that should be given by what `fit` has seen of others.
fn fitted(place: &str, x: &dyn Numbers, features: usize) -> Result<Array2<f32>> {
    let x = samples(place, x)?;
    if features == 0 {
        return Err(Error::order(Report::new(place, "it has seen no samples yet").hint("call `fit` first")));
    }
    if x.ncols() != features {
        let report = Report::new(place, "the samples have another number of features than those of `fit`");
        return Err(Error::shape(report.expected(features, x.ncols())));
    }
    Ok(x)
}
