//! Layers, models and optimizers as JSON, there and back, and what is said about descriptions that are wrong.

#![allow(clippy::unwrap_used, reason = "these helpers are tests as well")]

use course::Result;
use course::config::{ConfigValue, Json, deserialize, parse, serialize};
use course::layers::LayerBase;
use course::prelude::*;

/// All layers whose numbers are compared with Keras's, as Keras described them.
fn described_by_keras() -> Vec<Json> {
    let cases = parse(include_str!("data/layers.json")).unwrap();
    let description =
        |case: &Json| Json::object([("class_name", case["class_name"].clone()), ("config", case["config"].clone())]);
    cases.as_list().iter().map(description).collect()
}

#[test]
fn every_layer_comes_back_as_it_was() {
    for description in described_by_keras() {
        let layer = deserialize(&description, &CustomObjects::new()).unwrap();
        let written = serialize(&layer);
        let copy = deserialize(&parse(&written.to_string()).unwrap(), &CustomObjects::new()).unwrap();
        assert_eq!(serialize(&copy), written);
        // What Keras wrote as a plain value is written by the same name with the same value.
        for (option, value) in description["config"].as_object() {
            let plain =
                value.as_f64().map(|number| number != 0.0).or(value.as_bool()).unwrap_or(value.as_str().is_some());
            if plain && !["renorm_momentum", "data_format", "dtype", "seed"].contains(&option.as_str()) {
                let found = &written["config"][option.as_str()];
                let same = found == value || found.as_f64().is_some() && found.as_f64() == value.as_f64();
                let of_each_axis = !found.as_list().is_empty() && found.as_list().iter().all(|found| found == value);
                assert!(same || of_each_axis, "{description}\n{option}: {found}");
            }
        }
    }
}

/// Two inputs, a shared layer, a model as a layer, states of a recurrent layer, an operator, two outputs.
fn intricate() -> Model {
    let (a, b) = (Input::new([6, 4]).tensor(), Input::new([6, 4]).tensor());
    let shared = Dense::new(5).activation("tanh").kernel_regularizer(Regularizer::l2(0.01));
    let shared = shared.kernel_constraint(Constraint::min_max_norm(0.1, 2.0).rate(0.5).axes(&[0, 1]));
    let shared = shared.bias_constraint("non_neg").activity_regularizer("l1");
    let (left, right) = (shared.call(&a), shared.call(&b));
    let lstm = LSTM::new(3).dropout(0.1).recurrent_dropout(0.2).recurrent_constraint(Constraint::max_norm(3.0));
    let read = lstm
        .recurrent_initializer(Initializer::Identity { gain: 0.5 })
        .return_state(true)
        .return_sequences(true)
        .call_all(&left);
    let second = LSTM::new(3).call([&right, &read[1], &read[2]]);
    let seen = MultiHeadAttention::new(2, 2).kernel_constraint("unit_norm").call([&read[0], &read[0]]);
    let pooled = GlobalAveragePooling1D::new().call(&seen);
    let mut tail = Sequential::new();
    tail.add(Input::new([3]));
    tail.add(Dense::new(2).activation("softmax").bias_initializer(Initializer::Constant(0.1)));
    let sum = Add::new().call([&pooled, &second]);
    Model::new([&a, &b], [&tail.call(&sum), &(&sum * 2.0)])
}

fn predictions(model: &mut Model) -> Vec<ArrayD<f32>> {
    let at = |(sample, step, feature): (usize, usize, usize)| ((sample * 7 + step * 3 + feature) % 5) as f32 - 2.0;
    let (a, b) = (Array3::from_shape_fn((3, 6, 4), at), Array3::from_shape_fn((3, 6, 4), |place| -at(place)));
    model.predict_all(&(&a, &b))
}

#[test]
fn an_intricate_model_comes_back_with_all_its_connections() {
    let mut model = intricate();
    let json = model.to_json();
    let mut copy = Model::from_json(&json).unwrap();
    assert_eq!(copy.to_json(), json);
    copy.set_weights(&model.get_weights());
    assert_eq!(predictions(&mut copy), predictions(&mut model));
    assert_eq!(Model::from_config(&model.get_config()).unwrap().to_json(), json);
}

