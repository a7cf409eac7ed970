//! Layers, optimizers and models from the JSON by which Keras describes them.

use course::layers::*;
use course::models::Part;
use course::prelude::*;
use serde_json::Value;
use std::collections::HashMap;

/// Options of a layer, optimizer or loss.
pub struct Config<'a>(pub &'a Value);

impl Config<'_> {
    pub fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.0[key].as_bool().unwrap_or(false)
    }

    pub fn size(&self, key: &str) -> usize {
        self.0[key].as_u64().unwrap_or(0) as usize
    }

    /// A number in the form in which Keras computes with it: as f32.
    pub fn number(&self, key: &str) -> f64 {
        self.0[key].as_f64().unwrap_or(f64::NAN)
    }

    /// The greater end of a range, or the number itself.
    fn most(&self, key: &str) -> f64 {
        self.0[key].as_f64().or(self.0[key][1].as_f64()).unwrap_or(0.0)
    }

    pub fn sizes<const RANK: usize>(&self, key: &str) -> [usize; RANK] {
        let list = |value: &Value| value.as_u64().unwrap_or(0) as usize;
        std::array::from_fn(|axis| match &self.0[key] {
            Value::Array(sizes) => sizes.get(axis).map_or(0, list),
            size => list(size),
        })
    }

    /// Before and after two axes.
    pub fn margins(&self, key: &str) -> [[usize; 2]; 2] {
        std::array::from_fn(|axis| Config(&self.0[key]).pair_at(axis))
    }

    fn pair_at(&self, axis: usize) -> [usize; 2] {
        std::array::from_fn(|side| self.0[axis][side].as_u64().unwrap_or(0) as usize)
    }

    pub fn integers(&self, key: &str) -> Vec<i64> {
        match &self.0[key] {
            Value::Array(numbers) => numbers.iter().filter_map(Value::as_i64).collect(),
            number => number.as_i64().into_iter().collect(),
        }
    }
}

/// Sets what all layers with a kernel have.
macro_rules! with_kernel_options {
    ($layer:expr, $config:expr) => {{
        let mut layer = $layer.activation(activation($config)?).use_bias($config.flag("use_bias"));
        if let Some(regularizer) = regularizer($config, &["kernel_regularizer", "depthwise_regularizer"])? {
            layer = layer.kernel_regularizer(regularizer);
        }
        if let Some(regularizer) = regularizer($config, &["bias_regularizer"])? {
            layer = layer.bias_regularizer(regularizer);
        }
        layer
    }};
}

/// The first of these regularizers that is described.
fn regularizer(config: &Config, keys: &[&str]) -> Result<Option<Regularizer>, String> {
    let Some(described) = keys.iter().map(|key| &config.0[*key]).find(|value| !value.is_null()) else {
        return Ok(None);
    };
    let factor = |key: &str| described["config"][key].as_f64().unwrap_or(0.0);
    match described["class_name"].as_str().unwrap_or_default() {
        "L1" | "L2" | "L1L2" => Ok(Some(Regularizer::l1_l2(factor("l1"), factor("l2")))),
        other => Err(format!("missing: there is no regularizer {other} yet")),
    }
}

fn activation(config: &Config) -> Result<Activation, String> {
    config.text("activation").parse().map_err(|error: course::Error| error.to_string())
}

fn padding(config: &Config) -> Result<Padding, String> {
    config.text("padding").parse().map_err(|error: course::Error| error.to_string())
}

fn convolution<const RANK: usize>(config: &Config) -> Result<AnyLayer, String> {
    let layer = Convolution::<RANK>::new(config.size("filters"), config.sizes("kernel_size"))
        .strides(config.sizes("strides"))
        .padding(padding(config)?)
        .dilation_rate(config.sizes("dilation_rate"))
        .groups(config.size("groups").max(1));
    Ok(with_kernel_options!(layer, config).handle())
}

