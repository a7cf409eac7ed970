//! The functions that layers put behind their sums.

use crate::named::names_of;
use crate::{Result, Tensor, ops};

/// A function that is applied to every number of a layer's output (softmax: to every row).
///
/// | name | f(x) |
/// | --- | --- |
/// | `linear` | x |
/// | `relu` | max(x, 0) |
/// | `sigmoid` | 1 / (1 + e^-x) |
/// | `tanh` | (e^x - e^-x) / (e^x + e^-x) |
/// | `softmax` | e^x_i / Σ_j e^x_j over the last axis |
/// | `exponential` | e^x |
/// | `elu` | x, below 0: e^x - 1 |
/// | `selu` | 1.0507 x, below 0: 1.7581 (e^x - 1) |
/// | `leaky_relu` | x, below 0: 0.2 x |
/// | `softplus` | ln(1 + e^x) |
/// | `softsign` | x / (1 + \|x\|) |
/// | `silu` (`swish`) | x sigmoid(x) |
/// | `gelu` | x Φ(x), Φ the normal distribution |
/// | `hard_sigmoid` | x / 6 + 1/2, kept between 0 and 1 |
///
/// Source: `keras/src/activations/activations.py`.
///
/// ```
/// use course::prelude::*;
/// assert_eq!(Activation::from("relu"), Activation::Relu);
/// let error = "rleu".parse::<Activation>().unwrap_err();
/// assert!(error.to_string().ends_with("hint: did you mean \"relu\"?"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// The identity.
    #[default]
    Linear,
    /// Negative numbers become 0.
    Relu,
    /// Between 0 and 1: the probability of one of two classes.
    Sigmoid,
    /// Between -1 and 1.
    Tanh,
    /// Probabilities of several classes, which sum to 1.
    Softmax,
    /// The exponential function.
    Exponential,
    /// Smooth below 0, down to -1.
    Elu,
    /// Keeps mean and variance from layer to layer.
    Selu,
    /// A gentle slope below 0.
    LeakyRelu,
    /// A smooth relu.
    Softplus,
    /// Between -1 and 1, slower than tanh.
    Softsign,
    /// A smooth relu that dips below 0; also called swish.
    Silu,
    /// A smooth relu used in transformers.
    Gelu,
    /// A sigmoid of straight lines.
    HardSigmoid,
    /// At most 6, and 0 below 0.
    Relu6,
    /// The logarithm of softmax.
    LogSoftmax,
    /// As elu, with a slope of 1 at 0.
    Celu,
    /// x tanh(softplus(x)).
    Mish,
    /// A silu of straight lines and a parabola; also called hard_swish.
    HardSilu,
    /// x between -1 and 1, cut off beyond.
    HardTanh,
    /// x, and 0 near 0.
    HardShrink,
    /// x moved towards 0.
    SoftShrink,
    /// x - tanh(x).
    TanhShrink,
    /// The logarithm of sigmoid.
    LogSigmoid,
    /// A softplus that is 0 below -1.
    SparsePlus,
    /// A straight line from 0 to 1.
    SparseSigmoid,
    /// (x + sqrt(x² + 4)) / 2.
    Squareplus,
    /// Probabilities of which many are 0 (Martins and Astudillo, ICML 2016). Those of Keras 3.15 do not sum to 1.
    Sparsemax,
    /// Half of the features, gated by the other half.
    Glu,
}

names_of! {
    Activation, "activation function" {
        "linear" => Activation::Linear,
        "relu" => Activation::Relu,
        "sigmoid" => Activation::Sigmoid,
        "tanh" => Activation::Tanh,
        "softmax" => Activation::Softmax,
        "exponential" => Activation::Exponential,
        "elu" => Activation::Elu,
        "selu" => Activation::Selu,
        "leaky_relu" => Activation::LeakyRelu,
        "softplus" => Activation::Softplus,
        "softsign" => Activation::Softsign,
        "silu" | "swish" => Activation::Silu,
        "gelu" => Activation::Gelu,
        "hard_sigmoid" => Activation::HardSigmoid,
        "relu6" => Activation::Relu6,
        "log_softmax" => Activation::LogSoftmax,
        "celu" => Activation::Celu,
        "mish" => Activation::Mish,
        "hard_silu" | "hard_swish" => Activation::HardSilu,
        "hard_tanh" => Activation::HardTanh,
        "hard_shrink" => Activation::HardShrink,
        "soft_shrink" => Activation::SoftShrink,
        "tanh_shrink" => Activation::TanhShrink,
        "log_sigmoid" => Activation::LogSigmoid,
        "sparse_plus" => Activation::SparsePlus,
        "sparse_sigmoid" => Activation::SparseSigmoid,
        "squareplus" => Activation::Squareplus,
        "sparsemax" => Activation::Sparsemax,
        "glu" => Activation::Glu,
    }
}

impl Activation {
    /// Applies the function to a symbolic tensor; `label` says for whom.
    ///
    /// # Errors
    /// What the op's shape rule finds wrong, such as softmax of a scalar.
    pub fn apply(self, input: &Tensor, label: &str) -> Result<Tensor> {
        let op = match self {
            Self::Linear => return Ok(input.clone()),
            Self::Relu => "relu",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Softmax => "softmax",
            Self::Exponential => "exp",
            Self::Elu => "elu",
            Self::Selu => "selu",
            Self::LeakyRelu => "leaky_relu",
            Self::Softplus => "softplus",
            Self::Softsign => "softsign",
            Self::Silu => "silu",
            Self::Gelu => "gelu",
            Self::HardSigmoid => "hard_sigmoid",
            Self::Relu6 => "relu6",
            Self::LogSoftmax => "log_softmax",
            Self::Celu => "celu",
            Self::Mish => "mish",
            Self::HardSilu => "hard_silu",
            Self::HardTanh => "hard_tanh",
            Self::HardShrink => "hard_shrink",
            Self::SoftShrink => "soft_shrink",
            Self::TanhShrink => "tanh_shrink",
            Self::LogSigmoid => "log_sigmoid",
            Self::SparsePlus => "sparse_plus",
            Self::SparseSigmoid => "sparse_sigmoid",
            Self::Squareplus => "squareplus",
            Self::Sparsemax => "sparsemax",
            Self::Glu => "glu",
        };
        ops::unary(op, input, label)
    }
}
