//! Layers, optimizers and models from the JSON by which Keras describes them. This file: what all share, and layers.

pub mod models;
mod recurrent;
pub mod training;

use course::layers::*;
use course::prelude::*;
use recurrent::{bidirectional, cell, gru, gru_cell, recurrent, rnn, stacked_cells};
use serde_json::Value;

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
use with_kernel_options;

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
