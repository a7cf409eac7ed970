//! Layers from their descriptions, and the other way round.

use super::{Config, value::object};
use crate::error::{Error, Report, Result};
use crate::layers::*;
use engine_api::Json;
use std::fmt;
use std::sync::Arc;

type Make = fn(&Config) -> Result<AnyLayer>;

/// Kinds of layers of the user's own, for descriptions in which they occur.
///
/// Source: `custom_objects` of `keras/src/saving/serialization_lib.py`.
#[derive(Clone, Default)]
pub struct CustomObjects(Arc<Vec<(&'static str, Make)>>);

impl CustomObjects {
    /// No layers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind of layer under the name of its class; [`Layer::with_options`] makes one.
    #[must_use]
    pub fn layer<L: Layer + Clone>(self, class_name: &'static str) -> Self {
        let mut layers = Vec::clone(&self.0);
        layers.push((class_name, made::<L>));
        Self(Arc::new(layers))
    }
}

impl fmt::Debug for CustomObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(class_name, _)| class_name)).finish()
    }
}

fn made<L: Layer + Clone>(config: &Config) -> Result<AnyLayer> {
    Ok(L::from_config(config)?.handle())
}

/// The layers of this crate by their classes.
const KNOWN: &[(&str, Make)] = &[
    ("Activation", made::<ActivationLayer>),
    ("Add", made::<Add>),
    ("Average", made::<Average>),
    ("AveragePooling1D", made::<AveragePooling1D>),
    ("AveragePooling2D", made::<AveragePooling2D>),
    ("BatchNormalization", made::<BatchNormalization>),
    ("Bidirectional", bidirectional),
    ("Concatenate", made::<Concatenate>),
    ("Conv1D", made::<Conv1D>),
    ("Conv2D", made::<Conv2D>),
    ("Conv2DTranspose", made::<Conv2DTranspose>),
    ("Cropping2D", made::<Cropping2D>),
    ("Dense", made::<Dense>),
    ("DepthwiseConv2D", made::<DepthwiseConv2D>),
    ("Dot", made::<Dot>),
    ("Dropout", made::<Dropout>),
    ("ELU", made::<ELU>),
    ("Embedding", made::<Embedding>),
    ("Flatten", made::<Flatten>),
    ("GRU", made::<GRU>),
    ("GRUCell", made::<GRUCell>),
    ("GaussianNoise", made::<GaussianNoise>),
    ("GlobalAveragePooling1D", made::<GlobalAveragePooling1D>),
    ("GlobalAveragePooling2D", made::<GlobalAveragePooling2D>),
    ("GlobalMaxPooling1D", made::<GlobalMaxPooling1D>),
    ("GlobalMaxPooling2D", made::<GlobalMaxPooling2D>),
    ("LSTM", made::<LSTM>),
    ("LSTMCell", made::<LSTMCell>),
    ("LayerNormalization", made::<LayerNormalization>),
    ("LeakyReLU", made::<LeakyReLU>),
    ("MaxPooling1D", made::<MaxPooling1D>),
    ("MaxPooling2D", made::<MaxPooling2D>),
    ("Maximum", made::<Maximum>),
    ("Minimum", made::<Minimum>),
    ("MultiHeadAttention", made::<MultiHeadAttention>),
    ("Multiply", made::<Multiply>),
    ("Normalization", made::<Normalization>),
    ("PReLU", made::<PReLU>),
    ("Permute", made::<Permute>),
    ("RMSNormalization", made::<RMSNormalization>),
    ("RNN", made::<RNN>),
    ("RandomFlip", made::<RandomFlip>),
    ("RandomRotation", made::<RandomRotation>),
    ("RandomTranslation", made::<RandomTranslation>),
    ("ReLU", made::<ReLU>),
    ("RepeatVector", made::<RepeatVector>),
    ("Rescaling", made::<Rescaling>),
    ("Reshape", made::<Reshape>),
    ("SeparableConv2D", made::<SeparableConv2D>),
    ("SimpleRNN", made::<SimpleRNN>),
    ("SimpleRNNCell", made::<SimpleRNNCell>),
    ("Softmax", made::<Softmax>),
    ("SpatialDropout1D", made::<SpatialDropout1D>),
    ("SpatialDropout2D", made::<SpatialDropout2D>),
    ("StackedRNNCells", made::<StackedRNNCells>),
    ("Subtract", made::<Subtract>),
    ("TimeDistributed", made::<TimeDistributed>),
    ("UpSampling2D", made::<UpSampling2D>),
    ("ZeroPadding2D", made::<ZeroPadding2D>),
];

