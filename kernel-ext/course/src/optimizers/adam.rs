//! Adam.

use super::{Optimizer, in_range};

/// Adam: steps of about the learning rate's size for each weight, whatever the gradient's size.
///
/// With gradient g in step t: m ← m + (1 - β₁)(g - m), v ← v + (1 - β₂)(g² - v),
/// α = η sqrt(1 - β₂ᵗ) / (1 - β₁ᵗ), w ← w - α m / (sqrt(v) + ε).
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    learning_rate: f64,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
}

impl Default for Adam {
    /// Learning rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-7.
    fn default() -> Self {
        Self { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    }
}

impl Adam {
    /// Adam with this learning rate.
    ///
    /// # Panics
    /// When the learning rate is negative or not finite.
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        let good = learning_rate.is_finite() && learning_rate >= 0.0;
        let learning_rate = in_range("Adam", "learning_rate", learning_rate, "0 or more, finite", good);
        Self { learning_rate, ..Self::default() }
    }

    /// How slowly the mean of the gradients moves.
    ///
    /// # Panics
    /// When it is not in [0, 1).
    #[must_use]
    #[track_caller]
    pub fn beta_1(mut self, beta_1: f64) -> Self {
        self.beta_1 = in_range("Adam", "beta_1", beta_1, "0 or more, below 1", (0.0..1.0).contains(&beta_1));
        self
    }

    /// How slowly the mean of the squared gradients moves.
    ///
    /// # Panics
    /// When it is not in [0, 1).
    #[must_use]
    #[track_caller]
    pub fn beta_2(mut self, beta_2: f64) -> Self {
        self.beta_2 = in_range("Adam", "beta_2", beta_2, "0 or more, below 1", (0.0..1.0).contains(&beta_2));
        self
    }

    /// What keeps the division finite.
    ///
    /// # Panics
    /// When it is not positive.
    #[must_use]
    #[track_caller]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = in_range("Adam", "epsilon", epsilon, "more than 0", epsilon > 0.0);
        self
    }
}

impl From<Adam> for Optimizer {
    fn from(adam: Adam) -> Self {
        let Adam { learning_rate, beta_1, beta_2, epsilon } = adam;
        let options = [("learning_rate", learning_rate), ("beta_1", beta_1), ("beta_2", beta_2), ("epsilon", epsilon)];
        Self::new("adam", 2, &options)
    }
}
