//! What training makes small.

mod formulas;
mod list;
mod options;
mod own;

pub use list::Losses;
pub(crate) use own::Own;

use crate::named::{name_of, names_of};
use crate::names::snake_case;
use crate::{Result, Tensor, ops};
use engine_api::Shape;
use formulas::Pair;
use options::Options;

/// The name that the loss has in messages and plans.
const LABEL: &str = "loss";

/// Keras's small number: probabilities are kept this far from 0 and 1.
const EPSILON: f64 = 1e-7;

/// A measure of how wrong a prediction is, by its Keras name.
///
/// With target t and prediction p over K places:
///
/// | name | loss of a sample | target |
/// | --- | --- | --- |
/// | `categorical_crossentropy` | -Σ t_k ln p_k | as the prediction, one-hot |
/// | `sparse_categorical_crossentropy` | -ln p_t | the class's number |
/// | `binary_crossentropy` | mean of -t ln p - (1 - t) ln(1 - p) | as the prediction, 0 or 1 |
/// | `mse` | mean of (t - p)² | as the prediction |
/// | `mae` | mean of \|t - p\| | as the prediction |
/// | `mape` | 100 times the mean of \|t - p\| / \|t\| | as the prediction |
/// | `msle` | mean of (ln(1 + t) - ln(1 + p))² | as the prediction |
/// | `huber` | mean of e²/2 for small e = p - t, else of δ \|e\| - δ²/2 | as the prediction |
/// | `log_cosh` | mean of ln(cosh(p - t)) | as the prediction |
/// | `poisson` | mean of p - t ln p | as the prediction |
/// | `kl_divergence` | Σ t ln(t / p) | as the prediction, probabilities |
/// | `hinge`, `squared_hinge` | mean of max(1 - t p, 0), squared | -1 or 1, or 0 or 1 |
/// | `categorical_hinge` | max(max((1 - t) p) - Σ t p + 1, 0) | as the prediction, one-hot |
/// | `cosine_similarity` | -cos of the angle between t and p | as the prediction |
/// | `binary_focal_crossentropy`, `categorical_focal_crossentropy` | cross-entropies that leave out what is easy | 0 or 1 |
/// | `categorical_generalized_cross_entropy` | (1 - p_t^q) / q | the class's number |
/// | `dice` | 1 - 2 Σ t p / (Σ t + Σ p), over the whole batch | 0 or 1 |
/// | `tversky` | 1 - Σ t p / (Σ t p + α Σ t (1 - p) + β Σ (1 - t) p), over the whole batch | 0 or 1 |
///
/// Source: `keras/src/losses/losses.py`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LossKind {
    /// For one class of several, given as a one-hot row.
    CategoricalCrossentropy,
    /// For one class of several, given as a number.
    SparseCategoricalCrossentropy,
    /// For independent yes-or-no questions.
    BinaryCrossentropy,
    /// For numbers; large mistakes count most.
    #[default]
    MeanSquaredError,
    /// For numbers; every mistake counts as it is.
    MeanAbsoluteError,
    /// For numbers of different sizes; mistakes count in percent.
    MeanAbsolutePercentageError,
    /// For positive numbers of different sizes.
    MeanSquaredLogarithmicError,
    /// For numbers among which some are far off.
    Huber,
    /// A smooth form of the one before.
    LogCosh,
    /// For counts.
    Poisson,
    /// For probabilities.
    KLDivergence,
    /// For yes-or-no questions with a margin.
    Hinge,
    /// The same, squared.
    SquaredHinge,
    /// For one class of several with a margin.
    CategoricalHinge,
    /// For directions.
    CosineSimilarity,
    /// For yes-or-no questions of which most are easy.
    BinaryFocalCrossentropy,
    /// For classes of which most are easy.
    CategoricalFocalCrossentropy,
    /// For classes of which some are named wrongly in the targets.
    CategoricalGeneralizedCrossEntropy,
    /// For regions of pictures: how little two of them overlap.
    Dice,
    /// The same, where a place too much and a place too few count differently.
    Tversky,
}

