//! Labels as numbers, as one-hot rows, and back.

use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, shape_text};
use ndarray::{Array1, Array2};

/// One-hot rows: 1 at the place of the label's class, 0 elsewhere.
///
/// # Shapes
/// (samples,) or (samples, 1) -> (samples, classes)
///
/// # Panics
/// When a label is not a whole number from 0 to below `classes`.
///
/// Source: `keras.utils.to_categorical`.
///
/// ```
/// use course::prelude::*;
/// assert_eq!(to_categorical(&[2_u8, 0], 3), array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
/// ```
#[track_caller]
pub fn to_categorical(labels: &dyn Numbers, classes: usize) -> Array2<f32> {
    expect_good(one_hot(labels, classes))
}

fn one_hot(labels: &dyn Numbers, classes: usize) -> Result<Array2<f32>> {
    let view = labels.numbers();
    if view.sample_len() != 1 {
        let report = Report::new("to_categorical", "there must be one label for each sample");
        return Err(Error::shape(report.expected("(samples,)", shape_text(view.shape()))));
    }
    let numbers = class_numbers("to_categorical", "labels", &view.to_f64())?;
    if let Some(sample) = numbers.iter().position(|&class| class >= classes) {
        let problem = format!("label {sample} is no class of {classes}");
        let most = numbers.iter().max().map_or(0, |most| most + 1);
        let report = Report::new("to_categorical", problem)
            .expected(format!("0 to {}", classes.saturating_sub(1)), numbers[sample])
            .hint(format!("these labels need `classes` {most}"));
        return Err(Error::data(report));
    }
    let mut rows = Array2::zeros((numbers.len(), classes));
    for (sample, class) in numbers.into_iter().enumerate() {
        rows[[sample, class]] = 1.0;
    }
    Ok(rows)
}

/// The class of each row: the place of its greatest number, the first one of equals.
///
/// # Shapes
/// (samples, classes) -> (samples,)
///
/// # Panics
/// When the array does not have two axes.
///
/// Source: `numpy.argmax(predictions, axis=-1)`.
///
/// ```
/// use course::prelude::*;
/// assert_eq!(argmax(&array![[0.1_f32, 0.7, 0.2], [0.5, 0.2, 0.3]]), array![1, 0]);
/// ```
#[track_caller]
pub fn argmax(rows: &dyn Numbers) -> Array1<usize> {
    let view = rows.numbers();
    if view.shape().len() != 2 || view.sample_len() == 0 {
        let report = Report::new("argmax", "each row holds one number for each class")
            .expected("(samples, classes)", shape_text(view.shape()));
        expect_good(Err(Error::shape(report)))
    }
    view.to_f64().chunks(view.sample_len()).map(greatest).collect()
}

/// The place of the greatest number, the first one of equals.
pub(crate) fn greatest(row: &[f64]) -> usize {
    (1..row.len()).fold(0, |best, place| if row[place] > row[best] { place } else { best })
}

/// Labels as class numbers.
pub(crate) fn class_numbers(place: &str, name: &str, values: &[f64]) -> Result<Vec<usize>> {
    match values.iter().position(|&value| !(value >= 0.0 && value.fract() == 0.0 && value < 1e9)) {
        None => Ok(values.iter().map(|&value| value as usize).collect()),
        Some(sample) => {
            let report = Report::new(place, format!("`{name}` holds a label that is no class (sample {sample})"));
            Err(Error::data(report.expected("whole numbers, 0 or more", values[sample])))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{argmax, one_hot};
    use ndarray::array;

    #[test]
    fn labels_out_of_range_are_named() {
        let error = one_hot(&[0_u8, 9, 3], 5).unwrap_err();
        let text = "to_categorical: label 1 is no class of 5\n  expected: 0 to 4\n  received: 9\n  \
                    hint: these labels need `classes` 10";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn the_first_of_equal_numbers_wins() {
        assert_eq!(argmax(&array![[1, 1, 0], [0, 2, 2]]), array![0, 1]);
    }
}