fn depthwise(config: &Config) -> Result<AnyLayer, String> {
    let layer = DepthwiseConv2D::new(config.sizes("kernel_size")).depth_multiplier(config.size("depth_multiplier"));
    let layer = layer.strides(config.sizes("strides")).padding(padding(config)?);
    let layer = layer.dilation_rate(config.sizes("dilation_rate"));
    Ok(with_kernel_options!(layer, config).handle())
}

fn separable(config: &Config) -> Result<AnyLayer, String> {
    let layer = SeparableConv2D::new(config.size("filters"), config.sizes("kernel_size"));
    let layer = layer.depth_multiplier(config.size("depth_multiplier"));
    let layer = layer.strides(config.sizes("strides")).padding(padding(config)?);
    let layer = layer.dilation_rate(config.sizes("dilation_rate"));
    Ok(with_kernel_options!(layer, config).handle())
}

fn transposed(config: &Config) -> Result<AnyLayer, String> {
    let layer = Conv2DTranspose::new(config.size("filters"), config.sizes("kernel_size"));
    let layer = layer.strides(config.sizes("strides")).padding(padding(config)?);
    let layer = layer.dilation_rate(config.sizes("dilation_rate"));
    let layer = if config.0["output_padding"].is_null() {
        layer
    } else {
        layer.output_padding(config.sizes::<2>("output_padding"))
    };
    Ok(with_kernel_options!(layer, config).handle())
}

fn pooling<R: Reduction, const RANK: usize>(config: &Config) -> Result<AnyLayer, String> {
    let layer = Pooling::<R, RANK>::new(config.sizes("pool_size")).padding(padding(config)?);
    Ok(layer.strides(config.sizes("strides")).handle())
}

fn global_pooling<R: Reduction, const RANK: usize>(config: &Config) -> AnyLayer {
    GlobalPooling::<R, RANK>::new().keepdims(config.flag("keepdims")).handle()
}

/// What recurrent layers and cells do not have yet.
fn expect_plain(config: &Config) -> Result<(), String> {
    let dropped = ["dropout", "recurrent_dropout"].iter().any(|option| config.0[option].as_f64().unwrap_or(0.0) > 0.0);
    if dropped || config.flag("stateful") {
        return Err("missing: dropout and `stateful` of recurrent layers".into());
    }
    Ok(())
}

/// A cell as Keras describes it.
fn cell<C: Cell>(config: &Config) -> Result<CellLayer<C>, String> {
    expect_plain(config)?;
    let cell = CellLayer::<C>::new(config.size("units"));
    let cell = match config.text("recurrent_activation") {
        "" => cell,
        name => cell.recurrent_activation(name),
    };
    Ok(cell.activation(activation(config)?).use_bias(config.flag("use_bias")))
}

fn gru_cell(config: &Config) -> Result<GRUCell, String> {
    Ok(cell::<Gru>(config)?.reset_after(config.flag("reset_after")))
}

/// Adds a cell to those below it.
fn stacked(below: Option<StackedRNNCells>, cell: impl RnnCell) -> StackedRNNCells {
    match below {
        Some(below) => below.then(cell),
        None => StackedRNNCells::new(cell),
    }
}

fn rnn(config: &Config) -> Result<AnyLayer, String> {
    expect_plain(config)?;
    let described = &config.0["cell"];
    let (class_name, inner) = (described["class_name"].as_str().unwrap_or_default(), &Config(&described["config"]));
    let rnn = match class_name {
        "SimpleRNNCell" => RNN::new(cell::<Simple>(inner)?),
        "LSTMCell" => RNN::new(cell::<Lstm>(inner)?),
        "GRUCell" => RNN::new(gru_cell(inner)?),
        "StackedRNNCells" => RNN::new(stacked_cells(inner)?),
        _ => return Err(format!("missing: there is no cell {class_name} yet")),
    };
    let (sequences, state) = (config.flag("return_sequences"), config.flag("return_state"));
    Ok(rnn.return_sequences(sequences).return_state(state).go_backwards(config.flag("go_backwards")).handle())
}

