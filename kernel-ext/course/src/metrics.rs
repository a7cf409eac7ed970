//! Numbers that are followed during training, but not minimised.

use crate::named::names_of;
use crate::{Loss, Result, Tensor, ops};

/// A number that says how well the model does; its mean over the samples stands in the history.
///
/// `accuracy` is the share of samples whose class is right. Which form of it fits is seen from the
/// shapes, as in Keras: one output is right when it is on the target's side of 0.5; several are
/// right when the greatest is at the target's class.
///
/// Source: `keras/src/trainers/compile_utils.py` (`get_metric`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    Loss(Loss),
}

impl Metric {
    const fn new(kind: Kind) -> Self {
        Self { name: String::new(), kind }
    }

    /// The name under which it stands in the history.
    pub fn name(&self) -> &str {
        &self.name
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
            Kind::BinaryAccuracy => "binary_accuracy",
            Kind::CategoricalAccuracy => "categorical_accuracy",
            Kind::SparseCategoricalAccuracy => "sparse_categorical_accuracy",
            Kind::Accuracy => accuracy_for(prediction, target),
        };
        ops::compare(op, target, prediction, &self.name)
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

names_of! {
    Kind, "metric" {
        "accuracy" | "acc" => Kind::Accuracy,
        "binary_accuracy" => Kind::BinaryAccuracy,
        "categorical_accuracy" => Kind::CategoricalAccuracy,
        "sparse_categorical_accuracy" => Kind::SparseCategoricalAccuracy,
        "categorical_crossentropy" => Kind::Loss(Loss::CategoricalCrossentropy),
        "sparse_categorical_crossentropy" => Kind::Loss(Loss::SparseCategoricalCrossentropy),
        "binary_crossentropy" | "bce" => Kind::Loss(Loss::BinaryCrossentropy),
        "mean_squared_error" | "mse" => Kind::Loss(Loss::MeanSquaredError),
        "mean_absolute_error" | "mae" => Kind::Loss(Loss::MeanAbsoluteError),
    }
}

impl std::str::FromStr for Metric {
    type Err = crate::Error;

    /// The history's key is the name as it was given: `"acc"` stays `"acc"`.
    fn from_str(name: &str) -> Result<Self> {
        Ok(Self { name: name.into(), ..Self::new(name.parse()?) })
    }
}

impl From<&str> for Metric {
    #[track_caller]
    fn from(name: &str) -> Self {
        crate::error::expect_good(name.parse())
    }
}

/// The metrics of a model: `["accuracy"]`, `"accuracy"`, or `()` for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
