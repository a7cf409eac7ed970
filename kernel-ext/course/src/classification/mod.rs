//! How well classes are told apart, and the plainest way to do it.
//!
//! Labels are class numbers, or rows whose greatest number says the class: one-hot rows, and the probabilities
//! that `predict` returns.

mod confusion;
mod neighbors;
mod report;

pub use confusion::{ConfusionMatrix, confusion_matrix};
pub use neighbors::KNeighborsClassifier;
pub use report::{ClassScores, ClassificationReport, classification_report};

use crate::error::{Result, expect_good};
use crate::numbers::Numbers;
use crate::utils::{class_numbers, greatest};

/// The share of labels that were predicted rightly.
///
/// # Shapes
/// (samples,) or (samples, classes), twice
///
/// # Panics
/// When there are different numbers of labels, none, or one that is no class number.
///
/// Source: `sklearn.metrics.accuracy_score`.
///
/// ```
/// use course::prelude::*;
/// assert_eq!(accuracy_score(&[0_u8, 1, 2, 2], &array![[0.9, 0.1, 0.0], [0.1, 0.2, 0.7], [0.0, 0.1, 0.9], [0.2, 0.0, 0.8]]), 0.75);
/// ```
#[track_caller]
pub fn accuracy_score(true_labels: &dyn Numbers, predicted: &dyn Numbers) -> f64 {
    expect_good(ConfusionMatrix::count("accuracy_score", true_labels, predicted)).accuracy()
}

/// The class of each label, and how many classes its rows have (0 for class numbers).
pub(crate) fn classes(place: &str, name: &str, labels: &dyn Numbers) -> Result<(Vec<usize>, usize)> {
    let view = labels.numbers();
    let (values, width) = (view.to_f64(), view.sample_len());
    if view.shape().len() == 2 && width > 1 {
        return Ok((values.chunks(width).map(greatest).collect(), width));
    }
    Ok((class_numbers(place, name, &values)?, 0))
}