fn stacked_cells(config: &Config) -> Result<StackedRNNCells, String> {
    let mut cells = None;
    for described in config.0["cells"].as_array().into_iter().flatten() {
        let inner = &Config(&described["config"]);
        cells = Some(match described["class_name"].as_str().unwrap_or_default() {
            "SimpleRNNCell" => stacked(cells, cell::<Simple>(inner)?),
            "LSTMCell" => stacked(cells, cell::<Lstm>(inner)?),
            "GRUCell" => stacked(cells, gru_cell(inner)?),
            other => return Err(format!("missing: there is no cell {other} yet")),
        });
    }
    cells.ok_or("missing: stacked cells without cells".into())
}

fn recurrent<C: Cell>(config: &Config) -> Result<Recurrent<C>, String> {
    expect_plain(config)?;
    let layer = Recurrent::<C>::new(config.size("units"))
        .return_sequences(config.flag("return_sequences"))
        .return_state(config.flag("return_state"))
        .go_backwards(config.flag("go_backwards"));
    let layer = match regularizer(config, &["recurrent_regularizer"])? {
        Some(regularizer) => layer.recurrent_regularizer(regularizer),
        None => layer,
    };
    let layer = match config.text("recurrent_activation") {
        "" => layer,
        name => layer.recurrent_activation(name),
    };
    Ok(with_kernel_options!(layer, config))
}

fn gru(config: &Config) -> Result<GRU, String> {
    Ok(recurrent::<Gru>(config)?.reset_after(config.flag("reset_after")))
}

fn bidirectional(config: &Config) -> Result<AnyLayer, String> {
    let (class_name, inner) =
        (config.0["layer"]["class_name"].as_str().unwrap_or_default(), &config.0["layer"]["config"]);
    let (inner, mode) = (&Config(inner), config.text("merge_mode"));
    Ok(match class_name {
        "SimpleRNN" => Bidirectional::new(recurrent::<Simple>(inner)?).merge_mode(mode).handle(),
        "LSTM" => Bidirectional::new(recurrent::<Lstm>(inner)?).merge_mode(mode).handle(),
        "GRU" => Bidirectional::new(gru(inner)?).merge_mode(mode).handle(),
        _ => return Err(format!("missing: {class_name} in both directions")),
    })
}

fn inner(config: &Config) -> Result<AnyLayer, String> {
    layer(config.0["layer"]["class_name"].as_str().unwrap_or_default(), &config.0["layer"]["config"])
}

fn relu(config: &Config) -> ReLU {
    let layer = ReLU::new().negative_slope(config.number("negative_slope")).threshold(config.number("threshold"));
    match config.0["max_value"].as_f64() {
        Some(most) => layer.max_value(most),
        None => layer,
    }
}

fn attention(config: &Config) -> Result<AnyLayer, String> {
    if !matches!(config.integers("attention_axes")[..], [] | [1]) {
        return Err("missing: attention over other axes than the steps".into());
    }
    let layer = MultiHeadAttention::new(config.size("num_heads"), config.size("key_dim"))
        .value_dim(config.0["value_dim"].as_u64().map_or(config.size("key_dim"), |size| size as usize))
        .use_bias(config.flag("use_bias"))
        .causal(config.flag("use_causal_mask"))
        .dropout(config.0["dropout"].as_f64().unwrap_or(0.0));
    Ok(match config.integers("output_shape")[..] {
        [size] => layer.output_dim(size as usize).handle(),
        _ => layer.handle(),
    })
}

fn normalization(config: &Config) -> Normalization {
    let layer = Normalization::new().invert(config.flag("invert"));
    let numbers = |key: &str| -> Vec<f32> {
        let flat = |value: &Value| value.as_f64().map(|number| number as f32);
        match &config.0[key] {
            Value::Array(numbers) => numbers.iter().filter_map(flat).collect(),
            number => flat(number).into_iter().collect(),
        }
    };
    match (numbers("mean"), numbers("variance")) {
        (mean, variance) if !mean.is_empty() => layer.statistics(&mean, &variance),
        _ => layer,
    }
}

