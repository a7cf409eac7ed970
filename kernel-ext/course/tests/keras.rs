//! The same numbers as Keras: layers, losses, and whole training runs.
//!
//! `tests/data/README.md` says where the numbers come from. Tolerances are
//! |a - b| <= tolerance · max(1, |b|): 1e-5 for layers and losses, 1e-4 for training runs.

#![allow(clippy::unwrap_used, reason = "these helpers are tests as well")]

use course::prelude::*;
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn array(value: &Value) -> ArrayD<f32> {
    let sizes: Vec<usize> =
        value["shape"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect();
    let data = numbers(&value["data"]).into_iter().map(|number| number as f32).collect();
    ArrayD::from_shape_vec(IxDyn(&sizes), data).unwrap()
}

fn arrays(value: &Value) -> Vec<ArrayD<f32>> {
    value.as_array().unwrap().iter().map(array).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[track_caller]
fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{what}, number {place}: {a}, Keras has {b}");
    }
}

#[track_caller]
fn assert_arrays_close(what: &str, found: &ArrayD<f32>, expected: &ArrayD<f32>, tolerance: f64) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    let double = |array: &ArrayD<f32>| array.iter().map(|&number| f64::from(number)).collect::<Vec<_>>();
    assert_close(what, &double(found), &double(expected), tolerance);
}

fn input_of(shape: &[usize]) -> Input {
    match *shape {
        [a] => Input::new([a]),
        [a, b] => Input::new([a, b]),
        [a, b, c] => Input::new([a, b, c]),
        _ => panic!("no input of shape {shape:?} in these cases"),
    }
}

fn layer(class_name: &str, config: &Value) -> AnyLayer {
    use course::layers::Handle;
    match class_name {
        "Dense" => {
            let units = config["units"].as_u64().unwrap() as usize;
            let use_bias = config["use_bias"].as_bool().unwrap_or(true);
            Dense::new(units).activation(text(&config["activation"])).use_bias(use_bias).handle()
        }
        "Activation" => Activation::new(text(&config["activation"])).handle(),
        "Flatten" => Flatten::new().handle(),
        "Reshape" => {
            let sizes = numbers(&config["target_shape"]);
            Reshape::new([sizes[0] as i64, sizes[1] as i64]).handle()
        }
        other => panic!("no layer {other} in these cases"),
    }
}

#[test]
fn layers_compute_what_keras_computes() {
    for case in cases(include_str!("data/layers.json")) {
        let x = array(&case["x"]);
        let mut model = Sequential::new();
        model.add(input_of(&x.shape()[1..]));
        model.add(layer(text(&case["class_name"]), &case["config"]));
        model.set_weights(&arrays(&case["weights"]));
        assert_arrays_close(text(&case["name"]), &model.predict(&x), &array(&case["y"]), 1e-5);
    }
}

/// The prediction of each case passes through a model that only hands it on; a case on logits
/// through one that ends in the activation whose logits they are.
#[test]
fn losses_are_those_of_keras() {
    for case in cases(include_str!("data/losses.json")) {
        let (class_name, y_pred) = (text(&case["class_name"]), array(&case["y_pred"]));
        let (loss, end) = match class_name {
            "CategoricalCrossentropy" => (LossKind::CategoricalCrossentropy, Activation::Softmax),
            "SparseCategoricalCrossentropy" => (LossKind::SparseCategoricalCrossentropy, Activation::Softmax),
            "BinaryCrossentropy" => (LossKind::BinaryCrossentropy, Activation::Sigmoid),
            "MeanSquaredError" => (LossKind::MeanSquaredError, Activation::Linear),
            "MeanAbsoluteError" => (LossKind::MeanAbsoluteError, Activation::Linear),
            other => panic!("no loss {other} in these cases"),
        };
        let from_logits = case["config"]["from_logits"].as_bool().unwrap_or(false);
        let mut model = Sequential::new();
        model.add(input_of(&y_pred.shape()[1..]));
        model.add(Activation::new(if from_logits { end } else { Activation::Linear }));
        model.compile(Sgd::default(), loss, ());
        let found = model.evaluate(&y_pred, &array(&case["y_true"])).loss();
        let expected = case["sum_over_batch_size"].as_f64().unwrap();
        assert_close(text(&case["name"]), &[found], &[expected], 1e-5);
    }
}

fn optimizer(value: &Value) -> Optimizer {
    let option = |name: &str| value["config"][name].as_f64().unwrap();
    match text(&value["class_name"]) {
        "SGD" => {
            let nesterov = value["config"]["nesterov"].as_bool().unwrap();
            Sgd::new(option("learning_rate")).momentum(option("momentum")).nesterov(nesterov).into()
        }
        "Adam" => {
            let adam = Adam::new(option("learning_rate")).beta_1(option("beta_1")).beta_2(option("beta_2"));
            adam.epsilon(option("epsilon")).into()
        }
        other => panic!("no optimizer {other} in these cases"),
    }
}

#[test]
fn training_runs_go_as_in_keras() {
    for case in cases(include_str!("data/fit.json")) {
        let (name, x, y) = (text(&case["name"]), array(&case["x"]), array(&case["y"]));
        let mut model = Sequential::new();
        model.add(Input::new([case["inputs"].as_u64().unwrap() as usize]));
        for config in case["layers"].as_array().unwrap() {
            model.add(layer("Dense", config));
        }
        model.set_weights(&arrays(&case["initial_weights"]));
        model.compile(optimizer(&case["optimizer"]), text(&case["compile"]["loss"]), ["accuracy"]);

        let options = Fit::new()
            .batch_size(case["fit"]["batch_size"].as_u64().unwrap() as usize)
            .epochs(case["fit"]["epochs"].as_u64().unwrap() as usize)
            .shuffle(case["fit"]["shuffle"].as_bool().unwrap())
            .validation_split(case["fit"]["validation_split"].as_f64().unwrap_or(0.0))
            .verbose(0);
        let logs = model.fit(&x, &y, options);

        let history = case["history"].as_object().unwrap();
        assert_eq!(logs.keys(), history.keys().map(String::as_str).collect::<Vec<_>>(), "{name}");
        for (key, expected) in history {
            assert_close(&format!("{name}, {key}"), &logs[key.as_str()], &numbers(expected), 1e-4);
        }
        for (found, expected) in model.get_weights().iter().zip(arrays(&case["final_weights"])) {
            assert_arrays_close(&format!("{name}, weights"), found, &expected, 1e-4);
        }
        let evaluation = model.evaluate(&x, &y);
        for (key, expected) in case["evaluate"].as_object().unwrap() {
            assert_close(
                &format!("{name}, evaluate {key}"),
                &[evaluation[key.as_str()]],
                &[expected.as_f64().unwrap()],
                1e-4,
            );
        }
        let predictions = model.predict(&x.slice(s![..5, ..]));
        assert_arrays_close(&format!("{name}, predict"), &predictions, &array(&case["predict"]), 1e-4);
    }
}