/// An array of a file: shape and numbers.
fn array(json: &Json) -> ArrayD<f32> {
    let shape: Vec<usize> = Vec::from_json(&json["shape"]).unwrap();
    ArrayD::from_shape_vec(shape, Vec::from_json(&json["data"]).unwrap()).unwrap()
}

#[test]
fn a_functional_model_of_keras_predicts_what_keras_predicts() {
    let file = parse(include_str!("data/functional.json")).unwrap();
    let arrays = |key: &str| file[key].as_list().iter().map(array).collect::<Vec<_>>();
    let mut model = Model::from_json(&file["model"].to_string()).unwrap();
    assert_eq!(Some(model.count_params() as i64), file["count_params"].as_i64());
    model.set_weights(&arrays("weights"));
    let x = arrays("x");
    for (found, expected) in model.predict_all(&(&x[0], &x[1])).iter().zip(arrays("y")) {
        let distance = (found - &expected).iter().fold(0.0_f32, |most, distance| most.max(distance.abs()));
        assert!(distance < 1e-6, "{distance}");
    }
}

#[test]
fn trained_settings_come_back() {
    let layer = Dense::new(2);
    layer.set_trainable(false);
    assert_eq!(layer.get_config()["trainable"], false.into());
    let copy = Dense::from_config(&layer.get_config()).unwrap();
    let mut model = Sequential::new();
    model.add(Input::new([3]));
    model.add(copy);
    assert!(model.summary().to_string().contains("Trainable params: 0"));
    let given = Dropout::new(0.5).seed(7).get_config();
    assert_eq!(given["seed"], 7_i64.into());
    assert_eq!(Dropout::from_config(&given).unwrap().get_config(), given);
    assert!(Dropout::new(0.5).get_config()["seed"].is_null(), "a seed that nobody chose is not written");
}

#[test]
fn options_of_keras_that_change_no_number_are_passed_over() {
    // As `Bidirectional` describes the layers in it.
    let described = Config::new("LSTM").with("units", 3_i64).with("zero_output_for_mask", true).with("unroll", true);
    assert_eq!(LSTM::from_config(&described).unwrap().count_params(), 0);
    let error = LSTM::from_config(&described.with("unrol", true)).unwrap_err().to_string();
    assert!(error.contains("`unrol` is not known here"), "{error}");
}

#[test]
fn optimizers_and_schedules_come_back() {
    let decay = Schedule::CosineDecay {
        initial_learning_rate: 0.1,
        decay_steps: 100.0,
        alpha: 0.01,
        warmup_target: None,
        warmup_steps: 0.0,
    };
    for optimizer in [
        Optimizer::from(Sgd::new(0.1).momentum(0.9).nesterov(true)),
        Adam::new(decay.clone()).weight_decay(0.01).into(),
        RMSprop::new(0.01).centered(true).clipnorm(1.0).into(),
    ] {
        let config = optimizer.get_config();
        let read = parse(&config.to_string()).unwrap();
        assert_eq!(Optimizer::from_config(&Config::from_json(config.class_name(), &read)).unwrap(), optimizer);
    }
    assert_eq!(Schedule::from_json(&decay.to_json()), Some(decay));
    let config = Config::new("Adam").with("use_ema", true);
    let error = Optimizer::from_config(&config).unwrap_err().to_string();
    assert!(error.starts_with("`use_ema` is not the name of a known option of this optimizer"), "{error}");
}

/// A layer of a user: numbers times a factor.
#[derive(Clone)]
struct Scaled {
    base: LayerBase,
    factor: f64,
}

impl Scaled {
    fn new(factor: f64) -> Self {
        Self { base: LayerBase::new("Scaled"), factor }
    }
}

