//! A key of the logs that is watched, and whether it gets better.

use crate::named::names_of;
use crate::{Error, Logs, Result};

/// Whether less or more is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// As the key says: less of losses and errors, more of all else.
    #[default]
    Auto,
    /// Less is better.
    Min,
    /// More is better.
    Max,
}

names_of! {
    Direction, "mode" {
        "auto" => Direction::Auto,
        "min" => Direction::Min,
        "max" => Direction::Max,
    }
}

/// What is watched.
#[derive(Clone, Debug)]
pub struct Monitor {
    pub key: String,
    pub direction: Direction,
    pub min_delta: f64,
    /// The best value so far.
    pub best: Option<f64>,
}

/// Parts of names of which less is better.
const LESS: [&str; 11] =
    ["loss", "error", "crossentropy", "hinge", "poisson", "divergence", "log_cosh", "huber", "false_", "mse", "mae"];

impl Monitor {
    pub fn new(key: &str, min_delta: f64) -> Self {
        Self { key: key.into(), direction: Direction::Auto, min_delta, best: None }
    }

    /// The present value.
    ///
    /// # Errors
    /// [`Error::Name`] when there is no such key; a `val_` key may be missing in epochs without validation.
    pub fn value(&self, logs: &Logs) -> Result<f64> {
        logs.try_get(&self.key).map_err(|error| match error {
            Error::Name { given, known, .. } => Error::Name { kind: "key that can be monitored", given, known },
            other => other,
        })
    }

    fn is_less_better(&self) -> bool {
        let names = ["mape", "msle", "bce", "kld"];
        let key = self.key.strip_prefix("val_").unwrap_or(&self.key);
        match self.direction {
            Direction::Min => true,
            Direction::Max => false,
            Direction::Auto => LESS.iter().any(|part| key.contains(part)) || names.contains(&key),
        }
    }

    /// Whether a value is better than another by more than the least difference.
    pub fn is_better(&self, value: f64, than: f64) -> bool {
        if self.is_less_better() { value + self.min_delta < than } else { value - self.min_delta > than }
    }

    /// Takes a value for the best if it is better than the best so far; returns whether it was.
    pub fn improves(&mut self, value: f64) -> bool {
        let improves = self.best.is_none_or(|best| self.is_better(value, best));
        if improves && !value.is_nan() {
            self.best = Some(value);
        }
        improves && !value.is_nan()
    }
}

/// The methods of callbacks that keep what they watch in the field `monitor`.
macro_rules! monitor_options {
    ($callback:ident) => {
        impl $callback {
            /// Whether less or more is better: `"min"`, `"max"`, or `"auto"`, which sees it from the key.
            ///
            /// # Panics
            /// When there is no mode of this name.
            #[must_use]
            #[track_caller]
            pub fn mode(mut self, mode: impl Into<$crate::callbacks::Direction>) -> Self {
                self.monitor.direction = mode.into();
                self
            }

            /// 1 says what is done, and when.
            #[must_use]
            pub fn verbose(mut self, verbose: u8) -> Self {
                self.verbose = verbose;
                self
            }

            /// The best value so far.
            pub fn best(&self) -> Option<f64> {
                self.monitor.best
            }
        }
    };
}
pub(super) use monitor_options;

/// The methods of callbacks that wait for something better, in the fields `monitor` and `patience`.
macro_rules! patience_options {
    ($callback:ident) => {
        impl $callback {
            /// How many epochs without a better value are waited for.
            #[must_use]
            pub fn patience(mut self, epochs: usize) -> Self {
                self.patience = epochs;
                self
            }

            /// By how much a value must be better to count.
            #[must_use]
            pub fn min_delta(mut self, min_delta: f64) -> Self {
                self.monitor.min_delta = min_delta.abs();
                self
            }
        }
    };
}
pub(super) use patience_options;

#[cfg(test)]
mod tests {
    use super::Monitor;

    #[test]
    fn the_key_says_what_is_better() {
        let less = ["loss", "val_loss", "val_mse", "mean_absolute_error", "categorical_crossentropy", "size_loss"];
        let more = ["accuracy", "val_acc", "auc", "precision", "f1_score", "r2_score", "cosine_similarity"];
        for (keys, better, worse) in [(&less[..], 1.0, 2.0), (&more, 2.0, 1.0)] {
            for key in keys {
                let monitor = Monitor::new(key, 0.0);
                assert!(monitor.is_better(better, worse) && !monitor.is_better(worse, better), "{key}");
            }
        }
    }
}
