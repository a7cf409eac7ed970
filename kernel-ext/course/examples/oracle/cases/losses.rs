//! Losses and metrics of given predictions.

use super::{Computed, arrays};
use course::prelude::*;
use course::{Averaging, Curve, Summation};
use serde_json::{Map, Value};

/// Predictions with their targets, as symbolic tensors and as numbers.
#[derive(Clone)]
struct Pair {
    target: Tensor,
    prediction: Tensor,
    y_true: ArrayD<f32>,
    y_pred: ArrayD<f32>,
    sample_weight: ArrayD<f32>,
}

impl Pair {
    fn of(case: &Value) -> Result<Self, String> {
        let read = |key: &str| arrays::read(&case[key]);
        let (mut y_true, y_pred) = (read("y_true")?, read("y_pred")?);
        if y_true.len() == y_pred.len() {
            // Keras gives or takes an axis of size 1.
            y_true = arrays::shaped(y_true, y_pred.shape())?;
        }
        Ok(Self::between(y_true, y_pred, read("sample_weight")?))
    }

    fn between(y_true: ArrayD<f32>, y_pred: ArrayD<f32>, sample_weight: ArrayD<f32>) -> Self {
        let (target, prediction) = (Input::of(&y_true.shape()[1..]).tensor(), Input::of(&y_pred.shape()[1..]).tensor());
        Self { target, prediction, y_true, y_pred, sample_weight }
    }

    /// With another axis as the last one; targets without that axis stay.
    fn with_last_axis(&self, axis: usize) -> Self {
        let moved = |array: &ArrayD<f32>| {
            let order: Vec<usize> = (0..array.ndim()).filter(|&other| other != axis).chain([axis]).collect();
            array.clone().permuted_axes(order)
        };
        let whole = self.y_true.ndim() == self.y_pred.ndim();
        let y_true = if whole { moved(&self.y_true) } else { self.y_true.clone() };
        Self::between(y_true, moved(&self.y_pred), self.sample_weight.clone())
    }

    /// Each place of a sample as a sample of its own.
    fn with_places_as_samples(&self, places: &[usize]) -> Result<Self, String> {
        let rows = |array: &ArrayD<f32>| {
            let shape = [&[places.iter().product()], &array.shape()[places.len()..]].concat();
            arrays::shaped(array.clone(), &shape)
        };
        Ok(Self::between(rows(&self.y_true)?, rows(&self.y_pred)?, self.sample_weight.clone()))
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
    let (prediction, target) = (&pair.prediction, &pair.target);
    let mean = loss.of_batch(prediction, target).map_err(failed)?;
    let weighted =
        loss.of_weighted_batch(prediction, target, &Tensor::constant(&pair.sample_weight)).map_err(failed)?;
    let gradient = gradients(&mean, &[prediction]);
    let computed = pair.compute(&[&mean, &weighted, &gradient[0]])?;
    let values = unreduced(case, &loss, &pair)?;
    let sum = |values: &ArrayD<f32>| f64::from(values.sum());
    Ok(Map::from_iter([
        ("none".into(), arrays::write(&values)),
        ("sum".into(), sum(&values).into()),
        ("sum_over_batch_size".into(), sum(&computed[0]).into()),
        ("weighted".into(), sum(&computed[1]).into()),
        ("grad_y_pred".into(), arrays::write(&computed[2])),
    ]))
}

/// The loss of each place, where Keras does not reduce over the places of a sample.
fn unreduced(case: &Value, loss: &Loss, pair: &Pair) -> Result<ArrayD<f32>, String> {
    let failed = |error: course::Error| error.to_string();
    let rank = pair.y_pred.ndim();
    if is_of_batch(case) || rank < 2 {
        return Ok(pair.compute(&[&loss.of_batch(&pair.prediction, &pair.target).map_err(failed)?])?.remove(0));
    }
    if matches!(class_name(case), "Dice" | "Tversky") {
        return Ok(pair.compute(&[&loss.of_samples(&pair.prediction, &pair.target).map_err(failed)?])?.remove(0));
    }
    let axis = case["config"]["axis"].as_i64().unwrap_or(-1).rem_euclid(rank as i64) as usize;
    let pair = pair.with_last_axis(axis);
    let places = &pair.y_pred.shape()[..rank - 1];
    let rows = pair.with_places_as_samples(places)?;
    let values = loss.clone().axis(-1).of_samples(&rows.prediction, &rows.target).map_err(failed)?;
    arrays::shaped(rows.compute(&[&values])?.remove(0), places)
}

/// Whether Keras has one number for the whole batch.
fn is_of_batch(case: &Value) -> bool {
    matches!(class_name(case), "Dice" | "Tversky") && case["config"]["axis"].is_null()
}

/// The loss of a description.
pub fn loss(case: &Value) -> Result<Loss, String> {
    let mut loss: Loss = class_name(case).parse().map_err(|error: course::Error| format!("missing: {error}"))?;
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
            "beta" => loss.beta(number),
            "q" => loss.q(number),
            "ignore_class" => loss.ignore_class(number as i64),
            "axis" => loss.axes(&whole_numbers(value)),
            "name" | "reduction" | "dtype" => loss,
            _ => return Err(format!("missing: losses have no option {option} yet")),
        };
    }
    Ok(loss)
}

