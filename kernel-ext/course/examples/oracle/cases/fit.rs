//! Whole trainings.

use super::{Computed, arrays, losses, optimizer, said};
use course::Numbers;
use course::prelude::*;
use serde_json::{Map, Value};

/// Computes a case.
pub fn compute(case: &Value) -> Computed {
    let mut model = Model::from_json(&case["model"].to_string()).map_err(said)?;
    let optimizer = optimizer(&case["optimizer"])?;
    model.try_compile(optimizer, losses_of(&case["compile"])?, metrics_of(&case["compile"])?).map_err(said)?;
    model.try_set_weights(&arrays::read_all(&case["initial_weights"])?).map_err(said)?;
    let (x, y) = (arrays::read_some(&case["x"])?, arrays::read_some(&case["y"])?);
    let class_weight = class_weight(&case["fit"]);
    let sample_weight = case["fit"].get("sample_weight").map(arrays::read).transpose()?;
    let mut options = options(&case["fit"])?.class_weight(&class_weight);
    if let Some(weights) = &sample_weight {
        options = options.sample_weight(weights);
    }
    let history = model.try_fit(&all(&x), &all(&y), options).map_err(said)?;
    let evaluation = model.try_evaluate_in_batches(&all(&x), &all(&y), 7).map_err(said)?;
    let first: Vec<ArrayD<f32>> = x.iter().map(|x| x.slice_axis(Axis(0), (..5).into()).to_owned()).collect();
    let predictions = model.try_predict_all(&all(&first)).map_err(said)?;
    let predict = if case["y"].is_array() { arrays::write_all(&predictions) } else { arrays::write(&predictions[0]) };
    Ok(Map::from_iter([
        (
            "history".into(),
            history.history().iter().map(|(name, values)| (name.clone(), Value::from(values.clone()))).collect(),
        ),
        ("final_weights".into(), arrays::write_all(&model.get_weights())),
        (
            "evaluate".into(),
            evaluation.values().iter().map(|(name, value)| (name.clone(), Value::from(*value))).collect(),
        ),
        ("predict".into(), predict),
    ]))
}

/// One array an input, or an output.
fn all(arrays: &[ArrayD<f32>]) -> Vec<&dyn Numbers> {
    arrays.iter().map(|array| array as &dyn Numbers).collect()
}

/// A thing, or the things of a list.
fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

/// The loss, or one an output.
fn losses_of(compile: &Value) -> Result<Losses, String> {
    let loss = |loss: &Value| match loss.as_str() {
        Some(name) => name.parse::<Loss>().map_err(said),
        None => losses::loss(loss),
    };
    let losses: Losses = each(&compile["loss"]).into_iter().map(loss).collect::<Result<Vec<_>, _>>()?.into();
    let weights: Vec<f64> = each(&compile["loss_weights"]).into_iter().filter_map(Value::as_f64).collect();
    Ok(if weights.is_empty() { losses } else { losses.weights(&weights) })
}

/// The metrics, or those of each output.
fn metrics_of(compile: &Value) -> Result<Metrics, String> {
    let metric = |metric: &Value| match metric.as_str() {
        Some(name) => name.parse::<Metric>().map_err(said),
        None => Ok(losses::metric(metric)?.named(metric["config"]["name"].as_str().unwrap_or_default())),
    };
    let list = |list: &Value, weighted: bool| -> Result<Vec<Metric>, String> {
        let metrics = list.as_array().into_iter().flatten();
        metrics.map(|description| Ok(metric(description)?.weighted(weighted))).collect()
    };
    let metrics = &compile["metrics"];
    if each(metrics).into_iter().any(Value::is_array) {
        let lists = each(metrics).into_iter().map(|metrics| Ok(list(metrics, false)?.into()));
        return Ok(Metrics::per_output(lists.collect::<Result<_, String>>()?));
    }
    Ok([list(metrics, false)?, list(&compile["weighted_metrics"], true)?].concat().into())
}

fn options<'a>(description: &Value) -> Result<Fit<'a>, String> {
    let mut fit = Fit::new().verbose(0);
    for (name, value) in description.as_object().into_iter().flatten() {
        let size = value.as_u64().unwrap_or(0) as usize;
        fit = match name.as_str() {
            "batch_size" => fit.batch_size(size),
            "epochs" => fit.epochs(size),
            "shuffle" => fit.shuffle(value == true),
            "class_weight" | "sample_weight" => fit,
            "validation_split" => fit.validation_split(value.as_f64().unwrap_or(0.0)),
            "validation_batch_size" => fit.validation_batch_size(size),
            "validation_freq" => fit.validation_freq(size),
            "initial_epoch" => fit.initial_epoch(size),
            "steps_per_epoch" => fit.steps_per_epoch(size),
            _ => return Err(format!("missing: `fit` has no option {name} yet")),
        };
    }
    Ok(fit)
}

/// The weights of classes, whose numbers are keys.
fn class_weight(description: &Value) -> Vec<(usize, f64)> {
    let entries = description["class_weight"].as_object().into_iter().flatten();
    entries.filter_map(|(class, weight)| Some((class.parse().ok()?, weight.as_f64()?))).collect()
}
