//! Loss and metrics by their names.

use crate::display::{Bundle, Show, shows_itself};
use crate::error::{Error, Result, expect_good};
use std::fmt;
use std::ops::Index;

/// Loss and metrics by their names: of a data set, a batch or an epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logs {
    values: Vec<(String, f64)>,
}

impl Logs {
    pub(super) fn new(values: Vec<(String, f64)>) -> Self {
        Self { values }
    }

    /// The value of a key, if there is such a key; `"acc"` and `"accuracy"` mean the same.
    pub fn get(&self, key: &str) -> Option<f64> {
        super::history::lookup(&self.values, key).copied()
    }

    /// Sets the value of a key, for callbacks that have something to add to the history.
    pub fn insert(&mut self, key: &str, value: f64) {
        match self.values.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => self.values.push((key.into(), value)),
        }
    }

    /// The keys in their order.
    pub fn keys(&self) -> Vec<&str> {
        self.values.iter().map(|(key, _)| key.as_str()).collect()
    }

    /// The value of a key.
    ///
    /// # Errors
    /// [`Error::Name`], which lists the keys.
    pub fn try_get(&self, key: &str) -> Result<f64> {
        self.get(key).ok_or_else(|| Error::Name {
            kind: "key of these logs",
            given: key.into(),
            known: self.values.iter().map(|(key, _)| key.clone()).collect(),
        })
    }

    /// The loss.
    pub fn loss(&self) -> f64 {
        self["loss"]
    }

    /// Names and values: the loss, then the metrics.
    pub fn values(&self) -> &[(String, f64)] {
        &self.values
    }
}

impl Index<&str> for Logs {
    type Output = f64;

    /// The value of a key; `"acc"` and `"accuracy"` mean the same.
    ///
    /// # Panics
    /// When there is no such key; the message lists the keys.
    #[track_caller]
    fn index(&self, key: &str) -> &f64 {
        match super::history::lookup(&self.values, key) {
            Some(value) => value,
            None => expect_good(self.try_get(key).map(|_| &f64::NAN)),
        }
    }
}

impl Index<usize> for Logs {
    type Output = f64;

    /// 0 is the loss, then come the metrics, as in Keras's list.
    fn index(&self, place: usize) -> &f64 {
        &self.values[place].1
    }
}

impl fmt::Display for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> =
            self.values.iter().map(|(name, value)| format!("'{name}': {}", *value as f32)).collect();
        write!(f, "{{{}}}", texts.join(", "))
    }
}

impl Show for Logs {
    fn bundle(&self) -> Bundle {
        Bundle::text(self.to_string())
    }
}

shows_itself!(Logs);
