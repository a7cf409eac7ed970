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
            Self::Exponential => "exponential",
            Self::Elu => "elu",
            Self::Selu => "selu",
            Self::LeakyRelu => "leaky_relu",
            Self::Softplus => "softplus",
            Self::Softsign => "softsign",
            Self::Silu => "silu",
            Self::Gelu => "gelu",
            Self::HardSigmoid => "hard_sigmoid",
        };
        ops::unary(op, input, label)
    }
}
