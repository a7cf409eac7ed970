//! Stochastic gradient descent.

use super::{Optimizer, in_range};

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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    learning_rate: f64,
    momentum: f64,
    nesterov: bool,
}

impl Default for Sgd {
    /// Learning rate 0.01.
    fn default() -> Self {
        Self { learning_rate: 0.01, momentum: 0.0, nesterov: false }
    }
}

impl Sgd {
    /// Plain gradient descent with this learning rate.
    ///
    /// # Panics
    /// When the learning rate is negative or not finite.
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        let good = learning_rate.is_finite() && learning_rate >= 0.0;
        let learning_rate = in_range("Sgd", "learning_rate", learning_rate, "0 or more, finite", good);
        Self { learning_rate, ..Self::default() }
    }

    /// How much of the last step goes on in this one.
    ///
    /// # Panics
    /// When it is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn momentum(mut self, momentum: f64) -> Self {
        let good = (0.0..=1.0).contains(&momentum);
        self.momentum = in_range("Sgd", "momentum", momentum, "0 to 1", good);
        self
    }

    /// Whether the gradient counts as if taken after the momentum's step.
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }
}

impl From<Sgd> for Optimizer {
    fn from(sgd: Sgd) -> Self {
        let Sgd { learning_rate, momentum, nesterov } = sgd;
        let options = [("learning_rate", learning_rate), ("momentum", momentum), ("nesterov", f64::from(nesterov))];
        Self::new("sgd", usize::from(momentum != 0.0), &options)
    }
}
