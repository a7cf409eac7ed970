//! Numbers that are followed during training, but not minimised.

use crate::{Loss, LossKind, Result, Tensor, ops};
use engine_api::{Attr, Op};

/// A number that says how well the model does; its mean over the samples stands in the history.
///
/// `accuracy` is the share of samples whose class is right. Which form of it fits is seen from the
/// shapes, as in Keras: one output is right when it is on the target's side of 0.5; several are
/// right when the greatest is at the target's class. Every loss is a metric under its own name.
///
/// Source: `keras/src/trainers/compile_utils.py` (`get_metric`), `keras/src/metrics`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([4]));
/// model.add(Dense::new(3).activation("softmax"));
/// let top_2 = Metric::from("top_k_categorical_accuracy").k(2);
/// model.compile("sgd", "categorical_crossentropy", vec![Metric::from("accuracy"), top_2]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    name: String,
    kind: Kind,
    threshold: f64,
    k: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    TopKCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    RootMeanSquaredError,
    Loss(Loss),
}

impl Metric {
    fn new(name: &str, kind: Kind) -> Self {
        Self { name: name.into(), kind, threshold: 0.5, k: 5 }
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

    /// From which prediction on `binary_accuracy` takes the answer for yes.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// Among how many of the greatest predictions the right class must be for the top-k accuracies.
    #[must_use]
    pub fn k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// The number for each sample.
    ///
    /// # Shapes
    /// (batch, ...), (batch, ...) -> (batch,)
    ///
    /// # Errors
    /// What the op's shape rule finds wrong.
    pub fn of_samples(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let op = match self.kind {
            Kind::Loss(loss) => return loss.of_samples(prediction, target),
            Kind::RootMeanSquaredError => "mean_squared_error",
            Kind::BinaryAccuracy if self.threshold != 0.5 => return self.beyond_threshold(prediction, target),
            Kind::BinaryAccuracy => "binary_accuracy",
            Kind::CategoricalAccuracy => "categorical_accuracy",
            Kind::SparseCategoricalAccuracy => "sparse_categorical_accuracy",
            Kind::TopKCategoricalAccuracy => return self.among_greatest(prediction, target),
            Kind::SparseTopKCategoricalAccuracy => {
                let classes = prediction.shape().0.last().copied().flatten().unwrap_or(0);
                let one_hot = Op::new("one_hot").with("classes", Attr::Int(classes as i64));
                return self.among_greatest(prediction, &Tensor::apply(one_hot, &[target], &self.name)?);
            }
            Kind::Accuracy => accuracy_for(prediction, target),
        };
        ops::compare(op, target, prediction, &self.name)
    }

    /// What the mean over all samples is made into.
    pub(crate) fn finish(&self, mean: f64) -> f64 {
        if self.kind == Kind::RootMeanSquaredError { mean.sqrt() } else { mean }
    }

    /// Whether the prediction is on the target's side of the threshold.
    fn beyond_threshold(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let moved = ops::affine(prediction, 1.0, -self.threshold, &self.name)?;
        let yes = ops::binary("greater", &moved, &ops::affine(&moved, 0.0, 0.0, &self.name)?, &self.name)?;
        let right = ops::binary("equal", &yes, target, &self.name)?;
        let axes: Vec<i64> = (1..right.shape().rank() as i64).collect();
        if axes.is_empty() { Ok(right) } else { ops::reduce("mean", &right, &axes, false, &self.name) }
    }

    /// Whether fewer than k predictions are greater than that of the right class.
    fn among_greatest(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let name = &self.name;
        let right = ops::reduce("sum", &ops::binary("multiply", target, prediction, name)?, &[-1], true, name)?;
        let greater = ops::reduce("sum", &ops::binary("greater", prediction, &right, name)?, &[-1], false, name)?;
        let k = ops::affine(&greater, 0.0, self.k as f64, name)?;
        let among = ops::binary("less", &greater, &k, name)?;
        let axes: Vec<i64> = (1..among.shape().rank() as i64).collect();
        if axes.is_empty() { Ok(among) } else { ops::reduce("mean", &among, &axes, false, name) }
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

/// The metrics that are no losses.
const NAMES: [(&str, Kind); 8] = [
    ("accuracy", Kind::Accuracy),
    ("acc", Kind::Accuracy),
    ("binary_accuracy", Kind::BinaryAccuracy),
    ("categorical_accuracy", Kind::CategoricalAccuracy),
    ("sparse_categorical_accuracy", Kind::SparseCategoricalAccuracy),
    ("top_k_categorical_accuracy", Kind::TopKCategoricalAccuracy),
    ("sparse_top_k_categorical_accuracy", Kind::SparseTopKCategoricalAccuracy),
    ("root_mean_squared_error", Kind::RootMeanSquaredError),
];

impl std::str::FromStr for Metric {
    type Err = crate::Error;

    /// The history's key is the name as it was given: `"acc"` stays `"acc"`.
    fn from_str(name: &str) -> Result<Self> {
        let lower = name.to_lowercase();
        let own = NAMES.iter().find(|(known, _)| *known == lower).map(|&(_, kind)| kind);
        let kind = own.map(Ok).unwrap_or_else(|| lower.parse().map(Kind::Loss).map_err(|_| unknown(name)))?;
        Ok(Self::new(name, kind))
    }
}

fn unknown(name: &str) -> crate::Error {
    let own = NAMES.iter().map(|&(name, _)| name);
    let known = own.chain(LossKind::NAMES.iter().copied()).map(String::from).collect();
    crate::Error::Name { kind: "metric", given: name.into(), known }
}

impl From<&str> for Metric {
    #[track_caller]
    fn from(name: &str) -> Self {
        crate::error::expect_good(name.parse())
    }
}

/// The metrics of a model: `["accuracy"]`, `"accuracy"`, or `()` for none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(pub Vec<Metric>);

impl From<()> for Metrics {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<&str> for Metrics {
    #[track_caller]
    fn from(name: &str) -> Self {
        Self(vec![name.into()])
    }
}

impl<const N: usize> From<[&str; N]> for Metrics {
    #[track_caller]
    fn from(names: [&str; N]) -> Self {
        let mut metrics = Vec::new();
        for name in names {
            metrics.push(name.into());
        }
        Self(metrics)
    }
}

impl From<Vec<Metric>> for Metrics {
    fn from(metrics: Vec<Metric>) -> Self {
        Self(metrics)
    }
}