/// The layer of this class.
pub fn layer(class_name: &str, config: &Value) -> Result<AnyLayer, String> {
    let config = &Config(config);
    Ok(match class_name {
        "Dense" => with_kernel_options!(Dense::new(config.size("units")), config).handle(),
        "Activation" => Activation::new(activation(config)?).handle(),
        "Flatten" => Flatten::new().handle(),
        "Reshape" => Reshape::to(&config.integers("target_shape")).handle(),
        "Dropout" => Dropout::new(config.number("rate")).handle(),
        "SpatialDropout1D" => SpatialDropout1D::new(config.number("rate")).handle(),
        "SpatialDropout2D" => SpatialDropout2D::new(config.number("rate")).handle(),
        "GaussianNoise" => GaussianNoise::new(config.number("stddev")).handle(),
        "Conv1D" => convolution::<1>(config)?,
        "Conv2D" => convolution::<2>(config)?,
        "DepthwiseConv2D" => depthwise(config)?,
        "SeparableConv2D" => separable(config)?,
        "Conv2DTranspose" => transposed(config)?,
        "MaxPooling1D" => pooling::<Maxima, 1>(config)?,
        "MaxPooling2D" => pooling::<Maxima, 2>(config)?,
        "AveragePooling1D" => pooling::<Means, 1>(config)?,
        "AveragePooling2D" => pooling::<Means, 2>(config)?,
        "GlobalMaxPooling1D" => global_pooling::<Maxima, 1>(config),
        "GlobalMaxPooling2D" => global_pooling::<Maxima, 2>(config),
        "GlobalAveragePooling1D" => global_pooling::<Means, 1>(config),
        "GlobalAveragePooling2D" => global_pooling::<Means, 2>(config),
        "Permute" => Permute::to(&config.integers("dims")).handle(),
        "RepeatVector" => RepeatVector::new(config.size("n")).handle(),
        "UpSampling2D" => {
            let interpolation: Interpolation =
                config.text("interpolation").parse().map_err(|_| "missing: interpolation")?;
            UpSampling2D::new(config.sizes("size")).interpolation(interpolation).handle()
        }
        "ZeroPadding2D" => ZeroPadding2D::new(config.margins("padding")).handle(),
        "Cropping2D" => Cropping2D::new(config.margins("cropping")).handle(),
        "Rescaling" => Rescaling::new(config.number("scale")).offset(config.number("offset")).handle(),
        "ReLU" => relu(config).handle(),
        "LeakyReLU" => LeakyReLU::new(config.number("negative_slope")).handle(),
        "ELU" => ELU::new(config.number("alpha")).handle(),
        "PReLU" => {
            let axes: Vec<usize> = config.integers("shared_axes").iter().map(|&axis| axis as usize).collect();
            PReLU::new().shared_axes(&axes).handle()
        }
        "Softmax" => Softmax::new().axis(config.0["axis"].as_i64().unwrap_or(-1)).handle(),
        "BatchNormalization" => BatchNormalization::new()
            .axis(config.0["axis"].as_i64().unwrap_or(-1))
            .momentum(config.number("momentum"))
            .epsilon(config.number("epsilon"))
            .center(config.flag("center"))
            .scale(config.flag("scale"))
            .handle(),
        "LayerNormalization" => LayerNormalization::new()
            .rms_scaling(config.flag("rms_scaling"))
            .axes(&config.integers("axis"))
            .epsilon(config.number("epsilon"))
            .center(config.flag("center"))
            .scale(config.flag("scale"))
            .handle(),
        "RMSNormalization" => {
            RMSNormalization::new().axes(&config.integers("axis")).epsilon(config.number("epsilon")).handle()
        }
        "SimpleRNN" => recurrent::<Simple>(config)?.handle(),
        "LSTM" => recurrent::<Lstm>(config)?.handle(),
        "GRU" => gru(config)?.handle(),
        "RandomFlip" => RandomFlip::new(config.text("mode")).handle(),
        "RandomTranslation" => {
            RandomTranslation::new(config.most("height_factor"), config.most("width_factor")).handle()
        }
        "RandomRotation" => RandomRotation::new(config.most("factor")).handle(),
        "SimpleRNNCell" => cell::<Simple>(config)?.handle(),
        "LSTMCell" => cell::<Lstm>(config)?.handle(),
        "GRUCell" => gru_cell(config)?.handle(),
        "StackedRNNCells" => stacked_cells(config)?.handle(),
        "RNN" => rnn(config)?,
        "Bidirectional" => bidirectional(config)?,
        "TimeDistributed" => TimeDistributed::of(inner(config)?).handle(),
        "MultiHeadAttention" => attention(config)?,
        "Normalization" if config.integers("axis") == [-1] => normalization(config).handle(),
        "Add" => Add::new().handle(),
        "Subtract" => Subtract::new().handle(),
        "Multiply" => Multiply::new().handle(),
        "Average" => Average::new().handle(),
        "Maximum" => Maximum::new().handle(),
        "Minimum" => Minimum::new().handle(),
        "Concatenate" => Concatenate::new().axis(config.0["axis"].as_i64().unwrap_or(-1)).handle(),
        "Dot" => {
            Dot::over(config.sizes("axes").map(|axis: usize| axis as i64)).normalize(config.flag("normalize")).handle()
        }
        "Embedding" => Embedding::new(config.size("input_dim"), config.size("output_dim")).handle(),
        _ => return Err(format!("missing: there is no layer {class_name} yet")),
    })
}