impl Layer for Scaled {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        Ok(input * self.factor)
    }

    fn describe(&self, config: Config) -> Config {
        config.with("factor", self.factor)
    }

    fn with_options(config: &Config) -> Result<Self> {
        Ok(Self::new(config.get("factor")?))
    }
}

#[test]
fn layers_of_ones_own_come_back_when_they_are_named() {
    let error = |json: &str| Model::from_json(json).unwrap_err().to_string();
    let mut model = Sequential::new();
    model.add(Input::new([2]));
    model.add(Scaled::new(3.0));
    let json = model.to_json();
    assert!(error(&json).starts_with("`Scaled` is not the name of a known layer"), "{}", error(&json));
    let mut copy = Model::from_json_with(&json, &CustomObjects::new().layer::<Scaled>("Scaled")).unwrap();
    assert_eq!(copy.predict(&array![[1.0, 2.0]]), array![[3.0, 6.0]].into_dyn());
}

#[test]
fn wrong_descriptions_are_refused_in_words() {
    let layer = |text: &str| deserialize(&parse(text).unwrap(), &CustomObjects::new()).err().unwrap().to_string();
    for (text, message) in [
        (r#"{"class_name": "Dens", "config": {"units": 3}}"#, "`Dens` is not the name of a known layer\n"),
        (
            r#"{"class_name": "Dense", "config": {"name": "dense"}}"#,
            "the config of `Dense`: the option `units` is missing\n  expected: `units`, a whole number from 0 on\n  received: name",
        ),
        (
            r#"{"class_name": "Dense", "config": {"units": 0}}"#,
            "the config of `Dense`: the option `units` cannot be used\n  expected: a whole number from 1 on\n  received: 0",
        ),
        (
            r#"{"class_name": "Dense", "config": {"units": "ten"}}"#,
            "the config of `Dense`: the option `units` cannot be used\n  expected: a whole number from 0 on\n  received: \"ten\"",
        ),
        (
            r#"{"class_name": "Dense", "config": {"units": 3, "activation": "rleu"}}"#,
            "the config of `Dense`: the option `activation` cannot be used\n  expected: the name of an activation function\n  received: \"rleu\"",
        ),
        (
            r#"{"class_name": "Dense", "config": {"units": 3, "kernel_constraint": "small"}}"#,
            "the config of `Dense`: the option `kernel_constraint` cannot be used\n  expected: a constraint: NonNeg, UnitNorm, MaxNorm or MinMaxNorm\n  received: \"small\"",
        ),
        (
            r#"{"class_name": "LSTM", "config": {"units": 3, "dropout": 1.5}}"#,
            "the config of `LSTM`: the option `dropout` cannot be used\n  expected: 0 or more, below 1\n  received: 1.5",
        ),
        (
            r#"{"class_name": "Dense", "config": {"units": 3, "lora_rank": 4}}"#,
            "the config of `Dense`: the option `lora_rank` is not known here\n",
        ),
        (
            r#"{"class_name": "Conv2D", "config": {"filters": 3, "kernel_size": 3, "data_format": "channels_first"}}"#,
            "the config of `Conv2D`: the option `data_format` cannot be used\n  expected: \"channels_last\"\n",
        ),
        (
            r#"{"class_name": "Dense", "config": {"units": 3, "dtype": "float16"}}"#,
            "the config of `Dense`: the option `dtype` cannot be used\n  expected: float32",
        ),
        (
            r#"{"class_name": "Dropout", "config": {"rate": 1.5}}"#,
            "the config of `Dropout`: the option `rate` cannot be used\n  expected: 0 or more, below 1\n  received: 1.5",
        ),
        (
            r#"{"class_name": "Conv2D", "config": {"filters": 3, "kernel_size": 3, "strides": [1, 0]}}"#,
            "the config of `Conv2D`: the option `strides` cannot be used\n  expected: whole numbers from 1 on\n  received: [1, 0]",
        ),
        (
            r#"{"class_name": "MultiHeadAttention", "config": {"num_heads": 1, "key_dim": 2, "output_shape": 0}}"#,
            "the config of `MultiHeadAttention`: the option `output_shape` cannot be used\n  expected: a single size from 1 on",
        ),
        (r#"{"units": 3}"#, "deserialize: this does not describe a layer\n"),
    ] {
        let said = layer(text);
        assert!(said.starts_with(message), "{text}\n{said}");
    }
    for (text, message) in [
        ("{\"class_name\": \"Sequential\",", "the JSON text: EOF while parsing"),
        ("[1, 2]", "Model::from_json: this does not describe a model\n"),
        (
            r#"{"class_name": "Functional", "config": {"layers": [], "input_layers": [["x", 0, 0]], "output_layers": []}}"#,
            "the config of `Functional`: the option `input_layers` cannot be used\n",
        ),
    ] {
        let said = Model::from_json(text).unwrap_err().to_string();
        assert!(said.starts_with(message), "{text}\n{said}");
    }
    let file = parse(include_str!("data/functional.json")).unwrap()["model"].to_string();
    for (from, to, message) in [
        (
            r#""kwargs": {"value":"#,
            r#""kwargs": {"attention_mask":"#,
            "the call of layer `attention`: `attention_mask` is not known here\n",
        ),
        (
            r#""sparse": false, "ragged": false"#,
            r#""sparse": true, "ragged": false"#,
            "the config of `InputLayer`: the option `sparse` is not known here\n",
        ),
    ] {
        let changed = file.replacen(from, to, 1);
        assert_ne!(changed, file);
        let said = Model::from_json(&changed).unwrap_err().to_string();
        assert!(said.starts_with(message), "{said}");
    }
    let lambda = Lambda::new(|x| x * 2.0);
    let said = deserialize(&serialize(&lambda), &CustomObjects::new()).err().unwrap().to_string();
    assert!(said.starts_with("`Lambda` is not the name of a known layer"), "{said}");
}

#[test]
fn what_cannot_be_described_is_said_before_it_is_written() {
    let x = Input::new([2]).tensor();
    let twins = Dense::new(2).named("twin").call(&Dense::new(2).named("twin").call(&x));
    let said = Model::new(&x, &twins).try_get_config().unwrap_err().to_string();
    assert!(said.contains("two of its parts have the name `twin`\n  hint: give one of them another name"), "{said}");
    let weight = Weight::new("loose", &[2], vec![1.0, 2.0]);
    let said = Model::new(&x, &(&x * weight.tensor())).try_get_config().unwrap_err().to_string();
    assert!(said.contains("which belongs to no layer"), "{said}");
}

#[test]
fn a_frozen_model_inside_and_a_causal_mask_come_back() {
    let mut inner = Sequential::new();
    inner.add(Input::new([4, 2]));
    inner.add(Dense::new(2));
    inner.as_layer().set_trainable(false);
    let x = Input::new([4, 2]).tensor();
    let seen = MultiHeadAttention::new(1, 2).causal(true).call([&inner.call(&x), &x]);
    let model = Model::new(&x, &seen);
    let copy = Model::from_json(&model.to_json()).unwrap();
    assert_eq!(copy.to_json(), model.to_json());
    let trainable = |model: &Model| model.weights().iter().map(Weight::trainable).collect::<Vec<_>>();
    assert_eq!(trainable(&copy), trainable(&model));
    assert_eq!(trainable(&copy).iter().filter(|trainable| !**trainable).count(), 2);
    // As Keras writes it: an argument of the call.
    let json = model.to_json().replace(r#", "use_causal_mask": true"#, "");
    let (before, after) = json.split_once(r#""name": "multi_head_attention"#).unwrap();
    let at_call = format!(r#"{before}"name": "multi_head_attention{}"#, after);
    let last = at_call.rfind(r#""kwargs": {}"#).unwrap();
    let as_keras = format!("{}\"kwargs\": {{\"use_causal_mask\": true}}{}", &at_call[..last], &at_call[last + 12..]);
    assert_eq!(Model::from_json(&as_keras).unwrap().to_json(), model.to_json());
}
