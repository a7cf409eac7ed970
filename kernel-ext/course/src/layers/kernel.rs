//! What layers with a kernel have in common: an activation, a bias, how the weights begin.

use crate::config::{Config, ConfigValue, OptionGroup};
use crate::{Activation, Initializer, Regularizer, Result, Tensor, Weight};

/// The options of a layer that multiplies by a kernel.
#[derive(Clone, Debug)]
pub(super) struct KernelOptions {
    pub activation: Activation,
    pub use_bias: bool,
    pub kernel_initializer: Initializer,
    pub bias_initializer: Initializer,
    pub kernel_regularizer: Option<Regularizer>,
    pub bias_regularizer: Option<Regularizer>,
    /// What the options of the kernel, or of several kernels alike, are called: `kernel` in `kernel_initializer`.
    pub kernels: &'static [&'static str],
}

impl Default for KernelOptions {
    /// No activation, a bias of zeros, and Glorot's uniform kernel.
    fn default() -> Self {
        Self {
            kernels: &["kernel"],
            activation: Activation::Linear,
            use_bias: true,
            kernel_initializer: Initializer::GlorotUniform,
            bias_initializer: Initializer::Zeros,
            kernel_regularizer: None,
            bias_regularizer: None,
        }
    }
}

impl OptionGroup for KernelOptions {
    fn describe(&self, config: Config) -> Config {
        let config = config.with("activation", self.activation.to_json()).with("use_bias", self.use_bias);
        let config = self.kernels.iter().fold(config, |config, kernel| {
            config
                .with(&format!("{kernel}_initializer"), self.kernel_initializer.to_json())
                .with(&format!("{kernel}_regularizer"), self.kernel_regularizer.to_json())
        });
        config
            .with("bias_initializer", self.bias_initializer.to_json())
            .with("bias_regularizer", self.bias_regularizer.to_json())
    }

    fn read(&mut self, config: &Config) -> Result<()> {
        config.set("activation", &mut self.activation)?;
        config.set("use_bias", &mut self.use_bias)?;
        for (place, kernel) in self.kernels.iter().enumerate() {
            let [initializer, regularizer] = ["initializer", "regularizer"].map(|option| format!("{kernel}_{option}"));
            if place == 0 {
                config.set(&initializer, &mut self.kernel_initializer)?;
                config.set(&regularizer, &mut self.kernel_regularizer)?;
            } else {
                // Several kernels of a layer share these options.
                config.fixed(&initializer, &self.kernel_initializer)?;
                config.fixed(&regularizer, &self.kernel_regularizer)?;
            }
        }
        config.set("bias_initializer", &mut self.bias_initializer)?;
        config.set("bias_regularizer", &mut self.bias_regularizer)
    }
}

impl KernelOptions {
    /// For a layer whose kernels have other names.
    pub fn of(kernels: &'static [&'static str]) -> Self {
        Self { kernels, ..Self::default() }
    }

    pub fn kernel(&self, layer: &str, name: &str, shape: &[usize]) -> Weight {
        let kernel = Weight::new(format!("{layer}/{name}"), shape, self.kernel_initializer.values(shape));
        kernel.regularized(self.kernel_regularizer)
    }

    /// The bias of so many units, if there is one.
    pub fn bias(&self, layer: &str, units: usize) -> Option<Weight> {
        let values = || self.bias_initializer.values(&[units]);
        let bias = || Weight::new(format!("{layer}/bias"), &[units], values());
        self.use_bias.then(|| bias().regularized(self.bias_regularizer))
    }

    /// Applies the activation to what the kernel made.
    pub fn activate(&self, sums: &Tensor, layer: &str) -> Result<Tensor> {
        self.activation.apply(sums, layer)
    }
}

/// The methods that set these options, for layers that keep them in the field `kernel`.
macro_rules! kernel_options {
    ($layer:ty $(, for $($parameters:tt)*)?) => {
        impl $(<$($parameters)*>)? $layer {
            /// What is applied to the sums: `"relu"`, [`Activation::Relu`](crate::Activation::Relu), ...
            ///
            /// # Panics
            /// When there is no function of this name.
            #[must_use]
            #[track_caller]
            pub fn activation(mut self, activation: impl Into<crate::Activation>) -> Self {
                self.kernel.activation = activation.into();
                self
            }

            /// Whether a bias is added.
            #[must_use]
            pub fn use_bias(mut self, use_bias: bool) -> Self {
                self.kernel.use_bias = use_bias;
                self
            }

            /// How the kernel begins.
            ///
            /// # Panics
            /// When there is no initialiser of this name.
            #[must_use]
            #[track_caller]
            pub fn kernel_initializer(mut self, initializer: impl Into<crate::Initializer>) -> Self {
                self.kernel.kernel_initializer = initializer.into();
                self
            }

            /// How the bias begins.
            ///
            /// # Panics
            /// When there is no initialiser of this name.
            #[must_use]
            #[track_caller]
            pub fn bias_initializer(mut self, initializer: impl Into<crate::Initializer>) -> Self {
                self.kernel.bias_initializer = initializer.into();
                self
            }

            /// What large numbers of the kernel cost: `"l1"`, `"l2"`, [`Regularizer::l2`](crate::Regularizer::l2), ...
            ///
            /// # Panics
            /// When there is no regularizer of this name.
            #[must_use]
            #[track_caller]
            pub fn kernel_regularizer(mut self, regularizer: impl Into<crate::Regularizer>) -> Self {
                self.kernel.kernel_regularizer = Some(regularizer.into());
                self
            }

            /// What large numbers of the bias cost.
            ///
            /// # Panics
            /// When there is no regularizer of this name.
            #[must_use]
            #[track_caller]
            pub fn bias_regularizer(mut self, regularizer: impl Into<crate::Regularizer>) -> Self {
                self.kernel.bias_regularizer = Some(regularizer.into());
                self
            }
        }
    };
}
pub(super) use kernel_options;

/// The methods that set what all normalisations have, for layers that keep it in fields of these names.
macro_rules! normalization_options {
    ($layer:ident) => {
        impl $layer {
            /// What keeps the division finite.
            #[must_use]
            pub fn epsilon(mut self, epsilon: f64) -> Self {
                self.epsilon = epsilon;
                self
            }

            /// Whether there is a beta.
            #[must_use]
            pub fn center(mut self, center: bool) -> Self {
                self.center = center;
                self
            }

            /// Whether there is a gamma.
            #[must_use]
            pub fn scale(mut self, scale: bool) -> Self {
                self.scale = scale;
                self
            }
        }
    };
}
pub(super) use normalization_options;

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
