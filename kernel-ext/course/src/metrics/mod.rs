//! Numbers that are followed during training, but not minimised.

mod correlation;
mod counts;
mod curves;
mod list;
mod options;
mod overlap;
mod scores;

pub use list::Metrics;
pub use options::{Averaging, Curve, Summation};

use crate::losses::Own;
use crate::names::snake_case;
use crate::{Loss, LossKind, Result, Tensor, ops};
use counts::Count;
use curves::Share;
use options::Options;
use overlap::Classes;

/// Keras's small number, which keeps divisions finite.
const EPSILON: f64 = 1e-7;

/// A number that says how well the model does, over all samples of an epoch or a data set.
///
/// | name | value |
/// | --- | --- |
/// | `accuracy`, `acc` | the share of samples whose class is right |
/// | `binary_accuracy`, `categorical_accuracy`, `sparse_categorical_accuracy` | the same, for targets of one form |
/// | `top_k_categorical_accuracy`, `sparse_top_k_categorical_accuracy` | the share whose class is among the k likeliest |
/// | `precision`, `recall` | TP / (TP + FP), TP / (TP + FN) of the yes-or-no answers |
/// | `true_positives`, `false_positives`, `true_negatives`, `false_negatives` | how many there are |
/// | `auc` | the area under the curve of true over false positives, or of precision over recall |
/// | `f1_score`, `fbeta_score` | (1 + β²) P R / (β² P + R) of precision P and recall R |
/// | `precision_at_recall`, `recall_at_precision`, `sensitivity_at_specificity`, `specificity_at_sensitivity` | the greatest one at a threshold where the other is reached |
/// | `iou`, `mean_iou`, `binary_iou`, `one_hot_iou`, `one_hot_mean_iou` | TP / (TP + FP + FN) of each class, averaged |
/// | `pearson_correlation`, `concordance_correlation` | how target and prediction go together within a sample |
/// | `r2_score` | 1 - the squared errors over those of the mean |
/// | `root_mean_squared_error`, `cosine_similarity` | the root of `mse`; the cosine between target and prediction |
/// | the name of any loss | the mean loss |
///
/// Which form of accuracy fits is seen from the shapes, as in Keras: one output is right when it is on the target's
/// side of 0.5; several are right when the greatest is at the target's class.
///
/// Source: `keras/src/trainers/compile_utils.py` (`get_metric`), `keras/src/metrics`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([4]));
/// model.add(Dense::new(3).activation("softmax"));
/// let top_2 = Metric::from("top_k_categorical_accuracy").k(2);
/// let careful = Metric::from("precision").threshold(0.9);
/// model.compile("sgd", "categorical_crossentropy", vec![Metric::from("accuracy"), top_2, careful]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    name: String,
    kind: Kind,
    options: Options,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    TopKCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    RootMeanSquaredError,
    PearsonCorrelation,
    ConcordanceCorrelation,
    Count(Count),
    Precision,
    Recall,
    Auc,
    /// The greatest one of two shares at a threshold where the other is reached.
    Best(Share, Share),
    /// How well classes overlap, whose number stands in the target, in the prediction.
    Overlap(Classes, Classes),
    FScore,
    R2Score,
    Loss(Loss),
    /// A loss with the opposite sign.
    Opposite(Loss),
    Own(Own),
    /// The mean over batches of values that are there already.
    MeanOfBatches,
}

impl Metric {
    fn of_kind(name: &str, kind: Kind) -> Self {
        Self { name: name.into(), kind, options: Options::default() }
    }

