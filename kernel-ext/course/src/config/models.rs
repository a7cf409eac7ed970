//! Models as JSON, and the other way round: layers in a row, and layers that are called on tensors.

use super::layers::{described, deserialize};
use super::value::object;
use super::{Config, CustomObjects, parse, serialize};
use crate::error::{Error, Report, Result, expect_good};
use crate::layers::{AnyLayer, Input};
use crate::models::{Network, Part, Step};
use crate::tensor::Source;
use crate::{Model, Sequential, Tensor};
use engine_api::{Attr, Json, Op, Shape};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The class of an operator between tensors in descriptions; only this crate reads it.
const OPERATOR: &str = "Op";

/// Whether objects of this class are models.
pub fn is_model(class_name: &str) -> bool {
    matches!(class_name, "Sequential" | "Functional" | "Model")
}

impl Model {
    /// The options of the model: its layers with their options, and how they are connected.
    ///
    /// # Panics
    /// When the model is a [`Subclass`](crate::Subclass): what its method does cannot be said in data. When two of its
    /// layers have the same name.
    #[track_caller]
    pub fn get_config(&self) -> Config {
        expect_good(self.try_get_config())
    }

    /// As [`Model::get_config`].
    ///
    /// # Errors
    /// [`Error::Order`] when the model is a [`Subclass`](crate::Subclass), or when an operator takes a weight that belongs
    /// to no layer; [`Error::Value`] when two of its layers have the same name.
    pub fn try_get_config(&self) -> Result<Config> {
        let layer = self.as_layer();
        if !is_model(layer.class_name()) {
            let report = Report::new(format!("model `{}`", self.name()), "what its method does cannot be said in data");
            let hint = "save its weights with `save_weights`, and build the model anew in a program";
            return Err(Error::order(report.hint(hint)));
        }
        let inputs = self.inputs();
        expect_own_names(&layer, inputs.iter().map(|input| input.label().into()))?;
        expect_no_loose_weights(self)?;
        Ok(layer.get_config())
    }

    /// The model without its weights, as JSON that Keras reads as well (`keras.models.model_from_json`). Only
    /// operators between tensors (`&a + &b`) and attention with a causal mask are described in words of this crate:
    /// layers such as [`Add`](crate::layers::Add) can be read everywhere.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([28, 28, 1]));
    /// model.add(Conv2D::new(8, 3).activation("relu"));
    /// model.add(Flatten::new());
    /// model.add(Dense::new(10).activation("softmax"));
    /// let json = model.to_json();
    /// let copy = Model::from_json(&json)?;
    /// assert_eq!(copy.to_json(), json);
    /// assert_eq!(copy.count_params(), model.count_params());
    /// # Ok::<(), course::Error>(())
    /// ```
    ///
    /// # Panics
    /// As [`Model::get_config`].
    #[track_caller]
    pub fn to_json(&self) -> String {
        let config = self.get_config();
        described(config.class_name(), config.to_json()).to_string()
    }

    /// The model that a JSON text describes, written here or by Keras; its weights are new.
    ///
    /// # Errors
    /// What is wrong with the text: [`Error::Backend`] when it is no JSON, [`Error::Name`] when there is no layer of
    /// some class, [`Error::Value`] when a layer cannot have its options.
    pub fn from_json(json: &str) -> Result<Self> {
        Self::from_json_with(json, &CustomObjects::default())
    }

    /// As [`Model::from_json`], for a model in which layers of the user's own stand.
    ///
    /// # Errors
    /// As [`Model::from_json`].
    pub fn from_json_with(json: &str, custom: &CustomObjects) -> Result<Self> {
        model(&parse(json)?, custom)
    }

    /// The model of a config.
    ///
    /// # Errors
    /// As [`Model::from_json`].
    pub fn from_config(config: &Config) -> Result<Self> {
        model(&described(config.class_name(), config.to_json()), config.custom())
    }
}

