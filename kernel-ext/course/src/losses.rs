//! What training makes small.

use crate::named::names_of;
use crate::{Result, Tensor, ops};
use engine_api::Shape;

/// The name that the loss has in messages and plans.
const LABEL: &str = "loss";

/// A measure of how wrong a prediction is: one number a sample, whose mean is minimised.
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
///
/// When the model ends in softmax (or, for `binary_crossentropy`, in sigmoid), the loss is computed
/// from the numbers before it, as Keras does on TensorFlow: exact however sure the model is.
/// Otherwise probabilities are clipped to [1e-7, 1 - 1e-7].
///
/// Source: `keras/src/losses/losses.py`, `keras/src/backend/tensorflow/nn.py`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loss {
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
}

names_of! {
    Loss, "loss" {
        "categorical_crossentropy" => Loss::CategoricalCrossentropy,
        "sparse_categorical_crossentropy" => Loss::SparseCategoricalCrossentropy,
        "binary_crossentropy" | "bce" => Loss::BinaryCrossentropy,
        "mean_squared_error" | "mse" => Loss::MeanSquaredError,
        "mean_absolute_error" | "mae" => Loss::MeanAbsoluteError,
    }
}

impl Loss {
    /// Its name, as `compile` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CategoricalCrossentropy => "categorical_crossentropy",
            Self::SparseCategoricalCrossentropy => "sparse_categorical_crossentropy",
            Self::BinaryCrossentropy => "binary_crossentropy",
            Self::MeanSquaredError => "mean_squared_error",
            Self::MeanAbsoluteError => "mean_absolute_error",
        }
    }

    /// The shape of the targets that go with predictions of this shape.
    pub fn target_shape(self, prediction: &Shape) -> Shape {
        match self {
            Self::SparseCategoricalCrossentropy => {
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
    pub fn of_samples(self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let (name, before) = match self {
            Self::CategoricalCrossentropy => ("categorical_crossentropy", "softmax"),
            Self::SparseCategoricalCrossentropy => ("sparse_categorical_crossentropy", "softmax"),
            Self::BinaryCrossentropy => ("binary_crossentropy", "sigmoid"),
            Self::MeanSquaredError => return ops::compare("mean_squared_error", target, prediction, LABEL),
            Self::MeanAbsoluteError => return ops::compare("mean_absolute_error", target, prediction, LABEL),
        };
        match prediction.argument_of(before) {
            Some(logits) => ops::crossentropy(name, target, logits, true, LABEL),
            None => ops::crossentropy(name, target, prediction, false, LABEL),
        }
    }

    /// The mean loss of a batch, a scalar.
    ///
    /// # Errors
    /// As [`Loss::of_samples`].
    pub fn of_batch(self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        ops::batch_mean(&self.of_samples(prediction, target)?, LABEL)
    }
}
