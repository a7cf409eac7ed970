//! Optimizers: where two variables go in ten steps; and schedules of the learning rate.

use super::{Computed, arrays, json, optimizer};
use course::config::ConfigValue;
use course::prelude::*;
use serde_json::{Map, Value};

/// Computes a case of an optimizer.
pub fn compute(case: &Value) -> Computed {
    let optimizer = optimizer(case)?;
    let weights: Vec<Weight> = arrays::read_all(&case["init"])?
        .into_iter()
        .enumerate()
        .map(|(place, values)| Weight::new(format!("v{place}"), values.shape(), values.iter().copied().collect()))
        .collect();
    let mut steps = GradientSteps::try_new(optimizer, &weights).map_err(|error| error.to_string())?;
    let mut trace = Vec::new();
    for gradients in case["grads"].as_array().into_iter().flatten() {
        steps.try_apply(&arrays::read_all(gradients)?).map_err(|error| error.to_string())?;
        let values: Result<Vec<ArrayD<f32>>, _> = weights.iter().map(Weight::read).collect();
        trace.push(arrays::write_all(&values.map_err(|error| error.to_string())?));
    }
    Ok(Map::from_iter([("trace".into(), Value::Array(trace))]))
}

/// Computes a case of a schedule.
pub fn compute_schedule(case: &Value) -> Computed {
    let schedule = Schedule::from_json(&json(case)?).ok_or("missing: there is no such schedule yet")?;
    let steps = case["values"].as_array().map_or(0, Vec::len) as u64;
    Ok(Map::from_iter([("values".into(), (0..steps).map(|step| schedule.at(step)).collect())]))
}
