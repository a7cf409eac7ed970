//! What normalisations have in common: a scale and a shift that are learned for each feature.

use super::weight_options::WeightOptions;
use crate::config::{Config, OptionGroup};
use crate::{Initializer, Result, Weight};

/// Which of gamma and beta there are, and what is said about them.
#[derive(Clone, Debug)]
pub(super) struct ScaleAndShift {
    pub center: bool,
    pub scale: bool,
    pub gamma: WeightOptions,
    pub beta: WeightOptions,
}

impl Default for ScaleAndShift {
    /// Both, so that they change nothing at first.
    fn default() -> Self {
        Self { center: true, scale: true, gamma: Initializer::Ones.into(), beta: Initializer::Zeros.into() }
    }
}

impl OptionGroup for ScaleAndShift {
    fn describe(&self, config: Config) -> Config {
        let config = config.with("center", self.center).with("scale", self.scale);
        self.gamma.describe(self.beta.describe(config, "beta"), "gamma")
    }

    fn read(&mut self, config: &Config) -> Result<()> {
        config.set("center", &mut self.center)?;
        config.set("scale", &mut self.scale)?;
        self.beta.read(config, "beta")?;
        self.gamma.read(config, "gamma")
    }
}

impl ScaleAndShift {
    /// The weights of a layer that there are: gamma, then beta.
    pub fn weights(&self, layer: &str, shape: &[usize]) -> Vec<Weight> {
        let gamma = self.scale.then(|| self.gamma.weight(format!("{layer}/gamma"), shape));
        let beta = self.center.then(|| self.beta.weight(format!("{layer}/beta"), shape));
        gamma.into_iter().chain(beta).collect()
    }
}

/// The methods that set these options, for layers that keep them in `learned`, beside `epsilon`.
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
                self.learned.center = center;
                self
            }

            /// Whether there is a gamma.
            #[must_use]
            pub fn scale(mut self, scale: bool) -> Self {
                self.learned.scale = scale;
                self
            }
        }

        $crate::layers::weight_options::weight_options! {
            $layer; "gamma" in learned.gamma: gamma_initializer, gamma_regularizer, gamma_constraint
        }
        $crate::layers::weight_options::weight_options! {
            $layer; "beta" in learned.beta: beta_initializer, beta_regularizer, beta_constraint
        }
    };
}
pub(super) use normalization_options;