/// Checks that the layers of a model can be told apart by their names, those of models inside among themselves.
fn expect_own_names(model: &AnyLayer, inputs: impl Iterator<Item = String>) -> Result<()> {
    let mut names: HashSet<String> = inputs.collect();
    for layer in model.parts() {
        if !names.insert(layer.name()) {
            let problem = format!("two of its parts have the name `{}`", layer.name());
            let report = Report::new(format!("model `{}`", model.name()), problem);
            return Err(Error::value(report.hint("give one of them another name: `.named(\"...\")`")));
        }
        if is_model(layer.class_name()) {
            expect_own_names(&layer, std::iter::empty())?;
        }
    }
    Ok(())
}

/// Checks that weights belong to layers: an operator's cannot be described.
fn expect_no_loose_weights(model: &Model) -> Result<()> {
    let steps = match (model.inputs(), model.outputs()) {
        (inputs, _) if inputs.is_empty() => return Ok(()),
        (inputs, outputs) => Network::new((&inputs).into(), (&outputs).into()).steps()?,
    };
    let is_loose = |tensor: &Tensor| tensor.maker().is_none() && matches!(tensor.source(), Source::Weight(_));
    let loose = steps.iter().flat_map(Step::inputs).find(|tensor| is_loose(tensor));
    loose.map_or(Ok(()), |weight| {
        let problem = format!("an operator takes the weight {weight}, which belongs to no layer");
        let report = Report::new(format!("model `{}`", model.name()), problem);
        Err(Error::order(report.hint("make a layer of one's own that has the weight")))
    })
}

/// The model of this description.
pub fn model(description: &Json, custom: &CustomObjects) -> Result<Model> {
    let class_name = description["class_name"].as_str().unwrap_or_default();
    if !is_model(class_name) {
        let report = Report::new("Model::from_json", "this does not describe a model");
        let expected = "{\"class_name\": \"Sequential\" or \"Functional\", \"config\": {...}}";
        return Err(Error::value(report.expected(expected, shortened(description))));
    }
    let config = Config::of(class_name, &description["config"], custom);
    let model = if class_name == "Sequential" { sequential(&config)?.into() } else { functional(&config)? };
    // Thawing would reach the layers inside, each of which says for itself whether it is frozen.
    if config.find("trainable")? == Some(false) {
        model.as_layer().set_trainable(false);
    }
    Ok(model)
}

