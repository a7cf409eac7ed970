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
    let failed = |error: course::Error| error.to_string();
    let (pair, loss) = (Pair::of(case)?, loss(case)?);
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

fn loss(case: &Value) -> Result<Loss, String> {
    let name = snake_case(case["class_name"].as_str().unwrap_or_default());
    let mut loss: Loss = name.parse().map_err(|error: course::Error| format!("missing: {error}"))?;
    for (option, value) in case["config"].as_object().into_iter().flatten() {
        let number = value.as_f64().unwrap_or(f64::NAN);
        loss = match option.as_str() {
            "from_logits" => loss.from_logits(value == true),
            "label_smoothing" => loss.label_smoothing(number),
            "delta" => loss.delta(number),
            "gamma" => loss.gamma(number),
            "alpha" => loss.alpha(number),
            "axis" | "name" | "reduction" | "dtype" => loss,
            _ => return Err(format!("missing: losses have no option {option} yet")),
        };
    }
    Ok(loss)
}

/// Computes a case of a metric: its value for all samples, and after a second pass over them in which
/// targets are reversed and samples weighted.
pub fn compute_metric(case: &Value) -> Computed {
    let failed = |error: course::Error| error.to_string();
    let (mut pair, metric) = (Pair::of(case)?, metric(case)?);
    let values = metric.of_samples(&pair.prediction, &pair.target).map_err(failed)?;
    let weights = &pair.sample_weight;
    let first = pair.compute(&[&values])?.remove(0);
    pair.y_true.invert_axis(Axis(0));
    pair.y_true = pair.y_true.as_standard_layout().into_owned();
    let second = pair.compute(&[&values])?.remove(0);
    let is_rooted = case["class_name"] == "RootMeanSquaredError";
    let finish = |mean: f32| if is_rooted { f64::from(mean.sqrt()) } else { f64::from(mean) };
    let weighted = (first.sum() + (&second * weights).sum()) / (first.len() as f32 + weights.sum());
    Ok(Map::from_iter([
        ("result".into(), finish(first.sum() / first.len() as f32).into()),
        ("result_after_reversed_weighted".into(), finish(weighted).into()),
    ]))
}

fn metric(case: &Value) -> Result<Metric, String> {
    let missing = |error: course::Error| format!("missing: {error}");
    let class_name = case["class_name"].as_str().unwrap_or_default();
    let name = class_name.replace("TopK", "Top_K_").replace("__", "_");
    let mut metric: Metric = snake_case(&name).replace("__", "_").parse().map_err(missing)?;
    if let Some(threshold) = case["config"]["threshold"].as_f64() {
        metric = metric.threshold(threshold);
    }
    if let Some(k) = case["config"]["k"].as_u64() {
        metric = metric.k(k as usize);
    }
    Ok(metric)
}

/// `MeanSquaredError` as `mean_squared_error`, and `KLDivergence` as `kl_divergence`.
pub fn snake_case(class_name: &str) -> String {
    let letters: Vec<char> = class_name.chars().collect();
    let mut name = String::new();
    for (place, letter) in letters.iter().enumerate() {
        let begins_word = letters.get(place + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && begins_word && place > 0 {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
