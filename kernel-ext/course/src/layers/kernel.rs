//! What layers with a kernel have in common: an activation, a bias, how the weights begin.

use super::weight_options::WeightOptions;
use crate::config::{Config, ConfigValue, OptionGroup};
use crate::{Activation, Initializer, Result, Tensor, Weight};

/// The options of a layer that multiplies by a kernel.
#[derive(Clone, Debug)]
pub(super) struct KernelOptions {
    pub activation: Activation,
    pub use_bias: bool,
    pub kernel: WeightOptions,
    pub bias: WeightOptions,
    /// What the options of the kernel are called: `kernel` in `kernel_initializer`.
    pub of_kernel: &'static str,
}

impl Default for KernelOptions {
    /// No activation, a bias of zeros, and Glorot's uniform kernel.
    fn default() -> Self {
        Self {
            of_kernel: "kernel",
            activation: Activation::Linear,
            use_bias: true,
            kernel: Initializer::GlorotUniform.into(),
            bias: Initializer::Zeros.into(),
        }
    }
}

impl OptionGroup for KernelOptions {
    fn describe(&self, config: Config) -> Config {
        let config = config.with("activation", self.activation.to_json()).with("use_bias", self.use_bias);
        self.bias.describe(self.kernel.describe(config, self.of_kernel), "bias")
    }

    fn read(&mut self, config: &Config) -> Result<()> {
        config.set("activation", &mut self.activation)?;
        config.set("use_bias", &mut self.use_bias)?;
        self.kernel.read(config, self.of_kernel)?;
        self.bias.read(config, "bias")
    }
}

impl KernelOptions {
    /// For a layer whose kernel has another name.
    pub fn of(of_kernel: &'static str) -> Self {
        Self { of_kernel, ..Self::default() }
    }

    pub fn kernel(&self, layer: &str, name: &str, shape: &[usize]) -> Weight {
        self.kernel.weight(format!("{layer}/{name}"), shape)
    }

    /// The bias of so many units, if there is one.
    pub fn bias(&self, layer: &str, units: usize) -> Option<Weight> {
        self.use_bias.then(|| self.bias.weight(format!("{layer}/bias"), &[units]))
    }

    /// Applies the activation to what the kernel made.
    pub fn activate(&self, sums: &Tensor, layer: &str) -> Result<Tensor> {
        self.activation.apply(sums, layer)
    }
}

/// The methods that set these options, for layers that keep them in this place, with the names of those of the
/// kernel where they are others.
macro_rules! kernel_options {
    ($layer:ty $(, for [$($parameters:tt)*])?; $($place:ident).+) => {
        $crate::layers::kernel::kernel_options! {
            $layer $(, for [$($parameters)*])?; $($place).+,
            "the kernel": kernel_initializer, kernel_regularizer, kernel_constraint
        }
    };
    (
        $layer:ty $(, for [$($parameters:tt)*])?; $($place:ident).+,
        $kernel:literal: $initializer:ident, $regularizer:ident, $constraint:ident
    ) => {
        impl $(<$($parameters)*>)? $layer {
            /// What is applied to the sums: `"relu"`, [`Activation::Relu`](crate::Activation::Relu), ...
            ///
            /// # Panics
            /// When there is no function of this name.
            #[must_use]
            #[track_caller]
            pub fn activation(mut self, activation: impl Into<crate::Activation>) -> Self {
                self.$($place).+.activation = activation.into();
                self
            }

            /// Whether a bias is added.
            #[must_use]
            pub fn use_bias(mut self, use_bias: bool) -> Self {
                self.$($place).+.use_bias = use_bias;
                self
            }
        }

        $crate::layers::weight_options::weight_options! {
            $layer $(, for [$($parameters)*])?;
            $kernel in $($place).+.kernel: $initializer, $regularizer, $constraint
        }
        $crate::layers::weight_options::weight_options! {
            $layer $(, for [$($parameters)*])?;
            "the bias" in $($place).+.bias: bias_initializer, bias_regularizer, bias_constraint
        }
    };
}
pub(super) use kernel_options;

/// Checks a size when it is given, so that the message points at its line.
#[track_caller]
pub(super) fn at_least_1(layer: &str, option: &str, size: usize) -> usize {
    use crate::error::{Error, Report, expect_good};
    if size == 0 {
        let report = Report::new(layer, format!("`{option}` is too small")).expected("at least 1", size);
        expect_good(Err(Error::value(report)))
    }
    size
}
