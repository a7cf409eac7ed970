//! Whole trainings.

use super::{Computed, arrays, optimizer, said};
use course::prelude::*;
use serde_json::{Map, Value};

/// Computes a case.
pub fn compute(case: &Value) -> Computed {
    let mut model = Model::from_json(&case["model"].to_string()).map_err(said)?;
    let optimizer = optimizer(&case["optimizer"])?;
    let loss = case["compile"]["loss"].as_str().unwrap_or_default();
    let metrics = |list: &str, weighted: bool| -> Result<Vec<Metric>, String> {
        let names = case["compile"][list].as_array().into_iter().flatten();
        let metric = |name: &Value| name.as_str().unwrap_or_default().parse::<Metric>().map_err(said);
        names.map(|name| Ok(metric(name)?.weighted(weighted))).collect()
    };
    let metrics = [metrics("metrics", false)?, metrics("weighted_metrics", true)?].concat();
    model.try_compile(optimizer, loss.parse::<Loss>().map_err(said)?, metrics.into()).map_err(said)?;
    model.try_set_weights(&arrays::read_all(&case["initial_weights"])?).map_err(said)?;
    let (x, y) = (arrays::read(&case["x"])?, arrays::read(&case["y"])?);
    let class_weight = class_weight(&case["fit"]);
    let sample_weight = case["fit"].get("sample_weight").map(arrays::read).transpose()?;
    let mut options = options(&case["fit"])?.class_weight(&class_weight);
    if let Some(weights) = &sample_weight {
        options = options.sample_weight(weights);
    }
    let history = model.try_fit(&x, &y, options).map_err(said)?;
    let evaluation = model.try_evaluate_in_batches(&x, &y, 7).map_err(said)?;
    let first = x.slice_axis(Axis(0), (..5).into());
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
        ("predict".into(), arrays::write(&model.try_predict(&first).map_err(said)?)),
    ]))
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
