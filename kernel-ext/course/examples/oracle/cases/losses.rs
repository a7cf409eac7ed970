//! Losses and metrics of given predictions.

use super::{Computed, arrays};
use course::prelude::*;
use course::{Averaging, Curve};
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
            _ if value.is_null() => loss,
            "apply_class_balancing" => loss.apply_class_balancing(value == true),
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
    let first = pair.compute(&[&values])?.remove(0);
    pair.y_true.invert_axis(Axis(0));
    pair.y_true = pair.y_true.as_standard_layout().into_owned();
    let second = pair.compute(&[&values])?.remove(0);
    let (samples, weights) = (first.shape()[0] as f64, pair.sample_weight.mapv(f64::from).into_raw_vec_and_offset().0);
    let (plain, weighted) = (sums(&first, &vec![1.0; weights.len()]), sums(&second, &weights));
    let together: Vec<f64> = plain.iter().zip(&weighted).map(|(a, b)| a + b).collect();
    Ok(Map::from_iter([
        ("result".into(), metric.result(&plain, samples).into()),
        (
            "result_after_reversed_weighted".into(),
            metric.result(&together, samples + weights.iter().sum::<f64>()).into(),
        ),
    ]))
}

/// The weighted sums over samples of each of their numbers.
fn sums(values: &ArrayD<f32>, weights: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; values.len() / weights.len()];
    for (row, weight) in values.outer_iter().zip(weights) {
        sums.iter_mut().zip(&row).for_each(|(sum, &number)| *sum += weight * f64::from(number));
    }
    sums
}

fn metric(case: &Value) -> Result<Metric, String> {
    let missing = |error: course::Error| format!("missing: {error}");
    let class_name = case["class_name"].as_str().unwrap_or_default();
    let name = class_name
        .replace("TopK", "Top_K_")
        .replace("F1Score", "F1_Score")
        .replace("FBeta", "Fbeta")
        .replace("CoshError", "Cosh");
    let mut metric: Metric = snake_case(&name).replace("__", "_").parse().map_err(missing)?;
    for (option, value) in case["config"].as_object().into_iter().flatten() {
        let (size, text) =
            (value.as_u64().map(|size| size as usize), value.as_str().unwrap_or_default().to_lowercase());
        metric = match (option.as_str(), value) {
            (_, Value::Null) => metric,
            ("threshold" | "thresholds", _) => metric.threshold(value.as_f64().unwrap_or(f64::NAN)),
            ("k", _) => metric.k(size.unwrap_or(0)),
            ("top_k", _) => metric.top_k(size.unwrap_or(0)),
            ("class_id", _) => metric.class_id(size.unwrap_or(0)),
            ("num_thresholds", _) => metric.num_thresholds(size.unwrap_or(0)),
            ("beta", _) => metric.beta(value.as_f64().unwrap_or(f64::NAN)),
            ("curve", _) => metric.curve(text.parse::<Curve>().map_err(missing)?),
            ("average", _) => metric.average(text.parse::<Averaging>().map_err(missing)?),
            ("from_logits", _) => metric.from_logits(value == true),
            ("summation_method", _) if text == "interpolation" => metric,
            ("multi_label" | "label_smoothing" | "num_regressors", _) if value == false || value == 0 => metric,
            ("class_aggregation", _) if text == "uniform_average" => metric,
            ("axis" | "name" | "dtype", _) => metric,
            _ => return Err(format!("missing: metrics have no option {option} = {value} yet")),
        };
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
