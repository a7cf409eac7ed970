//! Layers: their output, their gradients, and what training moves besides weights.

use super::{Computed, arrays, keras};
use course::Numbers;
use course::prelude::*;
use serde_json::{Map, Value};

/// Computes a case.
pub fn compute(case: &Value) -> Computed {
    let layer = keras::layer(case["class_name"].as_str().unwrap_or_default(), &case["config"])?;
    // A layer that takes several tensors has a list of them.
    let several = case["x"].is_array();
    let x = if several { arrays::read_all(&case["x"])? } else { vec![arrays::read(&case["x"])?] };
    let cotangent = arrays::read(&case["cotangent"])?;
    let inputs: Vec<Tensor> = x.iter().map(|x| Input::of(&x.shape()[1..]).tensor()).collect();
    let output = layer.try_call(&inputs).map_err(|error| error.to_string())?;
    layer.try_set_weights(&arrays::read_all(&case["weights"])?).map_err(|error| error.to_string())?;
    let loss = &output * &Tensor::constant(&cotangent);
    let weights: Vec<Weight> = layer.weights();
    let learned: Vec<Tensor> = weights.iter().filter(|weight| weight.trainable()).map(Weight::tensor).collect();
    let differentiable = !case["grad_x"].is_null();
    let sources: Vec<&Tensor> = learned.iter().chain(inputs.iter().filter(|_| differentiable)).collect();
    let gradients = gradients(&loss, &sources);
    let outputs: Vec<&Tensor> = std::iter::once(&output).chain(&gradients).collect();
    let function = Function::new(&inputs.iter().collect::<Vec<_>>(), &outputs).training(case["training"] == true);
    let arrays: Vec<&dyn Numbers> = x.iter().map(|x| x as &dyn Numbers).collect();
    let values = function.try_call(&arrays).map_err(|error| error.to_string())?;
    let statistics = weights.iter().filter(|weight| !weight.trainable()).map(|weight| weight.read());
    let statistics: Vec<ArrayD<f32>> = statistics.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let of_inputs = &values[learned.len() + 1..];
    let grad_x = match (differentiable, several) {
        (false, _) => Value::Null,
        (true, true) => arrays::write_all(of_inputs),
        (true, false) => arrays::write(&of_inputs[0]),
    };
    Ok(Map::from_iter([
        ("y".into(), arrays::write(&values[0])),
        ("grad_trainable".into(), arrays::write_all(&values[1..=learned.len()])),
        ("grad_x".into(), grad_x),
        ("new_non_trainable".into(), arrays::write_all(&statistics)),
    ]))
}
