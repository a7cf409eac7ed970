//! Models: layers in a row, and layers that are called on tensors.

use super::{Config, layer};
use course::models::Part;
use course::prelude::*;
use serde_json::Value;
use std::collections::HashMap;

/// The model of this description.
pub fn model(description: &Value) -> Result<Model, String> {
    let config = &description["config"];
    match description["class_name"].as_str().unwrap_or_default() {
        "Sequential" => sequential(config).map(Model::from),
        "Functional" => functional(config),
        other => Err(format!("missing: models of class {other} cannot be read yet")),
    }
}

/// An input of this description, or a layer or model.
fn part(entry: &Value) -> Result<Part, String> {
    let (class_name, config) = (entry["class_name"].as_str().unwrap_or_default(), &entry["config"]);
    Ok(match class_name {
        "InputLayer" => {
            let sizes = Config(config).integers("batch_shape");
            Part::Input(Input::of(&sizes.iter().map(|&size| size as usize).collect::<Vec<_>>()))
        }
        "Sequential" | "Functional" => Part::from(model(entry)?),
        _ => Part::Layer(layer(class_name, config)?),
    })
}

fn sequential(config: &Value) -> Result<Sequential, String> {
    let mut model = Sequential::new();
    for entry in config["layers"].as_array().into_iter().flatten() {
        model.try_add(part(entry)?).map_err(|error| error.to_string())?;
    }
    Ok(model)
}

/// The outputs of calls of layers, by the layer's name and the number of the call.
type Made = HashMap<(String, usize), Vec<Tensor>>;

/// A model whose layers are called on tensors that others have made: calls whose inputs are there are made, until
/// none is left.
fn functional(config: &Value) -> Result<Model, String> {
    let mut made = Made::new();
    let mut waiting = Vec::new();
    for entry in config["layers"].as_array().into_iter().flatten() {
        let name = entry["name"].as_str().unwrap_or_default().to_string();
        match part(entry)? {
            Part::Input(input) => drop(made.insert((name, 0), vec![input.tensor()])),
            Part::Layer(layer) => {
                let calls = entry["inbound_nodes"].as_array().into_iter().flatten().enumerate();
                waiting.extend(calls.map(|(number, call)| (name.clone(), number, layer.clone(), call)));
            }
        }
    }
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut left = Vec::new();
        for (name, number, layer, call) in waiting {
            match tensors(&call["args"], &made) {
                Some(inputs) => {
                    let outputs = layer.try_call_all(&inputs).map_err(|error| error.to_string())?;
                    made.insert((name, number), outputs);
                }
                None => left.push((name, number, layer, call)),
            }
        }
        if left.len() == before {
            return Err("missing: calls of layers on something else than tensors".into());
        }
        waiting = left;
    }
    let ends = |key: &str| ends(&config[key], &made).ok_or(format!("missing: `{key}` of a functional model"));
    Model::try_new(&ends("input_layers")?, &ends("output_layers")?).map_err(|error| error.to_string())
}

/// All tensors in the arguments of a call; `None` when one has not been made.
fn tensors(arguments: &Value, made: &Made) -> Option<Vec<Tensor>> {
    if let Value::Array(entries) = arguments {
        let each = entries.iter().map(|entry| tensors(entry, made)).collect::<Option<Vec<_>>>()?;
        return Some(each.concat());
    }
    match arguments["class_name"].as_str() {
        Some("__keras_tensor__") => made_by(&arguments["config"]["keras_history"], made).map(|tensor| vec![tensor]),
        _ => None,
    }
}

/// The tensor of a place: name of the layer, number of the call, number of the output.
fn made_by(place: &Value, made: &Made) -> Option<Tensor> {
    let number = |index: usize| place[index].as_u64().map(|number| number as usize);
    made.get(&(place[0].as_str()?.into(), number(1)?))?.get(number(2)?).cloned()
}

/// The tensors of one place or a list of them.
fn ends(places: &Value, made: &Made) -> Option<Vec<Tensor>> {
    match &places[0] {
        Value::String(_) => made_by(places, made).map(|tensor| vec![tensor]),
        _ => places.as_array()?.iter().map(|place| made_by(place, made)).collect(),
    }
}