/// A number or a list of them.
fn whole_numbers(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .map_or_else(|| vec![value], |values| values.iter().collect())
        .into_iter()
        .filter_map(Value::as_i64)
        .collect()
}

/// Computes a case of a metric: its value for all samples, and after a second pass over them in which
/// targets are reversed and samples weighted.
pub fn compute_metric(case: &Value) -> Computed {
    let metrics = metrics(case)?;
    let results = metrics.iter().map(|metric| results(case, metric)).collect::<Result<Vec<_>, _>>()?;
    let [first, second] = [0, 1].map(|pass| results.iter().map(|results| results[pass]).collect::<Vec<f64>>());
    let value = |numbers: Vec<f64>| match (is_list(case), &*numbers) {
        (false, [number]) => (*number).into(),
        _ => serde_json::json!({ "shape": [numbers.len()], "data": numbers }),
    };
    Ok(Map::from_iter([("result".into(), value(first)), ("result_after_reversed_weighted".into(), value(second))]))
}

/// The value of one metric after each of the two passes.
fn results(case: &Value, metric: &Metric) -> Result<[f64; 2], String> {
    let mut pair = Pair::of(case)?;
    let values = metric.of_samples(&pair.prediction, &pair.target).map_err(|error| error.to_string())?;
    let first = pair.compute(&[&values])?.remove(0);
    pair.y_true.invert_axis(Axis(0));
    pair.y_true = pair.y_true.as_standard_layout().into_owned();
    let second = pair.compute(&[&values])?.remove(0);
    let mut weights = pair.sample_weight.mapv(f64::from).into_raw_vec_and_offset().0;
    if class_name(case).ends_with("IoU") {
        // Keras counts places in whole numbers.
        weights.iter_mut().for_each(|weight| *weight = weight.trunc());
    }
    let samples = first.shape()[0] as f64;
    let (plain, weighted) = (sums(&first, &vec![1.0; weights.len()]), sums(&second, &weights));
    let together: Vec<f64> = plain.iter().zip(&weighted).map(|(a, b)| a + b).collect();
    Ok([metric.result(&plain, samples), metric.result(&together, samples + weights.iter().sum::<f64>())])
}

fn class_name(case: &Value) -> &str {
    case["class_name"].as_str().unwrap_or_default()
}

/// The weighted sums over samples of each of their numbers.
fn sums(values: &ArrayD<f32>, weights: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; values.len() / weights.len()];
    for (row, weight) in values.outer_iter().zip(weights) {
        sums.iter_mut().zip(&row).for_each(|(sum, &number)| *sum += weight * f64::from(number));
    }
    sums
}

/// Whether Keras has several results.
fn is_list(case: &Value) -> bool {
    case["config"]["thresholds"].is_array() && class_name(case) != "AUC" || !aggregates(case)
}