/// The beginning of a long text.
fn shortened(json: &Json) -> String {
    const LEN: usize = 200;
    let text = json.to_string();
    match text.char_indices().nth(LEN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// An input of this description, or a layer or model.
fn part(described: &Json, custom: &CustomObjects) -> Result<Part> {
    if described["class_name"].as_str() != Some("InputLayer") {
        return deserialize(described, custom).map(Part::Layer);
    }
    let config = Config::of("InputLayer", &described["config"], custom);
    let sizes = match &config["batch_shape"] {
        Json::Null => &config["batch_input_shape"],
        sizes => sizes,
    };
    let sizes = sizes.as_list().iter().map(|size| size.as_i64().and_then(|size| usize::try_from(size).ok()));
    let sample = sizes.skip(1).collect::<Option<Vec<usize>>>();
    let Some(sample) = sample.filter(|_| !config["batch_shape"].is_null() || !config["batch_input_shape"].is_null())
    else {
        let expected = "[null, sizes...]: all sizes but that of the batch must be known";
        return Err(config.cannot_be("batch_shape", expected, &config["batch_shape"]));
    };
    let input = Input::of(&sample);
    let name = config.find::<String>("name")?;
    config.ignore("dtype");
    config.expect_all_read()?;
    Ok(Part::Input(match name {
        Some(name) => input.named(&name),
        None => input,
    }))
}

fn sequential(config: &Config) -> Result<Sequential> {
    let mut model = match config.find::<String>("name")? {
        Some(name) => Sequential::named(&name),
        None => Sequential::new(),
    };
    for described in config["layers"].as_list() {
        model.try_add(part(described, config.custom())?)?;
    }
    Ok(model)
}

/// The outputs of calls of layers, by the layer's name and the number of the call.
type Made = HashMap<(String, usize), Vec<Tensor>>;

/// What stands in a functional model.
enum Node {
    Layer(AnyLayer),
    Operator(Op),
}

/// A model whose layers are called on tensors that others have made: calls whose inputs are there are made, until
/// none is left.
fn functional(config: &Config) -> Result<Model> {
    let (layers, mut made, mut waiting) = (&config["layers"], Made::new(), Vec::new());
    for entry in layers.as_list() {
        let name = entry["name"].as_str().or(entry["config"]["name"].as_str()).unwrap_or_default().to_string();
        let node = match entry["class_name"].as_str() {
            Some(OPERATOR) => Node::Operator(operator(&entry["config"])),
            _ => match part(&*with_causal_mask(entry)?, config.custom())? {
                Part::Input(input) => {
                    made.insert((name, 0), vec![input.tensor()]);
                    continue;
                }
                Part::Layer(layer) => Node::Layer(layer),
            },
        };
        let node = std::rc::Rc::new(node);
        let calls = entry["inbound_nodes"].as_list();
        calls.iter().try_for_each(|call| expect_known_arguments(&name, call))?;
        let calls = calls.iter().enumerate();
        waiting.extend(calls.map(|(number, call)| (name.clone(), number, node.clone(), call)));
    }
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut left = Vec::new();
        for (name, number, node, call) in waiting {
            let Some(inputs) = arguments(call, &made) else {
                left.push((name, number, node, call));
                continue;
            };
            let outputs = match &*node {
                Node::Layer(layer) => layer.try_call_all(&inputs)?,
                Node::Operator(op) => {
                    vec![Tensor::apply(op.clone(), &inputs.iter().collect::<Vec<_>>(), &name)?]
                }
            };
            made.insert((name, number), outputs);
        }
        if left.len() == before {
            let names: Vec<&str> = left.iter().map(|(name, ..)| name.as_str()).collect();
            let problem = format!("the layers {} are called on tensors that nobody makes", names.join(", "));
            return Err(Error::value(Report::new(config.place(), problem)));
        }
        waiting = left;
    }
    let ends = |key: &str| {
        let tensors = ends(&config[key], &made);
        tensors.ok_or_else(|| {
            config.cannot_be(key, "[name of a layer, number of its call, number of the output]", &config[key])
        })
    };
    let mut model = Model::try_new(&ends("input_layers")?, &ends("output_layers")?)?;
    if let Some(name) = config.find::<String>("name")? {
        model.rename(&name);
    }
    Ok(model)
}

/// What Keras has as an argument of the calls of attention.
const CAUSAL: &str = "use_causal_mask";

/// Named arguments that are tensors, in the order in which layers take them.
const TENSORS: [&str; 8] = ["query", "value", "key", "sequences", "sequence", "inputs", "initial_state", "states"];

/// The description of attention whose calls say that it has a causal mask, which is an option of the layer here.
fn with_causal_mask(entry: &Json) -> Result<Cow<'_, Json>> {
    let calls = entry["inbound_nodes"].as_list();
    let causal = calls.iter().filter(|call| call["kwargs"][CAUSAL].as_bool() == Some(true)).count();
    let (1.., Json::Object(mut parts)) = (causal, entry.clone()) else { return Ok(Cow::Borrowed(entry)) };
    if causal < calls.len() {
        let place = format!("layer `{}`", entry["name"].as_str().unwrap_or_default());
        return Err(Error::value(Report::new(place, "some of its calls have a causal mask, and some have none")));
    }
    if let Some((_, Json::Object(options))) = parts.iter_mut().find(|(part, _)| part == "config") {
        options.push((CAUSAL.into(), true.into()));
    }
    Ok(Cow::Owned(Json::Object(parts)))
}

/// All tensors on which a layer is called; `None` when one has not been made.
fn arguments(call: &Json, made: &Made) -> Option<Vec<Tensor>> {
    let named = TENSORS.iter().map(|name| &call["kwargs"][*name]);
    let all = std::iter::once(&call["args"]).chain(named).map(|argument| tensors(argument, made));
    Some(all.collect::<Option<Vec<_>>>()?.concat())
}

/// Checks that a layer is called with nothing but tensors and what is off.
fn expect_known_arguments(name: &str, call: &Json) -> Result<()> {
    let is_off = |value: &Json| value.is_null() || value.as_bool() == Some(false);
    let unknown = call["kwargs"]
        .as_object()
        .iter()
        .find(|(name, value)| name != CAUSAL && !TENSORS.contains(&name.as_str()) && !is_off(value));
    unknown.map_or(Ok(()), |(argument, value)| {
        let report = Report::new(format!("the call of layer `{name}`"), format!("`{argument}` is not known here"));
        let report = report.expected(format!("only tensors: {}", TENSORS.join(", ")), shortened(value));
        Err(Error::value(report.hint("describe the model without it; nothing is ignored silently")))
    })
}