/// The optimizer of this class, with its options.
pub fn optimizer(class_name: &str, config: &Value) -> Result<Optimizer, String> {
    let known = |error: course::Error| format!("missing: {error}");
    let mut optimizer: Optimizer = class_name.parse().map_err(known)?;
    for (name, value) in config.as_object().into_iter().flatten() {
        if name == "learning_rate" && value.is_object() {
            optimizer =
                optimizer.scheduled(schedule(value["class_name"].as_str().unwrap_or_default(), &value["config"])?);
            continue;
        }
        let value = match value {
            Value::Bool(value) => f64::from(*value),
            Value::Number(value) => value.as_f64().unwrap_or(f64::NAN),
            _ => continue,
        };
        // What concerns the precision of other types and averaging of weights is off in all cases.
        let elsewhere = ["loss_scale_factor", "gradient_accumulation_steps", "use_ema", "ema_momentum"];
        if !elsewhere.contains(&name.as_str()) {
            optimizer = optimizer.with(name, value).map_err(known)?;
        }
    }
    Ok(optimizer)
}

/// The schedule of this class.
pub fn schedule(class_name: &str, config: &Value) -> Result<Schedule, String> {
    let config = Config(config);
    let number = |key: &str| config.number(key);
    let numbers = |key: &str| config.0[key].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let initial_learning_rate = number("initial_learning_rate");
    let (decay_steps, decay_rate, alpha) = (number("decay_steps"), number("decay_rate"), number("alpha"));
    let staircase = config.flag("staircase");
    Ok(match class_name {
        "ExponentialDecay" => Schedule::ExponentialDecay { initial_learning_rate, decay_steps, decay_rate, staircase },
        "InverseTimeDecay" => Schedule::InverseTimeDecay { initial_learning_rate, decay_steps, decay_rate, staircase },
        "PolynomialDecay" => Schedule::PolynomialDecay {
            initial_learning_rate,
            decay_steps,
            end_learning_rate: number("end_learning_rate"),
            power: number("power"),
            cycle: config.flag("cycle"),
        },
        "PiecewiseConstantDecay" => {
            Schedule::PiecewiseConstantDecay { boundaries: numbers("boundaries"), values: numbers("values") }
        }
        "CosineDecay" => Schedule::CosineDecay {
            initial_learning_rate,
            decay_steps,
            alpha,
            warmup_target: config.0["warmup_target"].as_f64(),
            warmup_steps: number("warmup_steps"),
        },
        "CosineDecayRestarts" => Schedule::CosineDecayRestarts {
            initial_learning_rate,
            first_decay_steps: number("first_decay_steps"),
            t_mul: number("t_mul"),
            m_mul: number("m_mul"),
            alpha,
        },
        _ => return Err(format!("missing: there is no schedule {class_name} yet")),
    })
}

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