/// Whether the scores of classes or outputs become one.
fn aggregates(case: &Value) -> bool {
    let null = |option: &str| case["config"].get(option).is_some_and(Value::is_null);
    match class_name(case) {
        "F1Score" | "FBetaScore" => case["config"].get("average").is_some_and(|average| !average.is_null()),
        "R2Score" => !null("class_aggregation"),
        _ => true,
    }
}

/// The metric of a case, or one for each of its results.
fn metrics(case: &Value) -> Result<Vec<Metric>, String> {
    let metric = metric(case)?;
    if !aggregates(case) {
        let classes = case["y_pred"]["shape"][1].as_u64().unwrap_or(1) as usize;
        return Ok((0..classes).map(|class| metric.clone().class_id(class)).collect());
    }
    match case["config"]["thresholds"].as_array() {
        Some(thresholds) if is_list(case) => Ok(thresholds
            .iter()
            .filter_map(Value::as_f64)
            .map(|threshold| metric.clone().threshold(threshold))
            .collect()),
        _ => Ok(vec![metric]),
    }
}

/// The metric of a description.
pub fn metric(case: &Value) -> Result<Metric, String> {
    let missing = |error: course::Error| format!("missing: {error}");
    if class_name(case) == "Accuracy" {
        return Ok(Metric::new("accuracy", |prediction, target| prediction.equal(target)));
    }
    let mut metric: Metric = class_name(case).parse().map_err(missing)?;
    for (option, value) in case["config"].as_object().into_iter().flatten() {
        let (size, text) =
            (value.as_u64().map(|size| size as usize), value.as_str().unwrap_or_default().to_lowercase());
        let number = value.as_f64().unwrap_or(f64::NAN);
        let numbers = || value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect::<Vec<_>>();
        let sizes = || whole_numbers(value).into_iter().map(|size| size as usize).collect::<Vec<_>>();
        metric = match (option.as_str(), value) {
            (_, Value::Null) => metric,
            ("thresholds", Value::Array(_)) => metric.thresholds(&numbers()),
            ("threshold" | "thresholds", _) => metric.threshold(number),
            ("k", _) => metric.k(size.unwrap_or(0)),
            ("top_k", _) => metric.top_k(size.unwrap_or(0)),
            ("class_id", _) => metric.class_id(size.unwrap_or(0)),
            ("num_thresholds", _) => metric.num_thresholds(size.unwrap_or(0)),
            ("beta", _) => metric.beta(number),
            ("curve", _) => metric.curve(text.parse::<Curve>().map_err(missing)?),
            ("average", _) => metric.average(text.parse::<Averaging>().map_err(missing)?),
            ("from_logits", _) => metric.from_logits(value == true),
            ("label_smoothing", _) => metric.label_smoothing(number),
            ("axis", _) => metric.axis(value.as_i64().unwrap_or(-1)),
            ("summation_method", _) => metric.summation_method(text.parse::<Summation>().map_err(missing)?),
            ("multi_label", _) => metric.multi_label(value == true),
            ("label_weights", _) => metric.label_weights(&numbers()),
            ("num_classes", _) => metric.num_classes(size.unwrap_or(0)),
            ("target_class_ids", _) => metric.target_class_ids(&sizes()),
            ("ignore_class", _) => metric.ignore_class(value.as_i64().unwrap_or(-1)),
            ("sparse_y_true", _) => metric.sparse_y_true(value == true),
            ("sparse_y_pred", _) => metric.sparse_y_pred(value == true),
            ("recall" | "precision" | "sensitivity" | "specificity", _) => metric.at(number),
            ("num_regressors", _) => metric.num_regressors(size.unwrap_or(0)),
            ("class_aggregation", _) if text == "uniform_average" => metric,
            ("class_aggregation", _) if text == "variance_weighted_average" => metric.average(Averaging::Weighted),
            ("num_labels" | "name" | "dtype", _) => metric,
            ("from_sorted_ids", Value::Bool(false)) => metric,
            _ => return Err(format!("missing: metrics have no option {option} = {value} yet")),
        };
    }
    Ok(metric)
}