/// All tensors in an argument.
fn tensors(argument: &Json, made: &Made) -> Option<Vec<Tensor>> {
    if let Json::List(parts) = argument {
        return Some(parts.iter().map(|part| tensors(part, made)).collect::<Option<Vec<_>>>()?.concat());
    }
    match argument["class_name"].as_str() {
        Some("__keras_tensor__") => made_by(&argument["config"]["keras_history"], made).map(|tensor| vec![tensor]),
        _ => Some(Vec::new()),
    }
}

/// The tensor of a place: name of the layer, number of the call, number of the output.
fn made_by(place: &Json, made: &Made) -> Option<Tensor> {
    let number = |index: usize| usize::try_from(place[index].as_i64()?).ok();
    made.get(&(place[0].as_str()?.into(), number(1)?))?.get(number(2)?).cloned()
}

/// The tensors of one place or a list of them.
fn ends(places: &Json, made: &Made) -> Option<Vec<Tensor>> {
    match &places[0] {
        Json::Text(_) => made_by(places, made).map(|tensor| vec![tensor]),
        _ => places.as_list().iter().map(|place| made_by(place, made)).collect(),
    }
}

/// The shape of a batch, whose unknown sizes are nothing.
fn shape(shape: &Shape) -> Json {
    shape.0.iter().copied().map(Json::from).collect::<Vec<_>>().into()
}

fn input_layer(tensor: &Tensor) -> Json {
    let config = Json::object([
        ("batch_shape", shape(tensor.shape())),
        ("dtype", "float32".into()),
        ("sparse", false.into()),
        ("name", tensor.label().into()),
    ]);
    object("keras.layers", "InputLayer", config)
}

/// The options of layers in a row.
pub fn describe_sequential(config: Config, layers: &[AnyLayer], network: Option<&Network>) -> Config {
    let input = network.and_then(|network| network.inputs.first());
    let described = input.map(input_layer).into_iter().chain(layers.iter().map(serialize)).collect();
    config.with("layers", Json::List(described)).with("build_input_shape", input.map(|input| shape(input.shape())))
}

/// The options of layers that are called on tensors.
pub fn describe_functional(config: Config, layers: &[AnyLayer], network: &Network) -> Config {
    let steps = network.steps().unwrap_or_default();
    let places = Places::of(network, &steps);
    let with = |described: Json, more: [(&str, Json); 2]| {
        let entries = described.as_object().iter().cloned();
        Json::Object(entries.chain(more.map(|(name, value)| (name.into(), value))).collect())
    };
    let mut entries: Vec<Json> = Vec::new();
    for input in &network.inputs {
        let no_calls = Json::List(Vec::new());
        entries.push(with(input_layer(input), [("name", input.label().into()), ("inbound_nodes", no_calls)]));
    }
    for layer in layers {
        let calls = steps.iter().filter(|step| step.layer().is_some_and(|other| other.is(layer)));
        let calls = calls.map(|step| call(layer, &places.tensors(step.inputs()))).collect();
        let more = [("name", layer.name().into()), ("inbound_nodes", Json::List(calls))];
        entries.push(with(serialize(layer), more));
    }
    for step in &steps {
        if let Step::Op(tensor) = step
            && let Source::Op(op, inputs) = tensor.source()
        {
            let name = places.names[&step.key()].0.clone();
            let options = op.attrs.iter().map(|(option, value)| (option.clone(), attribute(value)));
            let options =
                Json::object([("op", op.name.as_str().into()), ("attributes", Json::Object(options.collect()))]);
            let call =
                Json::object([("args", Json::List(places.tensors(inputs))), ("kwargs", Json::Object(Vec::new()))]);
            let more = [("name", name.into()), ("inbound_nodes", Json::List(vec![call]))];
            entries.push(with(object("course", OPERATOR, options), more));
        }
    }
    let all = |tensors: &[Tensor]| Json::List(tensors.iter().map(|tensor| places.history(tensor)).collect());
    let config = config.with("layers", Json::List(entries));
    config.with("input_layers", all(&network.inputs)).with("output_layers", all(&network.outputs))
}

