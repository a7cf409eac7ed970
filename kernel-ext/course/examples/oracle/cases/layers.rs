//! Layers: their output, their gradients, and what training moves besides weights.

use super::{Computed, arrays, json, said};
use course::Numbers;
use course::config::deserialize;
use course::prelude::*;
use serde_json::{Map, Value};

/// Computes a case.
pub fn compute(case: &Value) -> Computed {
    let layer = deserialize(
        &json(&serde_json::json!({"class_name": case["class_name"], "config": case["config"]}))?,
        &CustomObjects::new(),
    )
    .map_err(said)?;
    // A layer that takes several tensors has a list of them.
    let several = case["x"].is_array();
    let x = if several { arrays::read_all(&case["x"])? } else { vec![arrays::read(&case["x"])?] };
    let several_outputs = case["y"].is_array();
    let read = |key: &str| {
        if several_outputs { arrays::read_all(&case[key]) } else { arrays::read(&case[key]).map(|array| vec![array]) }
    };
    let cotangents = read("cotangent")?;
    let inputs: Vec<Tensor> = x.iter().map(|x| Input::of(&x.shape()[1..]).tensor()).collect();
    let made = layer.try_call_all(&inputs).map_err(|error| error.to_string())?;
    layer.try_set_weights(&arrays::read_all(&case["weights"])?).map_err(|error| error.to_string())?;
    let parts = made.iter().zip(&cotangents).map(|(output, cotangent)| output * Tensor::constant(cotangent));
    let loss = parts.map(|part| part.sum(&[])).reduce(|a, b| a + b).ok_or("a layer without output")?;
    let weights: Vec<Weight> = layer.weights();
    let learned: Vec<Tensor> = weights.iter().filter(|weight| weight.trainable()).map(Weight::tensor).collect();
    let differentiable = !case["grad_x"].is_null();
    let sources: Vec<&Tensor> = learned.iter().chain(inputs.iter().filter(|_| differentiable)).collect();
    let gradients = gradients(&loss, &sources);
    let outputs: Vec<&Tensor> = made.iter().chain(&gradients).collect();
    let function = Function::new(&inputs.iter().collect::<Vec<_>>(), &outputs).training(case["training"] == true);
    let arrays: Vec<&dyn Numbers> = x.iter().map(|x| x as &dyn Numbers).collect();
    let values = function.try_call(&arrays).map_err(|error| error.to_string())?;
    let statistics = weights.iter().filter(|weight| !weight.trainable()).map(|weight| weight.read());
    let statistics: Vec<ArrayD<f32>> = statistics.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let (of_outputs, gradients) = values.split_at(made.len());
    let (of_weights, of_inputs) = gradients.split_at(learned.len());
    let grad_x = match (differentiable, several) {
        (false, _) => Value::Null,
        (true, true) => arrays::write_all(of_inputs),
        (true, false) => arrays::write(&of_inputs[0]),
    };
    Ok(Map::from_iter([
        ("y".into(), if several_outputs { arrays::write_all(of_outputs) } else { arrays::write(&of_outputs[0]) }),
        ("grad_trainable".into(), arrays::write_all(of_weights)),
        ("grad_x".into(), grad_x),
        ("new_non_trainable".into(), arrays::write_all(&statistics)),
    ]))
}