    /// A metric of one's own: the mean of a function of predictions and targets, both (batch, ...), that gives one
    /// number a sample or one a place.
    ///
    /// ```
    /// use course::prelude::*;
    /// let bias = Metric::new("bias", |prediction, target| prediction - target);
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Dense::new(1).kernel_initializer("ones"));
    /// model.compile("sgd", "mse", vec![bias]);
    /// assert_eq!(model.evaluate(&array![[3.0], [1.0]], &array![[1.0], [0.0]])["bias"], 1.5);
    /// ```
    pub fn new(name: &str, function: impl Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static) -> Self {
        Self::of_kind(name, Kind::Own(Own::new(name, function)))
    }

    /// The mean over batches of values that are there already, one share a sample. So Keras follows the losses of
    /// several outputs: the samples of a last, smaller batch count more than others.
    pub(crate) fn mean_of_batches(name: &str) -> Self {
        Self::of_kind(name, Kind::MeanOfBatches)
    }

    pub(crate) fn is_of_batches(&self) -> bool {
        self.kind == Kind::MeanOfBatches
    }

    /// The name under which it stands in the history.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The metric under a name of the user's choice.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// What a metric is made of: one number or several for each sample, whose sums over all samples
    /// [`Metric::result`] takes.
    ///
    /// # Shapes
    /// (batch, ...), (batch, ...) -> (batch,) or (batch, numbers)
    ///
    /// # Errors
    /// What the op's shape rule finds wrong.
    pub fn of_samples(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let op = match &self.kind {
            Kind::Loss(loss) => return loss.of_samples(prediction, target),
            Kind::Own(own) => return own.of_samples(prediction, target),
            Kind::Opposite(loss) => {
                return ops::affine(&loss.of_samples(prediction, target)?, -1.0, 0.0, &self.name);
            }
            Kind::PearsonCorrelation => return self.pearson(prediction, target),
            Kind::ConcordanceCorrelation => return self.concordance(prediction, target),
            Kind::Overlap(truth, answer) => return self.confusion(*answer, prediction, *truth, target),
            Kind::Count(_) | Kind::Precision | Kind::Recall => return self.counts(prediction, target),
            Kind::Auc | Kind::Best(..) => return self.counts_by_threshold(prediction, target),
            Kind::FScore => return self.counts_by_class(prediction, target),
            Kind::R2Score => return self.moments(prediction, target),
            Kind::RootMeanSquaredError => "mean_squared_error",
            Kind::BinaryAccuracy if self.options.threshold.is_some() => {
                return self.beyond_threshold(prediction, target);
            }
            Kind::BinaryAccuracy => "binary_accuracy",
            Kind::CategoricalAccuracy => "categorical_accuracy",
            Kind::SparseCategoricalAccuracy => "sparse_categorical_accuracy",
            Kind::TopKCategoricalAccuracy => return self.among_greatest(prediction, target),
            Kind::SparseTopKCategoricalAccuracy => {
                let classes = prediction.shape().0.last().copied().flatten().unwrap_or(0);
                return self.among_greatest(prediction, &ops::one_hot(target, classes, &self.name)?);
            }
            Kind::Accuracy | Kind::MeanOfBatches => accuracy_for(prediction, target),
        };
        ops::compare(op, target, prediction, &self.name)
    }

    /// The metric from the sums of [`Metric::of_samples`] over all samples, and how many samples there are.
    pub fn result(&self, sums: &[f64], samples: f64) -> f64 {
        match &self.kind {
            Kind::RootMeanSquaredError => (sums[0] / samples).sqrt(),
            Kind::Count(count) => sums[count.place()],
            Kind::Precision => counts::ratio(sums[0], sums[0] + sums[1]),
            Kind::Recall => counts::ratio(sums[0], sums[0] + sums[2]),
            Kind::Auc => self.area(sums),
            Kind::FScore => self.f_score(sums),
            Kind::Best(wanted, reached) => self.best(*wanted, *reached, sums),
            Kind::Overlap(..) => self.overlap(sums),
            Kind::R2Score => self.r2(sums, samples),
            _ => sums[0] / samples,
        }
    }

    /// Whether the prediction is on the target's side of the threshold.
    fn beyond_threshold(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let yes = self.greater(prediction, self.options.threshold.unwrap_or(0.5))?;
        ops::mean_of_samples(&ops::binary("equal", &yes, target, &self.name)?, &self.name)
    }

    /// 1 where a tensor is greater than a number, else 0.
    fn greater(&self, tensor: &Tensor, number: f64) -> Result<Tensor> {
        ops::binary("greater", tensor, &ops::number(number, &self.name)?, &self.name)
    }

    /// Whether fewer than k predictions are greater than that of the right class.
    fn among_greatest(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let name = &self.name;
        let right = ops::reduce("sum", &ops::binary("multiply", target, prediction, name)?, &[-1], true, name)?;
        let greater = ops::reduce("sum", &ops::binary("greater", prediction, &right, name)?, &[-1], false, name)?;
        let k = ops::affine(&greater, 0.0, self.options.k as f64, name)?;
        ops::mean_of_samples(&ops::binary("less", &greater, &k, name)?, name)
    }
}