/// How a call of a layer on tensors is written: each class has its own order and names of arguments.
fn call(layer: &AnyLayer, tensors: &[Json]) -> Json {
    let list = |tensors: &[Json]| Json::List(tensors.to_vec());
    let (args, kwargs) = match (layer.class_name(), tensors) {
        ("MultiHeadAttention", _) => (list(tensors), Vec::new()),
        ("SimpleRNNCell" | "LSTMCell" | "GRUCell" | "StackedRNNCells", [input, states @ ..]) => {
            (Json::List(vec![input.clone(), list(states)]), Vec::new())
        }
        ("SimpleRNN" | "LSTM" | "GRU" | "RNN", [input, states @ ..]) if !states.is_empty() => {
            (list(std::slice::from_ref(input)), vec![("initial_state", list(states))])
        }
        (_, [only]) => (list(std::slice::from_ref(only)), Vec::new()),
        _ => (Json::List(vec![list(tensors)]), Vec::new()),
    };
    Json::object([("args", args), ("kwargs", Json::object(kwargs))])
}

/// The places at which the tensors of a network are made.
struct Places<'a> {
    network: &'a Network,
    /// Name of the layer and number of its call, by the keys of steps.
    names: HashMap<usize, (String, usize)>,
}

impl<'a> Places<'a> {
    fn of(network: &'a Network, steps: &[Step]) -> Self {
        let (mut counts, mut names): (HashMap<String, usize>, _) = (HashMap::new(), HashMap::new());
        for step in steps {
            let place = match step {
                Step::Layer(call) => {
                    let count = counts.entry(call.layer.name()).or_insert(0);
                    *count += 1;
                    (call.layer.name(), *count - 1)
                }
                Step::Op(_) => (format!("op_{}", names.len()), 0),
            };
            names.insert(step.key(), place);
        }
        Self { network, names }
    }

    fn history(&self, tensor: &Tensor) -> Json {
        let (name, number) = if self.network.inputs.iter().any(|input| input.is(tensor)) {
            (tensor.label().to_string(), 0)
        } else {
            Step::of(tensor).and_then(|step| self.names.get(&step.key()).cloned()).unwrap_or_default()
        };
        let output = tensor.maker().map_or(0, |maker| maker.output);
        Json::List(vec![name.into(), number.into(), output.into()])
    }

    fn tensors(&self, tensors: &[Tensor]) -> Vec<Json> {
        let described = |tensor: &Tensor| {
            let config = Json::object([
                ("shape", shape(tensor.shape())),
                ("dtype", "float32".into()),
                ("keras_history", self.history(tensor)),
            ]);
            Json::object([("class_name", "__keras_tensor__".into()), ("config", config)])
        };
        tensors.iter().map(described).collect()
    }
}

fn attribute(value: &Attr) -> Json {
    match value {
        Attr::Bool(value) => (*value).into(),
        Attr::Int(number) => (*number).into(),
        Attr::Float(number) => (*number).into(),
        Attr::Text(text) => text.as_str().into(),
        Attr::Ints(numbers) => numbers.clone().into(),
        Attr::Floats(numbers) => Json::List(numbers.iter().map(|&number| f64::from(number).into()).collect()),
    }
}

/// The op of a description; numbers with a point are numbers with a point again.
fn operator(config: &Json) -> Op {
    let op = Op::new(config["op"].as_str().unwrap_or_default());
    config["attributes"].as_object().iter().fold(op, |op, (name, value)| {
        let value = match value {
            Json::Bool(value) => Attr::Bool(*value),
            Json::Int(number) => Attr::Int(*number),
            Json::Float(number) => Attr::Float(*number),
            Json::Text(text) => Attr::Text(text.clone()),
            list if list.as_list().iter().all(|number| matches!(number, Json::Int(_))) => {
                Attr::Ints(list.as_list().iter().filter_map(Json::as_i64).collect())
            }
            list => Attr::Floats(list.as_list().iter().filter_map(|number| Some(number.as_f64()? as f32)).collect()),
        };
        op.with(name, value)
    })
}
