//! Which classes a model takes for which.

use super::classes;
use crate::display::{Bundle, Show, shows_itself};
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::Numbers;
use crate::plot::Figure;
use engine_api::Colormap;
use ndarray::Array2;
use std::fmt;

/// How often each true class (row) was taken for each class (column).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    counts: Array2<usize>,
}

/// Counts how often each true class was taken for each class.
///
/// Labels are class numbers, or rows whose greatest number says the class: one-hot rows, and the
/// probabilities that `predict` returns.
///
/// # Shapes
/// (samples,) or (samples, classes), twice
///
/// # Panics
/// When there are different numbers of labels, none, or one that is no class number.
///
/// ```
/// use course::prelude::*;
/// let matrix = confusion_matrix(&[0_u8, 1, 2, 2], &[0_u8, 2, 2, 2]);
/// assert_eq!(matrix.counts(), &array![[1, 0, 0], [0, 0, 1], [0, 0, 2]]);
/// assert_eq!(matrix.accuracy(), 0.75);
/// ```
#[track_caller]
pub fn confusion_matrix(true_labels: &dyn Numbers, predicted: &dyn Numbers) -> ConfusionMatrix {
    expect_good(ConfusionMatrix::count("confusion_matrix", true_labels, predicted))
}

impl ConfusionMatrix {
    pub(super) fn count(place: &str, true_labels: &dyn Numbers, predicted: &dyn Numbers) -> Result<Self> {
        let (true_classes, true_width) = classes(place, "true_labels", true_labels)?;
        let (predicted_classes, predicted_width) = classes(place, "predicted", predicted)?;
        if true_classes.len() != predicted_classes.len() {
            let report = Report::new(place, "there must be as many predictions as true labels");
            return Err(Error::shape(report.expected(true_classes.len(), predicted_classes.len())));
        }
        let most = true_classes.iter().chain(&predicted_classes).max().map_or(0, |most| most + 1);
        let size = most.max(true_width).max(predicted_width);
        if most == 0 {
            return Err(Error::data(Report::new(place, "there are no labels")));
        }
        let mut counts = Array2::zeros((size, size));
        for (&row, &column) in true_classes.iter().zip(&predicted_classes) {
            counts[[row, column]] += 1;
        }
        Ok(Self { counts })
    }

    /// The counts: a row for each true class, a column for each predicted one.
    pub fn counts(&self) -> &Array2<usize> {
        &self.counts
    }

    /// The share of labels on the diagonal.
    pub fn accuracy(&self) -> f64 {
        self.counts.diag().sum() as f64 / self.counts.sum() as f64
    }

    /// For which share of a class's samples each class was predicted, in percent: each row adds up to 100. A class
    /// without samples has zeros.
    ///
    /// ```
    /// use course::prelude::*;
    /// let matrix = confusion_matrix(&[0_u8, 0, 0, 0, 1], &[0_u8, 0, 0, 1, 1]);
    /// assert_eq!(matrix.percentages(), array![[75.0, 25.0], [0.0, 100.0]]);
    /// ```
    pub fn percentages(&self) -> Array2<f64> {
        Array2::from_shape_fn(self.counts.dim(), |(row, column)| {
            100.0 * self.counts[[row, column]] as f64 / self.counts.row(row).sum().max(1) as f64
        })
    }

    /// The counts as a picture with numbers.
    pub fn plot(&self) -> Figure {
        self.picture(&self.counts, "Confusion matrix")
    }

    /// The percentages of each row as a picture with numbers, rounded to a tenth.
    pub fn plot_percentages(&self) -> Figure {
        let rounded = self.percentages().mapv(|percentage| (percentage * 10.0).round() / 10.0);
        self.picture(&rounded, "Percent of each true class")
    }

    fn picture(&self, values: &dyn Numbers, title: &str) -> Figure {
        let figure = Figure::new().imshow(values).cmap(Colormap::Blues).with_numbers(true).axes(true);
        let figure = figure.title(format!("{title}, accuracy {:.4}", self.accuracy()));
        figure.xlabel("predicted").ylabel("true").size(560, 540)
    }
}

impl fmt::Display for ConfusionMatrix {
    /// As scikit-learn's array prints: one row for each true class.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.counts.iter().max().map_or(1, |most| most.to_string().len());
        for (place, row) in self.counts.rows().into_iter().enumerate() {
            let cells: Vec<String> = row.iter().map(|count| format!("{count:>width$}")).collect();
            let (begin, end) =
                (if place == 0 { "[[" } else { " [" }, if place + 1 == self.counts.nrows() { "]]" } else { "]\n" });
            write!(f, "{begin}{}{end}", cells.join(" "))?;
        }
        Ok(())
    }
}

impl Show for ConfusionMatrix {
    /// The picture, and as text the counts.
    fn bundle(&self) -> Bundle {
        let text = Bundle::text(self.to_string());
        match self.plot().svg() {
            Ok(svg) => text.with("image/svg+xml", svg),
            Err(error) => Bundle::text(format!("{self}\nit could not be drawn: {error}")),
        }
    }
}

shows_itself!(ConfusionMatrix);

#[cfg(test)]
mod tests {
    use super::{ConfusionMatrix, confusion_matrix};
    use ndarray::array;

    #[test]
    fn rows_of_probabilities_count_as_their_greatest_class() {
        let matrix = confusion_matrix(&[1_u8, 0], &array![[0.2_f32, 0.8], [0.1, 0.9]]);
        assert_eq!(matrix.to_string(), "[[0 1]\n [0 1]]");
        assert_eq!(matrix.accuracy(), 0.5);
    }

    #[test]
    fn wrong_labels_are_named() {
        for (labels, message) in [
            (vec![0.5, 1.0], "confusion_matrix: `true_labels` holds a label that is no class (sample 0)"),
            (vec![1.0], "confusion_matrix: there must be as many predictions as true labels"),
        ] {
            let error = ConfusionMatrix::count("confusion_matrix", &labels, &[0_u8, 1]).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
