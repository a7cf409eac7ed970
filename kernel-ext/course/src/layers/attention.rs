//! Attention: each place of a sequence looks at the places of another one.

use super::kernel::at_least_1;
use super::weight_options::{WeightOptions, weight_options};
use super::{AnyLayer, Dropout, Handle, Layer, LayerBase};
use crate::config::Config;
use crate::error::{Error, Report, Result};
use crate::{Initializer, Tensor, Weight, ops};
use engine_api::{Attr, Op, Shape};

/// Attention with several heads: each head projects queries, keys and values, weighs the values by
/// softmax(Q Kᵀ / √key_dim), and what all heads have found is projected once more.
///
/// It is called on a query and a value, which is the key too, or on query, value and key.
///
/// # Shapes
/// query (batch, T, d), value (batch, S, v), key (batch, S, k) -> (batch, T, d). The kernels are (d, heads, key_dim),
/// (k, heads, key_dim), (v, heads, value_dim) and (heads, value_dim, d).
///
/// Sources: Vaswani et al., 2017; `keras/src/layers/attention/multi_head_attention.py`.
///
/// ```
/// use course::prelude::*;
/// let words = Input::new([20, 64]).tensor();
/// let attention = MultiHeadAttention::new(4, 16);
/// let seen = attention.call([&words, &words]);
/// assert_eq!(seen.shape().to_string(), "(None, 20, 64)");
/// assert_eq!(attention.count_params(), 4 * (64 * 64 + 64));
/// ```
#[derive(Clone, Debug)]
pub struct MultiHeadAttention {
    base: LayerBase,
    num_heads: usize,
    key_dim: usize,
    value_dim: usize,
    output_dim: Option<usize>,
    use_bias: bool,
    causal: bool,
    dropout: Option<Dropout>,
    kernel: WeightOptions,
    bias: WeightOptions,
}

weight_options! {
    MultiHeadAttention; "each kernel" in kernel: kernel_initializer, kernel_regularizer, kernel_constraint
}
weight_options! {
    MultiHeadAttention; "each bias" in bias: bias_initializer, bias_regularizer, bias_constraint
}

impl MultiHeadAttention {
    /// So many heads with queries and keys of this size.
    ///
    /// # Panics
    /// When a number is 0.
    #[track_caller]
    pub fn new(num_heads: usize, key_dim: usize) -> Self {
        let [num_heads, key_dim] = [("num_heads", num_heads), ("key_dim", key_dim)]
            .map(|(option, size)| at_least_1("MultiHeadAttention", option, size));
        Self {
            base: LayerBase::new("MultiHeadAttention"),
            num_heads,
            key_dim,
            value_dim: key_dim,
            output_dim: None,
            use_bias: true,
            causal: false,
            dropout: None,
            kernel: Initializer::GlorotUniform.into(),
            bias: Initializer::Zeros.into(),
        }
    }

    /// The size of the values of a head; that of the keys without this.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub fn value_dim(mut self, value_dim: usize) -> Self {
        self.value_dim = at_least_1("MultiHeadAttention", "value_dim", value_dim);
        self
    }

    /// The size of the output; that of the query without this.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub fn output_dim(mut self, output_dim: usize) -> Self {
        self.output_dim = Some(at_least_1("MultiHeadAttention", "output_dim", output_dim));
        self
    }

    /// Whether biases are added.
    #[must_use]
    pub fn use_bias(mut self, use_bias: bool) -> Self {
        self.use_bias = use_bias;
        self
    }

    /// Whether a place sees only the places up to its own: Keras's `use_causal_mask`.
    #[must_use]
    pub fn causal(mut self, causal: bool) -> Self {
        self.causal = causal;
        self
    }

    /// Which part of the attention is dropped while the model trains.
    ///
    /// # Panics
    /// When the rate is not in [0, 1).
    #[must_use]
    #[track_caller]
    pub fn dropout(mut self, rate: f64) -> Self {
        self.dropout = (rate != 0.0).then(|| Dropout::new(rate));
        self
    }

    /// What a sequence is projected to by a kernel (features, heads, size): (batch, heads, steps, size).
    fn project(&self, sequence: &Tensor, weights: &[Weight], size: usize) -> Result<Tensor> {
        let name = self.base.name();
        let (steps, features) = steps_and_features(&self.base, sequence.shape())?;
        let all = (self.num_heads * size) as i64;
        let kernel = ops::view(&weights[0].tensor(), &[features as i64, all], &name)?;
        let bias = weights.get(1).map(|bias| ops::view(&bias.tensor(), &[all], &name)).transpose()?;
        let projected = ops::dense(sequence, &kernel, bias.as_ref(), &name)?;
        let heads = ops::reshape(&projected, &[steps as i64, self.num_heads as i64, size as i64], &name)?;
        ops::transpose(&heads, &[0, 2, 1, 3], &name)
    }

    /// How much each query weighs each key: (batch, heads, T, S).
    fn scores(&self, query: &Tensor, key: &Tensor) -> Result<Tensor> {
        let name = self.base.name();
        let query = ops::affine(query, 1.0 / (self.key_dim as f64).sqrt(), 0.0, &name)?;
        let products = Op::new("matmul").with("transpose_b", Attr::Bool(true));
        let mut scores = Tensor::apply(products, &[&query, key], &name)?;
        if self.causal {
            scores = ops::binary("add", &scores, &self.mask(&scores)?, &name)?;
        }
        let shares = ops::unary("softmax", &scores, &name)?;
        self.dropout.as_ref().map_or(Ok(shares.clone()), |dropout| dropout.try_call(&shares))
    }

    /// 0 where a place may be seen, and far below 0 elsewhere.
    fn mask(&self, scores: &Tensor) -> Result<Tensor> {
        const HIDDEN: f32 = -1e9;
        let [queries, keys] = [2, 3].map(|axis| scores.shape().0[axis].unwrap_or(0));
        let at = |place: usize| if place % keys <= place / keys { 0.0 } else { HIDDEN };
        Tensor::apply(Op::constant(&[queries, keys], (0..queries * keys).map(at).collect()), &[], &self.base.name())
    }
}