names_of! {
    LossKind, "loss" {
        "categorical_crossentropy" => LossKind::CategoricalCrossentropy,
        "sparse_categorical_crossentropy" => LossKind::SparseCategoricalCrossentropy,
        "binary_crossentropy" | "bce" => LossKind::BinaryCrossentropy,
        "mean_squared_error" | "mse" => LossKind::MeanSquaredError,
        "mean_absolute_error" | "mae" => LossKind::MeanAbsoluteError,
        "mean_absolute_percentage_error" | "mape" => LossKind::MeanAbsolutePercentageError,
        "mean_squared_logarithmic_error" | "msle" => LossKind::MeanSquaredLogarithmicError,
        "huber" => LossKind::Huber,
        "log_cosh" => LossKind::LogCosh,
        "poisson" => LossKind::Poisson,
        "kl_divergence" | "kld" => LossKind::KLDivergence,
        "hinge" => LossKind::Hinge,
        "squared_hinge" => LossKind::SquaredHinge,
        "categorical_hinge" => LossKind::CategoricalHinge,
        "cosine_similarity" => LossKind::CosineSimilarity,
        "binary_focal_crossentropy" => LossKind::BinaryFocalCrossentropy,
        "categorical_focal_crossentropy" => LossKind::CategoricalFocalCrossentropy,
        "categorical_generalized_cross_entropy" => LossKind::CategoricalGeneralizedCrossEntropy,
        "dice" => LossKind::Dice,
        "tversky" => LossKind::Tversky,
    }
}

impl LossKind {
    /// Its name, as `compile` takes it.
    pub fn name(self) -> &'static str {
        name_of(&self, Self::NAMES)
    }
}

/// What training makes small: one number a sample, whose mean is minimised.
///
/// When the model ends in softmax (or, for `binary_crossentropy`, in sigmoid), the loss is computed
/// from the numbers before it, as Keras does on TensorFlow: exact however sure the model is.
/// Otherwise probabilities are clipped to [1e-7, 1 - 1e-7].
///
/// ```
/// use course::prelude::*;
/// let loss = Loss::from("huber").delta(0.5);
/// let (p, t) = (Input::new([2]).tensor(), Input::new([2]).tensor());
/// let values = Function::new(&[&p, &t], &[&loss.of_samples(&p, &t)?]);
/// // 0.1² / 2 is near, 0.5 · 2 - 0.5² / 2 is far.
/// let value = values.call(&[&array![[0.1, 2.0]], &array![[0.0, 0.0]]])[0][0];
/// assert!((value - (0.005 + 0.875) / 2.0).abs() < 1e-6);
/// # Ok::<(), course::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    kind: LossKind,
    own: Option<Own>,
    options: Options,
}

impl From<LossKind> for Loss {
    fn from(kind: LossKind) -> Self {
        Self { kind, own: None, options: Options::default() }
    }
}

impl Default for Loss {
    fn default() -> Self {
        LossKind::default().into()
    }
}

impl std::str::FromStr for Loss {
    type Err = crate::Error;

    /// The names are those of Keras's functions and classes: `"mean_squared_error"` and `"MeanSquaredError"`.
    fn from_str(name: &str) -> Result<Self> {
        let kind = name.parse::<LossKind>();
        Ok(kind.or_else(|unknown| snake_case(name).parse().map_err(|_| unknown))?.into())
    }
}

impl From<&str> for Loss {
    #[track_caller]
    fn from(name: &str) -> Self {
        crate::error::expect_good(name.parse())
    }
}

