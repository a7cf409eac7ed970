//! Samples of length 1.

use super::samples;
use crate::error::expect_good;
use crate::numbers::Numbers;
use ndarray::Array2;

/// Divides each sample by its length, the root of the sum of its squares; a sample of zeros stays as it is.
///
/// # Shapes
/// (samples, features) -> (samples, features)
///
/// # Panics
/// When the array does not have two axes.
///
/// Source: `keras.utils.normalize`, order 2.
///
/// ```
/// use course::prelude::*;
/// assert_eq!(normalize(&array![[3.0_f32, 4.0], [0.0, 0.0]]), array![[0.6, 0.8], [0.0, 0.0]]);
/// ```
#[track_caller]
pub fn normalize(x: &dyn Numbers) -> Array2<f32> {
    let mut x = expect_good(samples("normalize", x));
    for mut row in x.rows_mut() {
        let length = row.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt();
        if length > 0.0 {
            row.mapv_inplace(|number| (f64::from(number) / length) as f32);
        }
    }
    x
}
