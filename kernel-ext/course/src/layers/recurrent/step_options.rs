//! The options of one step, which recurrent layers and their cells have alike.

use super::Cell;
use crate::config::{Config, ConfigValue, OptionGroup};
use crate::error::{Error, Report, Result, expect_good};
use crate::layers::kernel::KernelOptions;
use crate::layers::weight_options::WeightOptions;
use crate::seed::Seed;
use crate::{Activation, Initializer};

/// How a step is made: its kernels, its functions, and what it forgets at random.
#[derive(Clone, Debug)]
pub(super) struct StepOptions {
    pub kernel: KernelOptions,
    pub recurrent: WeightOptions,
    pub recurrent_activation: Activation,
    pub dropout: f64,
    pub recurrent_dropout: f64,
    pub seed: Seed,
}

impl Default for StepOptions {
    fn default() -> Self {
        Self {
            kernel: KernelOptions { activation: Activation::Tanh, ..KernelOptions::default() },
            recurrent: Initializer::Orthogonal { gain: 1.0 }.into(),
            recurrent_activation: Activation::Sigmoid,
            dropout: 0.0,
            recurrent_dropout: 0.0,
            seed: Seed::next(),
        }
    }
}

impl StepOptions {
    /// Adds the options to the config of a layer of this kind.
    pub fn describe<C: Cell>(&self, config: Config) -> Config {
        let config = self.recurrent.describe(self.kernel.describe(config), "recurrent");
        let config = config
            .with("dropout", self.dropout)
            .with("recurrent_dropout", self.recurrent_dropout)
            .with("seed", self.seed.to_json());
        // A layer without gates has no function for them.
        match C::GATES {
            1 => config,
            _ => config.with("recurrent_activation", self.recurrent_activation.to_json()),
        }
    }

    /// Takes from a config what is there.
    pub fn read<C: Cell>(&mut self, config: &Config) -> Result<()> {
        self.kernel.read(config)?;
        self.recurrent.read(config, "recurrent")?;
        if C::GATES > 1 {
            config.set("recurrent_activation", &mut self.recurrent_activation)?;
        }
        for (option, rate) in [("dropout", &mut self.dropout), ("recurrent_dropout", &mut self.recurrent_dropout)] {
            config.set(option, rate)?;
            config.checked_if_any(option, PART, |rate| is_part(*rate))?;
        }
        config.set("seed", &mut self.seed)
    }
}

const PART: &str = "0 or more, below 1";

fn is_part(rate: f64) -> bool {
    (0.0..1.0).contains(&rate)
}

/// Checks a rate where it is given.
#[track_caller]
pub(super) fn part(layer: &str, option: &str, rate: f64) -> f64 {
    if !is_part(rate) {
        let report = Report::new(layer, format!("`{option}` is the part that is dropped"));
        expect_good(Err(Error::value(report.expected(PART, rate))))
    }
    rate
}

/// The methods that set these options, for layers that keep them in this place.
macro_rules! step_options {
    ($layer:ty, for [$($parameters:tt)*]; $($place:ident).+) => {
        $crate::layers::kernel::kernel_options!($layer, for [$($parameters)*]; $($place).+.kernel);
        $crate::layers::weight_options::weight_options! {
            $layer, for [$($parameters)*];
            "the recurrent kernel" in $($place).+.recurrent:
            recurrent_initializer, recurrent_regularizer, recurrent_constraint
        }

        impl<$($parameters)*> $layer {
            /// What is applied to the gates.
            ///
            /// # Panics
            /// When there is no function of this name.
            #[must_use]
            #[track_caller]
            pub fn recurrent_activation(mut self, activation: impl Into<crate::Activation>) -> Self {
                self.$($place).+.recurrent_activation = activation.into();
                self
            }

            /// Which part of the input's features is dropped at random while the model trains: the same ones in all
            /// steps of a sequence, others in each sequence.
            ///
            /// Source: Gal and Ghahramani, *A Theoretically Grounded Application of Dropout in Recurrent Neural
            /// Networks*, 2016.
            ///
            /// # Panics
            /// When the rate is not in [0, 1).
            #[must_use]
            #[track_caller]
            pub fn dropout(mut self, rate: f64) -> Self {
                let class_name = self.base.class_name();
                self.$($place).+.dropout = $crate::layers::recurrent::step_options::part(class_name, "dropout", rate);
                self
            }

            /// Which part of the state is dropped from the recurrent product, likewise; all gates see the same rest.
            ///
            /// # Panics
            /// When the rate is not in [0, 1).
            #[must_use]
            #[track_caller]
            pub fn recurrent_dropout(mut self, rate: f64) -> Self {
                let class_name = self.base.class_name();
                self.$($place).+.recurrent_dropout =
                    $crate::layers::recurrent::step_options::part(class_name, "recurrent_dropout", rate);
                self
            }

            /// From which numbers it is drawn what is dropped; without this it follows from the process's seed.
            #[must_use]
            pub fn seed(mut self, seed: i64) -> Self {
                self.$($place).+.seed = seed.into();
                self
            }
        }
    };
}
pub(super) use step_options;
