//! Layers: their output, their gradients, and what training moves besides weights.

use super::{Computed, arrays, keras};
use course::prelude::*;
use serde_json::{Map, Value};

/// Computes a case.
pub fn compute(case: &Value) -> Computed {
    let layer = keras::layer(case["class_name"].as_str().unwrap_or_default(), &case["config"])?;
    let (x, cotangent) = (arrays::read(&case["x"])?, arrays::read(&case["cotangent"])?);
    let input = Input::of(&x.shape()[1..]).tensor();
    let output = layer.try_call(&input).map_err(|error| error.to_string())?;
    layer.try_set_weights(&arrays::read_all(&case["weights"])?).map_err(|error| error.to_string())?;
    let loss = &output * &Tensor::constant(&cotangent);
    let weights: Vec<Weight> = layer.weights();
    let learned: Vec<Tensor> = weights.iter().filter(|weight| weight.trainable()).map(Weight::tensor).collect();
    let differentiable = !case["grad_x"].is_null();
    let sources: Vec<&Tensor> = learned.iter().chain(differentiable.then_some(&input)).collect();
    let gradients = gradients(&loss, &sources);
    let outputs: Vec<&Tensor> = std::iter::once(&output).chain(&gradients).collect();
    let function = Function::new(&[&input], &outputs).training(case["training"] == true);
    let values = function.try_call(&[&x]).map_err(|error| error.to_string())?;
    let statistics = weights.iter().filter(|weight| !weight.trainable()).map(|weight| weight.read());
    let statistics: Vec<ArrayD<f32>> = statistics.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    Ok(Map::from_iter([
        ("y".into(), arrays::write(&values[0])),
        ("grad_trainable".into(), arrays::write_all(&values[1..=learned.len()])),
        ("grad_x".into(), if differentiable { arrays::write(&values[learned.len() + 1]) } else { Value::Null }),
        ("new_non_trainable".into(), arrays::write_all(&statistics)),
    ]))
}
