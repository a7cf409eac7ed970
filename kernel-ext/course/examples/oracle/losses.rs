//! Losses and metrics of given predictions.

use super::{Computed, arrays};
use course::prelude::*;
use serde_json::{Map, Value};

/// Predictions with their targets, as symbolic tensors and as numbers.
struct Pair {
    target: Tensor,
    prediction: Tensor,
    y_true: ArrayD<f32>,
    y_pred: ArrayD<f32>,
    sample_weight: ArrayD<f32>,
}

impl Pair {
    fn of(case: &Value) -> Result<Self, String> {
        let y_true = arrays::read(&case["y_true"])?;
        let y_pred = arrays::read(&case["y_pred"])?;
        let sample_weight = arrays::read(&case["sample_weight"])?;
        let (target, prediction) = (Input::of(&y_true.shape()[1..]).tensor(), Input::of(&y_pred.shape()[1..]).tensor());
        Ok(Self { target, prediction, y_true, y_pred, sample_weight })
    }

    /// Computes tensors that depend on both.
    fn compute(&self, tensors: &[&Tensor]) -> Result<Vec<ArrayD<f32>>, String> {
        let function = Function::new(&[&self.target, &self.prediction], tensors);
        function.try_call(&[&self.y_true, &self.y_pred]).map_err(|error| error.to_string())
    }
}

/// Computes a case of a loss.
pub fn compute(case: &Value) -> Computed {
    let missing = |error: course::Error| format!("missing: {error}");
    let loss: Loss = snake_case(case["class_name"].as_str().unwrap_or_default()).parse().map_err(missing)?;
    if case["config"].as_object().is_some_and(|config| !config.is_empty()) {
        return Err(format!("missing: losses have no options yet, such as {}", case["config"]));
    }
    let pair = Pair::of(case)?;
    let failed = |error: course::Error| error.to_string();
    let values = loss.of_samples(&pair.prediction, &pair.target).map_err(failed)?;
    let mean = loss.of_batch(&pair.prediction, &pair.target).map_err(failed)?;
    let weights = Tensor::constant(&pair.sample_weight);
    let gradient = gradients(&mean, &[&pair.prediction]);
    let computed = pair.compute(&[&values, &mean, &(&values * &weights), &gradient[0]])?;
    let sum = |values: &ArrayD<f32>| f64::from(values.sum());
    Ok(Map::from_iter([
        ("none".into(), arrays::write(&computed[0])),
        ("sum".into(), sum(&computed[0]).into()),
        ("sum_over_batch_size".into(), sum(&computed[1]).into()),
        ("weighted".into(), (sum(&computed[2]) / computed[2].len() as f64).into()),
        ("grad_y_pred".into(), arrays::write(&computed[3])),
    ]))
}

/// Computes a case of a metric.
pub fn compute_metric(case: &Value) -> Computed {
    Err(format!("missing: there is no metric {} yet", case["class_name"]))
}

/// `MeanSquaredError` as `mean_squared_error`, and likewise.
pub fn snake_case(class_name: &str) -> String {
    let mut name = String::new();
    for letter in class_name.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
