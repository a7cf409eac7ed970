//! The options of metrics.

use super::Metric;
use crate::named::names_of;

/// What the area is under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    /// True positives over false positives (receiver operating characteristic).
    #[default]
    Roc,
    /// Precision over recall.
    Pr,
}

names_of! {
    Curve, "curve" {
        "roc" => Curve::Roc,
        "pr" => Curve::Pr,
    }
}

/// How the scores of classes become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Averaging {
    /// All classes count alike.
    #[default]
    Macro,
    /// All answers count alike.
    Micro,
    /// Classes count by their samples.
    Weighted,
}

names_of! {
    Averaging, "average" {
        "macro" => Averaging::Macro,
        "micro" => Averaging::Micro,
        "weighted" => Averaging::Weighted,
    }
}

/// What can be chosen; each metric has some of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub threshold: Option<f64>,
    pub k: usize,
    pub top_k: Option<usize>,
    pub class_id: Option<usize>,
    pub num_thresholds: usize,
    pub curve: Curve,
    pub average: Averaging,
    pub beta: f64,
    pub from_logits: bool,
    pub weighted: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threshold: None,
            k: 5,
            top_k: None,
            class_id: None,
            num_thresholds: 200,
            curve: Curve::Roc,
            average: Averaging::Macro,
            beta: 1.0,
            from_logits: false,
            weighted: false,
        }
    }
}

impl Metric {
    /// From which prediction on an answer is yes: 0.5 without this; for F scores the likeliest class.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.options.threshold = Some(threshold);
        self
    }

    /// Among how many of the greatest predictions the right class must be for the top-k accuracies.
    #[must_use]
    pub fn k(mut self, k: usize) -> Self {
        self.options.k = k;
        self
    }

    /// How many of the greatest predictions of a sample count as yes for precision and recall.
    #[must_use]
    pub fn top_k(mut self, k: usize) -> Self {
        self.options.top_k = Some(k);
        self
    }

    /// The only class that precision and recall look at.
    #[must_use]
    pub fn class_id(mut self, class: usize) -> Self {
        self.options.class_id = Some(class);
        self
    }

    /// At how many thresholds the curve of `auc` is computed.
    #[must_use]
    pub fn num_thresholds(mut self, count: usize) -> Self {
        self.options.num_thresholds = count.max(2);
        self
    }

    /// What `auc` is the area under: `"ROC"` or `"PR"`.
    ///
    /// # Panics
    /// When there is no curve of this name.
    #[must_use]
    #[track_caller]
    pub fn curve(mut self, curve: impl Into<Curve>) -> Self {
        self.options.curve = curve.into();
        self
    }

    /// How an F score is made of those of the classes: `"macro"`, `"micro"` or `"weighted"`.
    ///
    /// # Panics
    /// When there is no way of this name.
    #[must_use]
    #[track_caller]
    pub fn average(mut self, average: impl Into<Averaging>) -> Self {
        self.options.average = average.into();
        self
    }

    /// How much more recall counts than precision in `fbeta_score`.
    #[must_use]
    pub fn beta(mut self, beta: f64) -> Self {
        self.options.beta = beta;
        self
    }

    /// Whether samples count in the metric as they do in the loss, by the weights of samples or classes: one of
    /// Keras's `weighted_metrics`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Dense::new(1).kernel_initializer("ones"));
    /// model.compile("sgd", "mse", vec![Metric::from("mae"), Metric::from("mae").weighted(true)]);
    /// // The errors are 1 and 4, and the second sample counts three times.
    /// let logs = model.evaluate_weighted(&array![[1.0], [2.0]], &array![[0.0], [6.0]], &array![1.0, 3.0]);
    /// assert_eq!((logs["mae"], logs["weighted_mae"]), (2.5, 3.25));
    /// ```
    #[must_use]
    pub fn weighted(mut self, weighted: bool) -> Self {
        self.options.weighted = weighted;
        self
    }

    pub(crate) fn is_weighted(&self) -> bool {
        self.options.weighted
    }

    /// Whether the predictions that `auc` takes are logits.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.options.from_logits = from_logits;
        self
    }
}
