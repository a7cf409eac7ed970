//! What is said about each weight of a layer.

use crate::config::{Config, ConfigValue};
use crate::{Constraint, Initializer, Regularizer, Result, Weight};

/// How a weight begins, what its size costs, and what keeps it in bounds.
#[derive(Clone, Debug)]
pub(super) struct WeightOptions {
    pub initializer: Initializer,
    pub regularizer: Option<Regularizer>,
    pub constraint: Option<Constraint>,
}

impl From<Initializer> for WeightOptions {
    /// A weight that begins like this, and is free.
    fn from(initializer: Initializer) -> Self {
        Self { initializer, regularizer: None, constraint: None }
    }
}

impl WeightOptions {
    /// A new weight.
    pub fn weight(&self, name: String, shape: &[usize]) -> Weight {
        self.weight_with(name, shape, self.initializer.values(shape))
    }

    /// A new weight that begins with these values.
    pub fn weight_with(&self, name: String, shape: &[usize], values: Vec<f32>) -> Weight {
        Weight::new(name, shape, values).regularized(self.regularizer).constrained(self.constraint.clone())
    }

    /// Adds the options to a config, as those of the weight `of`: `kernel_initializer` for `kernel`.
    pub fn describe(&self, config: Config, of: &str) -> Config {
        let [initializer, regularizer, constraint] = names(of);
        let config = config.with(&initializer, self.initializer.to_json());
        config.with(&regularizer, self.regularizer.to_json()).with(&constraint, self.constraint.to_json())
    }

    /// Takes from a config what is there for the weight `of`.
    pub fn read(&mut self, config: &Config, of: &str) -> Result<()> {
        let [initializer, regularizer, constraint] = names(of);
        config.set(&initializer, &mut self.initializer)?;
        config.set(&regularizer, &mut self.regularizer)?;
        config.set(&constraint, &mut self.constraint)
    }
}

fn names(of: &str) -> [String; 3] {
    ["initializer", "regularizer", "constraint"].map(|option| format!("{of}_{option}"))
}

/// The methods that set these options of one weight, for layers that keep them in this place.
macro_rules! weight_options {
    (
        $layer:ty $(, for [$($parameters:tt)*])?;
        $what:literal in $($place:ident).+: $initializer:ident, $regularizer:ident, $constraint:ident
    ) => {
        impl $(<$($parameters)*>)? $layer {
            #[doc = concat!("How ", $what, " begins: `\"zeros\"`, [`Initializer`](crate::Initializer), ...")]
            ///
            /// # Panics
            /// When there is no initialiser of this name.
            #[must_use]
            #[track_caller]
            pub fn $initializer(mut self, initializer: impl Into<crate::Initializer>) -> Self {
                self.$($place).+.initializer = initializer.into();
                self
            }

            #[doc = concat!(
                "What large numbers of ", $what, " cost: `\"l2\"`, [`Regularizer::l2`](crate::Regularizer::l2), ..."
            )]
            ///
            /// # Panics
            /// When there is no regularizer of this name.
            #[must_use]
            #[track_caller]
            pub fn $regularizer(mut self, regularizer: impl Into<crate::Regularizer>) -> Self {
                self.$($place).+.regularizer = Some(regularizer.into());
                self
            }

            #[doc = concat!(
                "What keeps ", $what, " in bounds: `\"non_neg\"`, [`Constraint::max_norm`](crate::Constraint::max_norm), ..."
            )]
            ///
            /// # Panics
            /// When there is no constraint of this name.
            #[must_use]
            #[track_caller]
            pub fn $constraint(mut self, constraint: impl Into<crate::Constraint>) -> Self {
                self.$($place).+.constraint = Some(constraint.into());
                self
            }
        }
    };
}
pub(super) use weight_options;