/// Which kinds of layers go both ways is known only when the description is read.
fn bidirectional(config: &Config) -> Result<AnyLayer> {
    let kind = |option: &str| config[option]["class_name"].as_str().unwrap_or_default();
    let backward = if config["backward_layer"].is_null() { kind("layer") } else { kind("backward_layer") };
    match kind("layer") {
        "SimpleRNN" => with_backward::<Simple>(config, backward),
        "LSTM" => with_backward::<Lstm>(config, backward),
        "GRU" => with_backward::<Gru>(config, backward),
        other => Err(config.cannot_be("layer", RECURRENT, &other.into())),
    }
}

fn with_backward<C: Cell>(config: &Config, backward: &str) -> Result<AnyLayer> {
    match backward {
        "SimpleRNN" => made::<Bidirectional<C, Simple>>(config),
        "LSTM" => made::<Bidirectional<C, Lstm>>(config),
        "GRU" => made::<Bidirectional<C, Gru>>(config),
        other => Err(config.cannot_be("backward_layer", RECURRENT, &other.into())),
    }
}

/// What goes through sequences.
const RECURRENT: &str = "a SimpleRNN, a GRU or an LSTM";

/// The layer that Keras would describe so: `{"class_name": "Dense", "config": {"units": 10, ...}}`.
///
/// Source: `keras.layers.deserialize`.
///
/// ```
/// use course::config::{CustomObjects, deserialize, serialize};
/// use course::prelude::*;
/// let described = serialize(&Conv2D::new(32, 3).padding("same"));
/// let copy = deserialize(&described, &CustomObjects::new())?;
/// assert_eq!(copy.call(&Input::new([8, 8, 1]).tensor()).shape().to_string(), "(None, 8, 8, 32)");
/// # Ok::<(), course::Error>(())
/// ```
///
/// # Errors
/// [`Error::Name`] when there is no layer of this class, [`Error::Value`] when it cannot have these options.
pub fn deserialize(description: &Json, custom: &CustomObjects) -> Result<AnyLayer> {
    let Some(class_name) = description["class_name"].as_str() else {
        let report = Report::new("deserialize", "this does not describe a layer");
        let expected = "{\"class_name\": ..., \"config\": {...}}";
        return Err(Error::value(report.expected(expected, description)));
    };
    if super::models::is_model(class_name) {
        return Ok(super::models::model(description, custom)?.as_layer());
    }
    let mut makers = custom.0.iter().chain(KNOWN);
    let Some((_, make)) = makers.find(|(known, _)| *known == class_name) else {
        let known = custom.0.iter().chain(KNOWN).map(|(known, _)| (*known).to_string()).collect();
        return Err(Error::Name { kind: "layer", given: class_name.into(), known });
    };
    make(&Config::of(class_name, &description["config"], custom))
}

/// The description of a layer from which Keras and [`deserialize`] make the same one, with new weights.
///
/// Source: `keras.layers.serialize`.
pub fn serialize(layer: &impl Handle) -> Json {
    let layer = layer.handle();
    described(layer.class_name(), layer.get_config().to_json())
}

/// The description of a layer or model of this class, with the place at which Keras finds the class.
pub fn described(class_name: &str, config: Json) -> Json {
    let module = match class_name {
        "Sequential" => "keras",
        "Functional" => "keras.src.models.functional",
        _ => "keras.layers",
    };
    object(module, class_name, config)
}

impl Config {
    /// The layer that an option describes.
    pub(crate) fn layer(&self, option: &str) -> Result<AnyLayer> {
        deserialize(&self[option], self.custom())
    }

    /// Gives a layer what all have: name, whether it is trained; and checks that nothing else is asked for.
    pub(crate) fn finish(&self, base: &LayerBase) -> Result<()> {
        if let Some(name) = self.find::<String>("name")? {
            base.set_name(&name);
        }
        if let Some(trainable) = self.find("trainable")? {
            base.set_trainable(trainable);
        }
        if let Some(regularizer) = self.find("activity_regularizer")? {
            base.set_activity_regularizer(regularizer);
        }
        let dtype = &self["dtype"];
        let precision = dtype.as_str().or(dtype["config"]["name"].as_str()).or(dtype["name"].as_str());
        if precision.is_some_and(|precision| precision != "float32") {
            return Err(self.cannot_be("dtype", "float32: numbers of other precision are not there yet", dtype));
        }
        self.fixed("data_format", &String::from("channels_last"))?;
        self.expect_all_read()
    }
}

/// What stands for 32-bit numbers.
pub(crate) fn float32() -> Json {
    object("keras", "DTypePolicy", Json::object([("name", "float32".into())]))
}
