//! The options of losses.

use super::{Loss, LossKind};

/// What can be chosen; each loss has some of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub from_logits: bool,
    pub label_smoothing: f64,
    pub ignore_class: Option<i64>,
    /// Absent where the loss has its usual axes.
    pub axes: Option<Vec<i64>>,
    pub delta: f64,
    pub gamma: f64,
    /// Absent where the loss has its usual one.
    pub alpha: Option<f64>,
    pub beta: f64,
    pub q: f64,
    pub apply_class_balancing: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            from_logits: false,
            label_smoothing: 0.0,
            ignore_class: None,
            axes: None,
            delta: 1.0,
            gamma: 2.0,
            alpha: None,
            beta: 0.5,
            q: 0.7,
            apply_class_balancing: false,
        }
    }
}

impl Loss {
    /// Whether a cross-entropy's predictions are logits, to which no softmax or sigmoid was applied.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.options.from_logits = from_logits;
        self
    }

    /// Which part of a cross-entropy's targets is shared among all classes.
    #[must_use]
    pub fn label_smoothing(mut self, label_smoothing: f64) -> Self {
        self.options.label_smoothing = label_smoothing;
        self
    }

    /// The class of `sparse_categorical_crossentropy` whose places do not count: their loss is 0, and the loss of a
    /// batch is the mean over the others. -1, which is no class at all, marks padding.
    ///
    /// ```
    /// use course::prelude::*;
    /// let (p, t) = (Input::new([2]).tensor(), Input::new([]).tensor());
    /// let loss = Loss::from("sparse_categorical_crossentropy").ignore_class(-1);
    /// let values = Function::new(&[&p, &t], &[&loss.of_samples(&p, &t)?, &loss.of_batch(&p, &t)?]);
    /// let values = values.call(&[&array![[0.5, 0.5], [0.9, 0.1]], &array![1.0, -1.0]]);
    /// // ln 2 for the first sample; the second is not there.
    /// assert!((values[0][[0]] - 0.693_147).abs() < 1e-6 && values[0][[1]] == 0.0);
    /// assert!((values[1].sum() - 0.693_147).abs() < 1e-6);
    /// # Ok::<(), course::Error>(())
    /// ```
    #[must_use]
    pub fn ignore_class(mut self, class: i64) -> Self {
        self.options.ignore_class = Some(class);
        self
    }

    /// Along which axis the classes of a cross-entropy lie, or the directions of `cosine_similarity`; negative ones
    /// count from the end, and the batch is axis 0. The last one without this.
    #[must_use]
    pub fn axis(self, axis: i64) -> Self {
        self.axes(&[axis])
    }

    /// Over which axes `dice` and `tversky` add up; over all, the batch among them, without this.
    ///
    /// ```
    /// use course::prelude::*;
    /// let (p, t) = (Input::new([2, 2]).tensor(), Input::new([2, 2]).tensor());
    /// let predictions = array![[[0.0, 1.0], [0.0, 1.0]], [[0.4, 0.0], [0.0, 0.9]]];
    /// let targets = array![[[1.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]];
    /// let of_pictures = Loss::from("dice").axes(&[1, 2]).of_samples(&p, &t)?;
    /// let of_all = Loss::from("dice").of_batch(&p, &t)?;
    /// let values = Function::new(&[&p, &t], &[&of_pictures, &of_all]).call(&[&predictions, &targets]);
    /// // 1 - 2 · 1 / (2 + 2) and 1 - 2 · 0.4 / (2 + 1.3); together 1 - 2 · 1.4 / (4 + 3.3).
    /// assert!((values[0][[0]] - 0.5).abs() < 1e-6 && (values[0][[1]] - 0.757_576).abs() < 1e-6);
    /// assert!((values[1].sum() - 0.616_438).abs() < 1e-6);
    /// # Ok::<(), course::Error>(())
    /// ```
    #[must_use]
    pub fn axes(mut self, axes: &[i64]) -> Self {
        self.options.axes = Some(axes.to_vec());
        self
    }

    /// From which distance on `huber` goes straight.
    #[must_use]
    pub fn delta(mut self, delta: f64) -> Self {
        self.options.delta = delta;
        self
    }

    /// How strongly focal cross-entropies leave out what is easy.
    #[must_use]
    pub fn gamma(mut self, gamma: f64) -> Self {
        self.options.gamma = gamma;
        self
    }

    /// The weight of `categorical_focal_crossentropy` (0.25), that of class 1 of `binary_focal_crossentropy` with
    /// [`Loss::apply_class_balancing`] (0.25), and that of what `tversky` misses of the target (0.5).
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.options.alpha = Some(alpha);
        self
    }

    /// The weight of what is too much in the prediction of `tversky`.
    #[must_use]
    pub fn beta(mut self, beta: f64) -> Self {
        self.options.beta = beta;
        self
    }

    /// How little `categorical_generalized_cross_entropy` minds wrong targets: near 0 it is the cross-entropy, at 1
    /// the mean absolute error. 0.7 as in its paper without this.
    ///
    /// ```
    /// use course::prelude::*;
    /// let (p, t) = (Input::new([2]).tensor(), Input::new([]).tensor());
    /// let loss = Loss::from("categorical_generalized_cross_entropy").q(0.5);
    /// let values = Function::new(&[&p, &t], &[&loss.of_samples(&p, &t)?]).call(&[&array![[0.36, 0.64]], &array![0.0]]);
    /// assert!((values[0].sum() - (1.0 - 0.6) / 0.5).abs() < 1e-6);
    /// # Ok::<(), course::Error>(())
    /// ```
    ///
    /// Source: Zhang and Sabuncu, NeurIPS 2018.
    #[must_use]
    pub fn q(mut self, q: f64) -> Self {
        self.options.q = q;
        self
    }

    /// Whether `binary_focal_crossentropy` weighs class 1 by `alpha` and class 0 by `1 - alpha`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let (p, t) = (Input::new([1]).tensor(), Input::new([1]).tensor());
    /// let loss = "binary_focal_crossentropy".parse::<Loss>()?.gamma(0.0).alpha(0.9).apply_class_balancing(true);
    /// let losses = Function::new(&[&p, &t], &[&loss.of_samples(&p, &t)?]).call(&[&array![[0.5], [0.5]], &array![[1.0], [0.0]]]);
    /// // 0.9 ln 2 and 0.1 ln 2
    /// assert!((losses[0][[0]] - 0.623_832).abs() < 1e-6 && (losses[0][[1]] - 0.069_315).abs() < 1e-6);
    /// # Ok::<(), course::Error>(())
    /// ```
    #[must_use]
    pub fn apply_class_balancing(mut self, apply: bool) -> Self {
        self.options.apply_class_balancing = apply;
        self
    }

    /// The weight of the kind, if none was chosen.
    pub(super) fn alpha_or_usual(&self) -> f64 {
        self.options.alpha.unwrap_or(if self.kind == LossKind::Tversky { 0.5 } else { 0.25 })
    }
}