impl Loss {
    /// A loss of one's own: a function of predictions and targets, both (batch, ...), that gives one number a sample
    /// or one a place, whose mean counts.
    ///
    /// ```
    /// use course::prelude::*;
    /// let cubic = Loss::new("cubic", |prediction, target| {
    ///     let error = prediction - target;
    ///     &(&error * &error) * &error
    /// });
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Dense::new(1).kernel_initializer("ones"));
    /// model.compile("sgd", cubic, ());
    /// assert_eq!(model.evaluate(&array![[3.0], [1.0]], &array![[1.0], [0.0]]).loss(), (8.0 + 1.0) / 2.0);
    /// ```
    pub fn new(name: &str, function: impl Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static) -> Self {
        Self { own: Some(Own::new(name, function)), ..Self::default() }
    }

    /// Its kind; that of a loss of one's own means nothing.
    pub fn kind(&self) -> LossKind {
        self.kind
    }

    /// Its name, as `compile` takes it.
    pub fn name(&self) -> &str {
        self.own.as_ref().map_or(self.kind.name(), Own::name)
    }

    /// The shape of the targets that go with predictions of this shape.
    pub fn target_shape(&self, prediction: &Shape) -> Shape {
        match self.kind {
            LossKind::SparseCategoricalCrossentropy | LossKind::CategoricalGeneralizedCrossEntropy => {
                Shape(prediction.0[..prediction.rank().saturating_sub(1).max(1)].to_vec())
            }
            _ => prediction.clone(),
        }
    }

    /// The loss of each sample.
    ///
    /// # Shapes
    /// prediction (batch, ...), target as [`Loss::target_shape`] says -> (batch,)
    ///
    /// # Errors
    /// What the op's shape rule finds wrong.
    pub fn of_samples(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        if let Some(own) = &self.own {
            return own.of_samples(prediction, target);
        }
        let (prediction, target) = &self.with_classes_last(prediction, target)?;
        let before = match self.kind {
            LossKind::CategoricalCrossentropy | LossKind::SparseCategoricalCrossentropy => "softmax",
            LossKind::BinaryCrossentropy => "sigmoid",
            LossKind::MeanSquaredError | LossKind::MeanAbsoluteError => {
                return ops::compare(self.name(), target, prediction, LABEL);
            }
            _ => return self.of_formula(prediction, target),
        };
        let target = &self.smoothed(prediction, target)?;
        let logits = prediction.argument_of(before).filter(|_| !self.options.from_logits);
        let (prediction, from_logits) = logits.map_or((prediction, self.options.from_logits), |logits| (logits, true));
        match self.ignored_class() {
            Some(class) => formulas::of_other_classes(class, prediction, target, from_logits),
            None => ops::crossentropy(self.name(), target, prediction, from_logits, LABEL),
        }
    }

    /// What each sample adds to the mean loss: its loss, or more where other samples do not count.
    pub(crate) fn shares_of_samples(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let values = self.of_samples(prediction, target)?;
        match self.ignored_class() {
            Some(class) => {
                let counted = ops::batch_mean(&formulas::differs(target, class)?, LABEL)?;
                ops::binary("divide", &values, &ops::affine(&counted, 1.0, EPSILON, LABEL)?, LABEL)
            }
            None => Ok(values),
        }
    }

    /// The class whose places do not count, in the loss that has such a class.
    fn ignored_class(&self) -> Option<i64> {
        self.options.ignore_class.filter(|_| self.kind == LossKind::SparseCategoricalCrossentropy)
    }

    /// Whether the loss of a batch is another one than the mean of its samples' losses.
    pub(crate) fn is_joint(&self) -> bool {
        match self.kind {
            LossKind::Dice | LossKind::Tversky => self.options.axes.as_ref().is_none_or(|axes| axes.contains(&0)),
            _ => self.ignored_class().is_some(),
        }
    }

    /// Predictions and targets with the axis that the loss goes along at the end.
    fn with_classes_last(&self, prediction: &Tensor, target: &Tensor) -> Result<(Tensor, Tensor)> {
        let (rank, pair) = (prediction.shape().rank() as i64, (prediction.clone(), target.clone()));
        let Some([axis]) = self.options.axes.as_deref() else { return Ok(pair) };
        let axis = if *axis < 0 { axis + rank } else { *axis };
        if axis == rank - 1 || matches!(self.kind, LossKind::Dice | LossKind::Tversky) {
            return Ok(pair);
        }
        let order: Vec<i64> = (0..rank).filter(|&other| other != axis).chain([axis]).collect();
        let last = |tensor: &Tensor| ops::transpose(tensor, &order, LABEL);
        // The targets of sparse cross-entropies have no axis for classes.
        let whole = target.shape().rank() == prediction.shape().rank();
        Ok((last(prediction)?, if whole { last(target)? } else { target.clone() }))
    }

    /// Targets of which a part is shared among the classes.
    fn smoothed(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let classes = match self.kind {
            LossKind::CategoricalCrossentropy | LossKind::CategoricalFocalCrossentropy => {
                prediction.shape().0.last().copied().flatten().unwrap_or(1) as f64
            }
            LossKind::BinaryCrossentropy | LossKind::BinaryFocalCrossentropy => 2.0,
            _ => return Ok(target.clone()),
        };
        let smoothing = self.options.label_smoothing;
        if smoothing == 0.0 {
            return Ok(target.clone());
        }
        ops::affine(target, 1.0 - smoothing, smoothing / classes, LABEL)
    }

    fn of_formula(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        if self.kind == LossKind::CategoricalGeneralizedCrossEntropy {
            return ops::mean_of_samples(&formulas::generalized(prediction, target, self.options.q)?, LABEL);
        }
        // Formulas would stretch targets of another shape; this has the rule of all losses.
        ops::compare(LossKind::MeanSquaredError.name(), target, prediction, LABEL)?;
        let pair = Pair { t: self.smoothed(prediction, target)?, p: prediction.clone() };
        let values = match self.kind {
            LossKind::MeanAbsolutePercentageError => pair.mean_absolute_percentage_error(),
            LossKind::MeanSquaredLogarithmicError => pair.mean_squared_logarithmic_error(),
            LossKind::Huber => pair.huber(self.options.delta),
            LossKind::LogCosh => pair.log_cosh(),
            LossKind::Poisson => pair.poisson(),
            LossKind::KLDivergence => pair.kl_divergence(),
            LossKind::Hinge => pair.hinge(),
            LossKind::SquaredHinge => pair.squared_hinge(),
            LossKind::CategoricalHinge => pair.categorical_hinge(),
            LossKind::CosineSimilarity => pair.cosine_similarity(),
            LossKind::CategoricalFocalCrossentropy => pair.categorical_focal_crossentropy(self),
            LossKind::Dice => return pair.tversky(self.options.axes.as_deref(), 0.5, 0.5),
            LossKind::Tversky => {
                return pair.tversky(self.options.axes.as_deref(), self.alpha_or_usual(), self.options.beta);
            }
            _ => pair.binary_focal_crossentropy(self),
        }?;
        ops::mean_of_samples(&values, LABEL)
    }

    /// The mean loss of a batch, a scalar.
    ///
    /// # Errors
    /// As [`Loss::of_samples`].
    pub fn of_batch(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        ops::batch_mean(&self.shares_of_samples(prediction, target)?, LABEL)
    }

    /// The mean loss of a batch whose samples count by their weights, a scalar: the weighted losses over the number
    /// of samples, as in Keras.
    ///
    /// # Errors
    /// As [`Loss::of_samples`].
    ///
    /// ```
    /// use course::prelude::*;
    /// let (p, t, w) = (Input::new([1]).tensor(), Input::new([1]).tensor(), Input::new([]).tensor());
    /// let loss = Function::new(&[&p, &t, &w], &[&Loss::from("mae").of_weighted_batch(&p, &t, &w)?]);
    /// let value = loss.call(&[&array![[1.0], [2.0]], &array![[0.0], [0.0]], &array![1.0, 3.0]])[0].sum();
    /// assert_eq!(value, (1.0 + 2.0 * 3.0) / 2.0);
    /// # Ok::<(), course::Error>(())
    /// ```
    pub fn of_weighted_batch(&self, prediction: &Tensor, target: &Tensor, weights: &Tensor) -> Result<Tensor> {
        let weighted = ops::binary("multiply", &self.shares_of_samples(prediction, target)?, weights, LABEL)?;
        ops::batch_mean(&weighted, LABEL)
    }
}
