//! The options of metrics.

use super::overlap::Classes;
use super::{Kind, Metric};
use crate::Loss;
use crate::named::names_of;

/// What the area is under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    /// True positives over false positives (receiver operating characteristic).
    #[default]
    Roc,
    /// Precision over recall.
    Pr,
    /// Gain of precision over gain of recall (Flach and Kull, NeurIPS 2015).
    PrGain,
}

names_of! {
    Curve, "curve" {
        "roc" => Curve::Roc,
        "pr" => Curve::Pr,
        "prgain" => Curve::PrGain,
    }
}

/// How high a curve is between two of its points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Summation {
    /// On the way from one to the other.
    #[default]
    Interpolation,
    /// As the lower one.
    Minoring,
    /// As the higher one.
    Majoring,
}

names_of! {
    Summation, "summation method" {
        "interpolation" => Summation::Interpolation,
        "minoring" => Summation::Minoring,
        "majoring" => Summation::Majoring,
    }
}

/// How the scores of classes, or of outputs, become one.
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
    /// Those between 0 and 1 that the user chose.
    pub thresholds: Vec<f64>,
    pub curve: Curve,
    pub summation: Summation,
    pub multi_label: bool,
    pub label_weights: Vec<f64>,
    pub num_classes: Option<usize>,
    pub target_class_ids: Vec<usize>,
    pub ignore_class: Option<i64>,
    pub num_regressors: usize,
    /// What must be reached where another value is asked for.
    pub reached: f64,
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
            thresholds: Vec::new(),
            curve: Curve::Roc,
            summation: Summation::Interpolation,
            multi_label: false,
            label_weights: Vec::new(),
            num_classes: None,
            target_class_ids: Vec::new(),
            ignore_class: None,
            num_regressors: 0,
            reached: 0.5,
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

    /// The only class that precision, recall and F scores look at, or the only output of `r2_score`.
    #[must_use]
    pub fn class_id(mut self, class: usize) -> Self {
        self.options.class_id = Some(class);
        self
    }

    /// At how many thresholds the curve of `auc` is computed, or the best one looked for.
    #[must_use]
    pub fn num_thresholds(mut self, count: usize) -> Self {
        self.options.num_thresholds = count.max(2);
        self
    }

    /// At which thresholds between 0 and 1 the curve of `auc` is computed, in place of evenly spaced ones.
    #[must_use]
    pub fn thresholds(mut self, thresholds: &[f64]) -> Self {
        self.options.thresholds = thresholds.to_vec();
        self.options.thresholds.sort_by(f64::total_cmp);
        self
    }

    /// How high the curve of `auc` is between two thresholds: `"interpolation"`, `"minoring"` or `"majoring"`.
    ///
    /// # Panics
    /// When there is no method of this name.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Activation::new("linear"));
    /// let auc = Metric::from("auc").thresholds(&[0.5]);
    /// let (low, high) = (auc.clone().summation_method("minoring"), auc.summation_method("majoring"));
    /// model.compile("sgd", "mse", vec![low.named("low"), high.named("high")]);
    /// let logs = model.evaluate(&array![[0.2], [0.6], [0.4], [0.8]], &array![[0.0], [0.0], [1.0], [1.0]]);
    /// // Half of each class lies above 0.5: the curve goes through (0, 0), (1/2, 1/2) and (1, 1).
    /// assert_eq!((logs["low"], logs["high"]), (0.25, 0.75));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn summation_method(mut self, method: impl Into<Summation>) -> Self {
        self.options.summation = method.into();
        self
    }

    /// Whether `auc` has a curve for each label, whose areas it averages.
    #[must_use]
    pub fn multi_label(mut self, multi_label: bool) -> Self {
        self.options.multi_label = multi_label;
        self
    }

    /// How much each label counts in `auc`.
    #[must_use]
    pub fn label_weights(mut self, weights: &[f64]) -> Self {
        self.options.label_weights = weights.to_vec();
        self
    }

    /// How many classes there are, for the metrics of overlap; those with `one_hot` in their name see it themselves.
    #[must_use]
    pub fn num_classes(mut self, classes: usize) -> Self {
        self.options.num_classes = Some(classes);
        self
    }

    /// Whether the targets of a metric of overlap are numbers of classes, and not one-hot.
    #[must_use]
    pub fn sparse_y_true(mut self, sparse: bool) -> Self {
        if let Kind::Overlap(truth, _) = &mut self.kind {
            *truth = Classes::written(sparse);
        }
        self
    }

    /// Whether the predictions of a metric of overlap are numbers of classes, and not one likelihood a class.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([2]));
    /// model.add(Activation::new("linear"));
    /// let metric = Metric::from("mean_iou").num_classes(2).sparse_y_pred(false);
    /// model.compile("sgd", "sparse_categorical_crossentropy", vec![metric]);
    /// let x = array![[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]];
    /// // Class 0 is found in one of two places, class 1 in one, with one too much.
    /// assert!((model.evaluate(&x, &array![0.0, 0.0, 1.0])["mean_iou"] - 0.5).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn sparse_y_pred(mut self, sparse: bool) -> Self {
        if let Kind::Overlap(_, answer) = &mut self.kind {
            *answer = Classes::written(sparse);
        }
        self
    }

    /// Whose overlap counts; all classes without this.
    #[must_use]
    pub fn target_class_ids(mut self, classes: &[usize]) -> Self {
        self.options.target_class_ids = classes.to_vec();
        self
    }

    /// The class of the targets whose places do not count in the overlap.
    #[must_use]
    pub fn ignore_class(mut self, class: i64) -> Self {
        self.options.ignore_class = Some(class);
        self
    }

    /// How many inputs the model explains its outputs by; `r2_score` is adjusted for them.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Activation::new("linear"));
    /// model.compile("sgd", "mse", vec![Metric::from("r2_score").num_regressors(1)]);
    /// let logs = model.evaluate(&array![[1.0], [2.0], [3.0], [5.0]], &array![[1.0], [2.0], [3.0], [4.0]]);
    /// // 1 - (1 / 5) · 3 / 2
    /// assert!((logs["r2_score"] - 0.7).abs() < 1e-9);
    /// ```
    #[must_use]
    pub fn num_regressors(mut self, regressors: usize) -> Self {
        self.options.num_regressors = regressors;
        self
    }

    /// What `precision_at_recall` and its like must reach of the second; 0.5 without this.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Activation::new("linear"));
    /// model.compile("sgd", "mse", vec![Metric::from("precision_at_recall").at(0.9)]);
    /// let logs = model.evaluate(&array![[0.1], [0.6], [0.4], [0.8]], &array![[0.0], [0.0], [1.0], [1.0]]);
    /// // To find both of class 1, one of class 0 is taken as well.
    /// assert!((logs["precision_at_recall"] - 2.0 / 3.0).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn at(mut self, reached: f64) -> Self {
        self.options.reached = reached;
        self
    }

    /// What `auc` is the area under: `"ROC"`, `"PR"` or `"PRGAIN"`.
    ///
    /// # Panics
    /// When there is no curve of this name.
    #[must_use]
    #[track_caller]
    pub fn curve(mut self, curve: impl Into<Curve>) -> Self {
        self.options.curve = curve.into();
        self
    }

    /// How an F score is made of those of the classes: `"macro"`, `"micro"` or `"weighted"`; or `r2_score` of those of
    /// the outputs: `"macro"`, or `"weighted"` by their variance.
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

    /// Whether the predictions that `auc` or a cross-entropy takes are logits.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.options.from_logits = from_logits;
        self.with_loss(|loss| loss.from_logits(from_logits))
    }

    /// Which part of a cross-entropy's targets is shared among all classes.
    #[must_use]
    pub fn label_smoothing(self, label_smoothing: f64) -> Self {
        self.with_loss(|loss| loss.label_smoothing(label_smoothing))
    }

    /// Along which axis the classes of a cross-entropy lie, or the directions of `cosine_similarity`; the last one
    /// without this.
    #[must_use]
    pub fn axis(self, axis: i64) -> Self {
        self.with_loss(|loss| loss.axis(axis))
    }

    /// Changes the loss whose mean the metric is, if it is one.
    fn with_loss(mut self, change: impl FnOnce(Loss) -> Loss) -> Self {
        if let Kind::Loss(loss) | Kind::Opposite(loss) = &mut self.kind {
            *loss = change(loss.clone());
        }
        self
    }
}
