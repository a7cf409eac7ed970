//! The optimizers by their Keras names: formulas, options and defaults. The steps themselves are made
//! behind the waist.

use super::{Optimizer, range};
use crate::optimizers::LearningRate;

/// A kind of optimizer: its defaults, then a method for each option, with the range that it must be
/// in. Switches are named behind `switches`.
macro_rules! optimizer {
    (
        $(#[$about:meta])*
        $class:ident($engine:literal) learning_rate $rate:literal;
        $($(#[$option_about:meta])* $option:ident $default:literal $range:ident;)*
        $(=> switches; $($(#[$switch_about:meta])* $switch:ident;)*)?
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $class(Optimizer);

        impl Default for $class {
            fn default() -> Self {
                let options = [("learning_rate", $rate) $(, (stringify!($option), $default))* $($(, (stringify!($switch), 0.0))*)?];
                Self(Optimizer::of_kind(stringify!($class), $engine, &options))
            }
        }

        impl $class {
            /// The optimizer with this learning rate, or one that follows a schedule.
            ///
            /// # Panics
            /// When the rate is negative or not finite.
            #[track_caller]
            pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
                Self(Self::default().0.at_rate(learning_rate.into()))
            }

            $(
                $(#[$option_about])*
                ///
                /// # Panics
                /// When it is out of range.
                #[must_use]
                #[track_caller]
                pub fn $option(self, $option: f64) -> Self {
                    Self(self.0.in_range(stringify!($option), $option, range::$range))
                }
            )*

            $($(
                $(#[$switch_about])*
                #[must_use]
                pub fn $switch(self, $switch: bool) -> Self {
                    Self(self.0.in_range(stringify!($switch), f64::from($switch), range::ANY))
                }
            )*)?

            /// How much of themselves weights lose in each step, times the learning rate.
            ///
            /// # Panics
            /// When it is negative or not finite.
            #[must_use]
            #[track_caller]
            pub fn weight_decay(self, weight_decay: f64) -> Self {
                Self(self.0.in_range("weight_decay", weight_decay, range::NOT_NEGATIVE))
            }

            /// The greatest norm that a weight's gradient may have; longer ones are shortened.
            ///
            /// # Panics
            /// When it is not positive.
            #[must_use]
            #[track_caller]
            pub fn clipnorm(self, clipnorm: f64) -> Self {
                Self(self.0.in_range("clipnorm", clipnorm, range::POSITIVE))
            }

            /// The greatest size of a single number of a gradient.
            ///
            /// # Panics
            /// When it is not positive.
            #[must_use]
            #[track_caller]
            pub fn clipvalue(self, clipvalue: f64) -> Self {
                Self(self.0.in_range("clipvalue", clipvalue, range::POSITIVE))
            }

            /// The greatest norm that all gradients may have together.
            ///
            /// # Panics
            /// When it is not positive.
            #[must_use]
            #[track_caller]
            pub fn global_clipnorm(self, global_clipnorm: f64) -> Self {
                Self(self.0.in_range("global_clipnorm", global_clipnorm, range::POSITIVE))
            }
        }

        impl From<$class> for Optimizer {
            fn from(optimizer: $class) -> Self {
                optimizer.0
            }
        }
    };
}

optimizer! {
    /// Stochastic gradient descent, with momentum when asked for.
    ///
    /// With gradient g and learning rate η, without momentum w ← w - η g. With momentum μ the velocity
    /// is v ← μ v - η g, and w ← w + v, or with Nesterov's look ahead w ← w + μ v - η g.
    ///
    /// Source: `keras/src/optimizers/sgd.py`; Sutskever et al., ICML 2013.
    ///
    /// ```
    /// use course::prelude::*;
    /// let optimizer: Optimizer = Sgd::new(1e-4).momentum(0.9).nesterov(true).into();
    /// assert_eq!(optimizer.option("momentum"), Some(0.9));
    /// ```
    Sgd("sgd") learning_rate 0.01;
    /// How much of the last step goes on in this one.
    momentum 0.0 UP_TO_1;
    => switches;
    /// Whether the gradient counts as if taken after the momentum's step.
    nesterov;
}

optimizer! {
    /// RMSprop: steps measured by the recent size of each weight's gradient.
    ///
    /// a ← ρ a + (1 - ρ) g², w ← w - η g / sqrt(a + ε); centered, the square of the mean gradient is
    /// taken from a; with momentum the quotients are gathered as in [`Sgd`].
    ///
    /// Source: Tieleman and Hinton, 2012; `keras/src/optimizers/rmsprop.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let optimizer: Optimizer = RMSprop::new(0.001).rho(0.95).into();
    /// assert_eq!(optimizer.option("epsilon"), Some(1e-7));
    /// ```
    RMSprop("rmsprop") learning_rate 0.001;
    /// How slowly the mean of the squared gradients moves.
    rho 0.9 BELOW_1;
    /// How much of the last step goes on in this one.
    momentum 0.0 UP_TO_1;
    /// What keeps the division finite.
    epsilon 1e-7 POSITIVE;
    => switches;
    /// Whether gradients are measured by their variance instead of their square.
    centered;
}

optimizer! {
    /// Adam: steps of about the learning rate's size for each weight, whatever the gradient's size.
    ///
    /// With gradient g in step t: m ← m + (1 - β₁)(g - m), v ← v + (1 - β₂)(g² - v),
    /// α = η sqrt(1 - β₂ᵗ) / (1 - β₁ᵗ), w ← w - α m / (sqrt(v) + ε). With `amsgrad` the largest v so
    /// far takes the place of v.
    ///
    /// Source: Kingma and Ba, ICLR 2015 (the form before section 2.1, with ε-hat);
    /// `keras/src/optimizers/adam.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let optimizer: Optimizer = Adam::default().into();
    /// assert_eq!(optimizer.option("learning_rate"), Some(0.001));
    /// assert_eq!(optimizer, "adam".into());
    /// ```
    Adam("adam") learning_rate 0.001;
    /// How slowly the mean of the gradients moves.
    beta_1 0.9 BELOW_1;
    /// How slowly the mean of the squared gradients moves.
    beta_2 0.999 BELOW_1;
    /// What keeps the division finite.
    epsilon 1e-7 POSITIVE;
    => switches;
    /// Whether the largest mean square so far is used.
    amsgrad;
}

optimizer! {
    /// Adam with weights that decay: `weight_decay` is 0.004 unless set.
    ///
    /// w ← w - η λ w before each step of [`Adam`].
    ///
    /// Source: Loshchilov and Hutter, ICLR 2019; `keras/src/optimizers/adamw.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let optimizer: Optimizer = AdamW::new(0.001).weight_decay(0.01).into();
    /// assert_eq!(optimizer.option("weight_decay"), Some(0.01));
    /// ```
    AdamW("adamw") learning_rate 0.001;
    /// How slowly the mean of the gradients moves.
    beta_1 0.9 BELOW_1;
    /// How slowly the mean of the squared gradients moves.
    beta_2 0.999 BELOW_1;
    /// What keeps the division finite.
    epsilon 1e-7 POSITIVE;
    => switches;
    /// Whether the largest mean square so far is used.
    amsgrad;
}

optimizer! {
    /// Adamax: [`Adam`] measured by the largest recent gradient.
    ///
    /// u ← max(β₂ u, |g|), w ← w - η m / ((1 - β₁ᵗ)(u + ε)).
    ///
    /// Source: Kingma and Ba, ICLR 2015, section 7.1; `keras/src/optimizers/adamax.py`.
    Adamax("adamax") learning_rate 0.001;
    /// How slowly the mean of the gradients moves.
    beta_1 0.9 BELOW_1;
    /// How slowly the largest gradient is forgotten.
    beta_2 0.999 BELOW_1;
    /// What keeps the division finite.
    epsilon 1e-7 POSITIVE;
}

optimizer! {
    /// Nadam: [`Adam`] with Nesterov's look ahead.
    ///
    /// Source: Dozat, 2015; `keras/src/optimizers/nadam.py`.
    Nadam("nadam") learning_rate 0.001;
    /// How slowly the mean of the gradients moves.
    beta_1 0.9 BELOW_1;
    /// How slowly the mean of the squared gradients moves.
    beta_2 0.999 BELOW_1;
    /// What keeps the division finite.
    epsilon 1e-7 POSITIVE;
}

optimizer! {
    /// Adagrad: steps that shrink with the sum of all squared gradients.
    ///
    /// a ← a + g², w ← w - η g / sqrt(a + ε).
    ///
    /// Source: Duchi et al., JMLR 2011; `keras/src/optimizers/adagrad.py`.
    Adagrad("adagrad") learning_rate 0.001;
    /// With which sum each weight begins.
    initial_accumulator_value 0.1 NOT_NEGATIVE;
    /// What keeps the division finite.
    epsilon 1e-7 POSITIVE;
}

optimizer! {
    /// Adadelta: steps measured by the recent sizes of gradients and of steps.
    ///
    /// a ← ρ a + (1 - ρ) g², d = -g sqrt(D + ε) / sqrt(a + ε), D ← ρ D + (1 - ρ) d², w ← w + η d.
    ///
    /// Source: Zeiler, 2012 (with η = 1); `keras/src/optimizers/adadelta.py`.
    Adadelta("adadelta") learning_rate 0.001;
    /// How slowly the means move.
    rho 0.95 BELOW_1;
    /// What keeps the division finite.
    epsilon 1e-7 POSITIVE;
}

optimizer! {
    /// Lion: steps of one size in the direction of the sign of a mean gradient.
    ///
    /// w ← w - η sign(β₁ m + (1 - β₁) g), m ← β₂ m + (1 - β₂) g.
    ///
    /// Source: Chen et al., 2023; `keras/src/optimizers/lion.py`.
    Lion("lion") learning_rate 0.001;
    /// How much the mean counts against the gradient in a step.
    beta_1 0.9 BELOW_1;
    /// How slowly the mean moves.
    beta_2 0.99 BELOW_1;
}

optimizer! {
    /// Follow the regularised leader: for sparse linear models.
    ///
    /// Source: McMahan et al., KDD 2013; `keras/src/optimizers/ftrl.py`.
    Ftrl("ftrl") learning_rate 0.001;
    /// By which power the step shrinks with the sum of squares.
    learning_rate_power -0.5 NOT_POSITIVE;
    /// With which sum each weight begins.
    initial_accumulator_value 0.1 NOT_NEGATIVE;
    /// How strongly weights are pulled to 0.
    l1_regularization_strength 0.0 NOT_NEGATIVE;
    /// How strongly large weights are pulled back.
    l2_regularization_strength 0.0 NOT_NEGATIVE;
    /// As the one before, only while the weight moves.
    l2_shrinkage_regularization_strength 0.0 NOT_NEGATIVE;
    /// What is added to the second strength.
    beta 0.0 NOT_NEGATIVE;
}
