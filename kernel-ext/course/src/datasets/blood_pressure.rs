//! Blood pressure and age.

use super::{Csv, folder};
use crate::Result;
use ndarray::Array1;

/// Loads age in years and systolic blood pressure, in millimetres of mercury, of 33 women.
///
/// # Shapes
/// (33,), (33,)
///
/// # Errors
/// When the file cannot be read or is not the original one.
///
/// Source: see `datasets/README.md`.
///
/// ```
/// use course::prelude::*;
/// let (age, pressure) = blood_pressure::load_data()?;
/// // The line of least squares: 1.1050217 a year, 87.6714 at birth.
/// let (x, y) = (&age - age.sum() / 33.0, &pressure - pressure.sum() / 33.0);
/// let slope = (&x * &y).sum() / (&x * &x).sum();
/// assert!((slope - 1.105_021_7).abs() < 1e-6);
/// assert!((pressure.sum() / 33.0 - slope * age.sum() / 33.0 - 87.6714).abs() < 1e-4);
/// # Ok::<(), course::Error>(())
/// ```
pub fn load_data() -> Result<(Array1<f64>, Array1<f64>)> {
    let sha256 = "eef6e1364be2f1ec46c7619683bbd26c67f65991280b3794ba992b54de8215a8";
    let table = Csv::new(folder().join("blood_pressure.csv")).sha256(sha256).read()?;
    Ok((table.try_column("age")?, table.try_column("systolic")?))
}
