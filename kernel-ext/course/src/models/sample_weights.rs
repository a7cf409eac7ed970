//! How much each sample counts in training.

use crate::error::{Error, Report, Result};
use crate::numbers::{Numbers, View, shape_text};
use crate::utils::class_numbers;

/// The weights that a `fit` asks for, one a sample; `None` when all samples count alike.
pub(super) fn of_samples(
    place: &str,
    targets: &[View],
    sample_weight: Option<&dyn Numbers>,
    class_weight: &[(usize, f64)],
) -> Result<Option<Vec<f32>>> {
    let [targets, others @ ..] = targets else { return Ok(None) };
    if !others.is_empty() && !class_weight.is_empty() {
        let report = Report::new(place, "`class_weight` needs a model with one output");
        return Err(Error::value(report.hint("give `sample_weight` instead: one number a sample for all outputs")));
    }
    match (sample_weight, class_weight) {
        (None, []) => Ok(None),
        (Some(weights), []) => {
            let view = weights.numbers();
            if view.samples() != targets.samples() || view.sample_len() != 1 {
                let report = Report::new(place, "`sample_weight` must have one number a sample");
                let received = shape_text(view.shape());
                return Err(Error::shape(report.expected(shape_text(&[targets.samples()]), received)));
            }
            view.check_finite(place, "sample_weight")?;
            Ok(Some(view.to_f32()))
        }
        (None, classes) => of_classes(place, targets, classes).map(Some),
        (Some(_), _) => {
            let report = Report::new(place, "`sample_weight` and `class_weight` cannot be given together");
            Err(Error::value(report.hint("multiply each sample's weight by that of its class, and give the product")))
        }
    }
}

/// The weight of each sample's class; classes that are not named count as 1.
fn of_classes(place: &str, targets: &View, weights: &[(usize, f64)]) -> Result<Vec<f32>> {
    let (values, width) = (targets.to_f64(), targets.sample_len().max(1));
    let classes: Vec<usize> = if width > 1 {
        let first_largest = |row: &[f64]| (0..width).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
        values.chunks(width).map(first_largest).collect()
    } else {
        class_numbers(place, "y", &values)?
    };
    let weight =
        |class: &usize| weights.iter().find(|(other, _)| other == class).map_or(1.0, |&(_, weight)| weight as f32);
    Ok(classes.iter().map(weight).collect())
}