/// The op that says for these shapes whether a sample is right.
fn accuracy_for(prediction: &Tensor, target: &Tensor) -> &'static str {
    let (prediction, target) = (prediction.shape(), target.shape());
    if prediction.0.last() == Some(&Some(1)) {
        "binary_accuracy"
    } else if target.rank() < prediction.rank() || target.0.last() == Some(&Some(1)) {
        "sparse_categorical_accuracy"
    } else {
        "categorical_accuracy"
    }
}

/// The metrics that are no losses, or losses in another form.
const NAMES: [(&str, Kind); 29] = [
    ("accuracy", Kind::Accuracy),
    ("acc", Kind::Accuracy),
    ("binary_accuracy", Kind::BinaryAccuracy),
    ("categorical_accuracy", Kind::CategoricalAccuracy),
    ("sparse_categorical_accuracy", Kind::SparseCategoricalAccuracy),
    ("top_k_categorical_accuracy", Kind::TopKCategoricalAccuracy),
    ("sparse_top_k_categorical_accuracy", Kind::SparseTopKCategoricalAccuracy),
    ("root_mean_squared_error", Kind::RootMeanSquaredError),
    ("pearson_correlation", Kind::PearsonCorrelation),
    ("concordance_correlation", Kind::ConcordanceCorrelation),
    ("true_positives", Kind::Count(Count::TruePositives)),
    ("false_positives", Kind::Count(Count::FalsePositives)),
    ("true_negatives", Kind::Count(Count::TrueNegatives)),
    ("false_negatives", Kind::Count(Count::FalseNegatives)),
    ("precision", Kind::Precision),
    ("recall", Kind::Recall),
    ("auc", Kind::Auc),
    ("precision_at_recall", Kind::Best(Share::Precision, Share::Recall)),
    ("recall_at_precision", Kind::Best(Share::Recall, Share::Precision)),
    ("sensitivity_at_specificity", Kind::Best(Share::Recall, Share::Specificity)),
    ("specificity_at_sensitivity", Kind::Best(Share::Specificity, Share::Recall)),
    ("iou", Kind::Overlap(Classes::Numbers, Classes::Numbers)),
    ("mean_iou", Kind::Overlap(Classes::Numbers, Classes::Numbers)),
    ("binary_iou", Kind::Overlap(Classes::Numbers, Classes::Threshold)),
    ("one_hot_iou", Kind::Overlap(Classes::Greatest, Classes::Greatest)),
    ("one_hot_mean_iou", Kind::Overlap(Classes::Greatest, Classes::Greatest)),
    ("f1_score", Kind::FScore),
    ("fbeta_score", Kind::FScore),
    ("r2_score", Kind::R2Score),
];

impl std::str::FromStr for Metric {
    type Err = crate::Error;

    /// The names are those of Keras's functions and classes: `"top_k_categorical_accuracy"` and
    /// `"TopKCategoricalAccuracy"`. The history's key is the name as it was given: `"acc"` stays `"acc"`.
    fn from_str(name: &str) -> Result<Self> {
        let kind = kind_of(&name.to_lowercase()).or_else(|| kind_of(&snake_case(name)));
        Ok(Self::of_kind(name, kind.ok_or_else(|| unknown(name))?))
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    let of_loss = |loss: Loss| match loss.kind() {
        LossKind::CosineSimilarity => Kind::Opposite(loss),
        _ => Kind::Loss(loss),
    };
    // Where Keras's classes and functions differ in more than their writing.
    let name = match name {
        "log_cosh_error" => "log_cosh",
        "f_beta_score" => "fbeta_score",
        other => &other.replace("io_u", "iou"),
    };
    let own = NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| kind.clone());
    own.or_else(|| name.parse::<LossKind>().ok().map(|kind| of_loss(kind.into())))
}

fn unknown(name: &str) -> crate::Error {
    let own = NAMES.iter().map(|(name, _)| *name);
    let known = own.chain(LossKind::NAMES.iter().copied()).map(String::from).collect();
    crate::Error::Name { kind: "metric", given: name.into(), known }
}

impl From<&str> for Metric {
    #[track_caller]
    fn from(name: &str) -> Self {
        crate::error::expect_good(name.parse())
    }
}
