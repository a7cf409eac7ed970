//! Precision, recall and F1 of each class.

use super::ConfusionMatrix;
use crate::display::{Bundle, Show, shows_itself};
use crate::error::expect_good;
use crate::numbers::Numbers;
use std::fmt;

/// How well one class, or an average of them, was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScores {
    /// The share of what was taken for the class that belongs to it.
    pub precision: f64,
    /// The share of the class that was found.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// How many samples belong to it.
    pub support: usize,
}

/// Precision, recall and F1 of each class, and their averages; printed as scikit-learn prints them.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassificationReport {
    /// The number and the name of each class that occurs.
    names: Vec<(usize, String)>,
    classes: Vec<ClassScores>,
    accuracy: f64,
}

/// Precision, recall and F1 of each class.
///
/// Classes that occur in neither list are left out; a share of nothing counts as 0.
///
/// # Shapes
/// (samples,) or (samples, classes), twice
///
/// # Panics
/// When there are different numbers of labels, none, or one that is no class number.
///
/// Source: `sklearn.metrics.classification_report`.
///
/// ```
/// use course::prelude::*;
/// let report = classification_report(&[0_u8, 1, 2, 2, 2], &[0_u8, 0, 2, 2, 1]);
/// assert_eq!(report.to_string().lines().nth(4), Some("           2       1.00      0.67      0.80         3"));
/// assert_eq!(report.macro_average().precision, 0.5);
/// ```
#[track_caller]
pub fn classification_report(true_labels: &dyn Numbers, predicted: &dyn Numbers) -> ClassificationReport {
    expect_good(ConfusionMatrix::count("classification_report", true_labels, predicted)).report()
}

impl ConfusionMatrix {
    /// Precision, recall and F1 of each class that occurs.
    pub fn report(&self) -> ClassificationReport {
        let counts = self.counts();
        let (mut names, mut classes) = (Vec::new(), Vec::new());
        for class in 0..counts.nrows() {
            let (found, support, taken) = (counts[[class, class]], counts.row(class).sum(), counts.column(class).sum());
            if support + taken > 0 {
                let share = |of: usize| if of == 0 { 0.0 } else { found as f64 / of as f64 };
                let f1 = 2.0 * found as f64 / (support + taken) as f64;
                names.push((class, class.to_string()));
                classes.push(ClassScores { precision: share(taken), recall: share(support), f1, support });
            }
        }
        ClassificationReport { names, classes, accuracy: self.accuracy() }
    }
}

impl ClassificationReport {
    /// The scores of each class that occurs.
    pub fn classes(&self) -> &[ClassScores] {
        &self.classes
    }

    /// The share of samples whose class was found.
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }

    /// The mean over classes.
    pub fn macro_average(&self) -> ClassScores {
        self.average(|_| 1.0)
    }

    /// The mean over samples.
    pub fn weighted_average(&self) -> ClassScores {
        self.average(|class| class.support as f64)
    }

    /// Writes names in the place of class numbers: that of class 0 first, also of a class that does not occur.
    #[must_use]
    pub fn target_names(mut self, names: &[&str]) -> Self {
        for (class, name) in &mut self.names {
            if let Some(&given) = names.get(*class) {
                *name = given.into();
            }
        }
        self
    }

    fn average(&self, weight: impl Fn(&ClassScores) -> f64) -> ClassScores {
        let weights: f64 = self.classes.iter().map(&weight).sum();
        let mean = |score: fn(&ClassScores) -> f64| {
            self.classes.iter().map(|class| score(class) * weight(class)).sum::<f64>() / weights
        };
        let support = self.classes.iter().map(|class| class.support).sum();
        ClassScores {
            precision: mean(|class| class.precision),
            recall: mean(|class| class.recall),
            f1: mean(|class| class.f1),
            support,
        }
    }
}

impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = self.names.iter().map(|(_, name)| name.chars().count()).max();
        let width = longest.map_or(0, |longest| longest.max("weighted avg".len()));
        let row = |name: &str, scores: &ClassScores| {
            let ClassScores { precision, recall, f1, support } = scores;
            format!("{name:>width$} {precision:>10.2}{recall:>10.2}{f1:>10.2}{support:>10}\n")
        };
        write!(f, "{:>width$} {:>10}{:>10}{:>10}{:>10}\n\n", "", "precision", "recall", "f1-score", "support")?;
        for ((_, name), scores) in self.names.iter().zip(&self.classes) {
            f.write_str(&row(name, scores))?;
        }
        let (all, weighted) = (self.macro_average(), self.weighted_average());
        write!(f, "\n{:>width$} {:>30.2}{:>10}\n", "accuracy", self.accuracy, all.support)?;
        f.write_str(&row("macro avg", &all))?;
        f.write_str(row("weighted avg", &weighted).trim_end())
    }
}

impl Show for ClassificationReport {
    fn bundle(&self) -> Bundle {
        Bundle::text(self.to_string())
    }
}

shows_itself!(ClassificationReport);

#[cfg(test)]
mod tests {
    use super::classification_report;

    /// What scikit-learn 1.9.1 prints for the same labels.
    #[test]
    fn reports_read_as_those_of_scikit_learn() {
        let expected = [
            "              precision    recall  f1-score   support",
            "",
            "           0       0.50      1.00      0.67         1",
            "           1       0.00      0.00      0.00         1",
            "           2       1.00      0.67      0.80         3",
            "",
            "    accuracy                           0.60         5",
            "   macro avg       0.50      0.56      0.49         5",
            "weighted avg       0.70      0.60      0.61         5",
        ];
        let report = classification_report(&[0_u8, 1, 2, 2, 2], &[0_u8, 0, 2, 2, 1]);
        assert_eq!(report.to_string(), expected.join("\n"));

        let names = ["cat", "dog", "elephant seal"];
        let report = classification_report(&[0_u8, 1, 2, 2], &[0_u8, 1, 1, 1]).target_names(&names);
        let lines: Vec<String> = report.to_string().lines().map(String::from).collect();
        assert_eq!(lines[2], "          cat       1.00      1.00      1.00         1");
        assert_eq!(lines[6], "     accuracy                           0.50         4");
        assert_eq!(lines[8], " weighted avg       0.33      0.50      0.38         4");

        let report = classification_report(&[0_u8, 2], &[0_u8, 2]).target_names(&["a", "b", "c"]);
        let starts: Vec<String> =
            report.to_string().lines().skip(2).take(2).map(|line| line.trim_start()[..1].into()).collect();
        assert_eq!(starts, ["a", "c"]);
    }
}