fn steps_and_features(base: &LayerBase, shape: &Shape) -> Result<(usize, usize)> {
    match shape.0[..] {
        [_, Some(steps), Some(features)] => Ok((steps, features)),
        _ => {
            let report = Report::new(base.place(), "it takes sequences of known length");
            Err(Error::shape(report.expected("(None, steps, features)", shape)))
        }
    }
}

impl Layer for MultiHeadAttention {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        let dropout = self.dropout.as_ref().map_or(0.0, Dropout::rate);
        let config = config.with("num_heads", self.num_heads).with("key_dim", self.key_dim);
        let config = config.with("value_dim", self.value_dim).with("dropout", dropout).with("use_bias", self.use_bias);
        let config = self.kernel.describe(config.with("output_shape", self.output_dim), "kernel");
        let config = self.bias.describe(config, "bias");
        // Keras has no such option of the layer, only of its calls.
        if self.causal { config.with("use_causal_mask", true) } else { config }
    }

    fn with_options(config: &Config) -> Result<Self> {
        let mut layer = Self::new(config.size("num_heads")?, config.size("key_dim")?);
        if config.find::<f64>("dropout")?.is_some() {
            layer = layer.dropout(config.checked("dropout", "0 or more, below 1", |rate| (0.0..1.0).contains(rate))?);
        }
        if let Some(sizes) = config.find::<Vec<usize>>("output_shape")? {
            let &[size @ 1..=usize::MAX] = sizes.as_slice() else {
                return Err(config.cannot_be("output_shape", "a single size from 1 on", &config["output_shape"]));
            };
            layer = layer.output_dim(size);
        }
        config.set_size("value_dim", &mut layer.value_dim)?;
        config.set("use_bias", &mut layer.use_bias)?;
        config.set("use_causal_mask", &mut layer.causal)?;
        config.fixed("attention_axes", &vec![1_i64])?;
        layer.kernel.read(config, "kernel")?;
        layer.bias.read(config, "bias")?;
        Ok(layer)
    }

    fn parts(&self) -> Vec<AnyLayer> {
        self.dropout.iter().map(Handle::handle).collect()
    }

    fn build_all(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let [query, value, rest @ ..] = inputs else { return Err(number_of_inputs(&self.base, inputs.len())) };
        let features = |shape: &Shape| steps_and_features(&self.base, shape).map(|(_, features)| features);
        let (query, value, key) = (features(query)?, features(value)?, features(rest.first().unwrap_or(value))?);
        let (heads, output) = (self.num_heads, self.output_dim.unwrap_or(query));
        let name = self.base.name();
        let mut weights = Vec::new();
        for (part, kernel, bias) in [
            ("query", [query, heads, self.key_dim], vec![heads, self.key_dim]),
            ("key", [key, heads, self.key_dim], vec![heads, self.key_dim]),
            ("value", [value, heads, self.value_dim], vec![heads, self.value_dim]),
            ("attention_output", [heads, self.value_dim, output], vec![output]),
        ] {
            weights.push(self.kernel.weight(format!("{name}/{part}/kernel"), &kernel));
            if self.use_bias {
                weights.push(self.bias.weight(format!("{name}/{part}/bias"), &bias));
            }
        }
        Ok(weights)
    }

    fn forward(&self, _: &Tensor, _: &[Weight]) -> Result<Tensor> {
        Err(number_of_inputs(&self.base, 1))
    }

    fn forward_all(&self, inputs: &[Tensor], weights: &[Weight]) -> Result<Vec<Tensor>> {
        let [query, value, rest @ ..] = inputs else { return Err(number_of_inputs(&self.base, inputs.len())) };
        if rest.len() > 1 {
            return Err(number_of_inputs(&self.base, inputs.len()));
        }
        let (name, key) = (self.base.name(), rest.first().unwrap_or(value));
        let parts: Vec<&[Weight]> = weights.chunks(if self.use_bias { 2 } else { 1 }).collect();
        let query_heads = self.project(query, parts[0], self.key_dim)?;
        let key_heads = self.project(key, parts[1], self.key_dim)?;
        let value_heads = self.project(value, parts[2], self.value_dim)?;
        let scores = self.scores(&query_heads, &key_heads)?;
        let found = Tensor::apply(Op::new("matmul"), &[&scores, &value_heads], &name)?;
        let together = ops::transpose(&found, &[0, 2, 1, 3], &name)?;
        let (steps, _) = steps_and_features(&self.base, query.shape())?;
        let width = (self.num_heads * self.value_dim) as i64;
        let flat = ops::reshape(&together, &[steps as i64, width], &name)?;
        let output = *parts[3][0].shape().last().unwrap_or(&0) as i64;
        let kernel = ops::view(&parts[3][0].tensor(), &[width, output], &name)?;
        let bias = parts[3].get(1).map(Weight::tensor);
        Ok(vec![ops::dense(&flat, &kernel, bias.as_ref(), &name)?])
    }
}

fn number_of_inputs(base: &LayerBase, received: usize) -> Error {
    let report =
        Report::new(base.place(), "it takes a query and a value, and perhaps a key").expected("2 or 3", received);
    Error::shape(report.hint("for attention of a sequence to itself: `.call([&x, &x])`"))
}
