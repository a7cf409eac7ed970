//! What a training run measured, epoch by epoch.

use crate::error::{Error, expect_good};
use std::fmt;
use std::ops::Index;

/// Loss and metrics of every epoch of a `fit`.
///
/// Keys stand in alphabetical order, as in Keras 3: `accuracy`, `loss`, `val_accuracy`,
/// `val_loss`. The older `acc` means `accuracy`, and the other way round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    series: Vec<(String, Vec<f64>)>,
    epochs: Vec<usize>,
}

impl History {
    /// The values of all keys, in alphabetical order of the keys.
    pub fn history(&self) -> &[(String, Vec<f64>)] {
        &self.series
    }

    /// The keys in alphabetical order.
    pub fn keys(&self) -> Vec<&str> {
        self.series.iter().map(|(key, _)| key.as_str()).collect()
    }

    /// The values of one key, if there is such a key.
    pub fn get(&self, key: &str) -> Option<&Vec<f64>> {
        lookup(&self.series, key)
    }

    /// The numbers of the epochs, counted from 0.
    pub fn epoch(&self) -> &[usize] {
        &self.epochs
    }

    /// Appends what an epoch measured.
    pub(super) fn push(&mut self, epoch: usize, values: &[(String, f64)]) {
        self.epochs.push(epoch);
        for (key, value) in values {
            match self.series.iter_mut().find(|(known, _)| known == key) {
                Some((_, series)) => series.push(*value),
                None => self.series.push((key.clone(), vec![*value])),
            }
        }
        self.series.sort_by(|(a, _), (b, _)| a.cmp(b));
    }
}

/// The value of a key; where there is none, that of the key's other spelling.
pub(super) fn lookup<'a, T>(values: &'a [(String, T)], key: &str) -> Option<&'a T> {
    let exact = |key: &str| values.iter().find(|(known, _)| known == key).map(|(_, value)| value);
    exact(key).or_else(|| {
        let (prefix, name) = key.strip_prefix("val_").map_or(("", key), |name| ("val_", name));
        match name {
            "acc" => exact(&format!("{prefix}accuracy")),
            "accuracy" => exact(&format!("{prefix}acc")),
            _ => None,
        }
    })
}

impl Index<&str> for History {
    type Output = Vec<f64>;

    /// The values of one key, one for each epoch.
    ///
    /// # Panics
    /// When there is no such key; the message lists the keys.
    #[track_caller]
    fn index(&self, key: &str) -> &Vec<f64> {
        expect_good(self.get(key).ok_or_else(|| Error::Name {
            kind: "key of this history",
            given: key.into(),
            known: self.series.iter().map(|(key, _)| key.clone()).collect(),
        }))
    }
}

impl fmt::Display for History {
    /// As Python prints the dictionary, in single precision.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let series: Vec<String> = self
            .series
            .iter()
            .map(|(key, values)| {
                let values: Vec<String> = values.iter().map(|&value| format!("{:?}", value as f32)).collect();
                format!("'{key}': [{}]", values.join(", "))
            })
            .collect();
        write!(f, "{{{}}}", series.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    fn history() -> History {
        let mut history = History::default();
        for (epoch, loss) in [(0, 0.5), (1, 0.25)] {
            let values = [("loss", loss), ("accuracy", 0.5), ("val_loss", 1.0), ("val_accuracy", 0.75)];
            history.push(epoch, &values.map(|(key, value)| (key.to_string(), value)));
        }
        history
    }

    #[test]
    fn it_prints_as_the_dictionary_of_keras() {
        let text = "{'accuracy': [0.5, 0.5], 'loss': [0.5, 0.25], \
                    'val_accuracy': [0.75, 0.75], 'val_loss': [1.0, 1.0]}";
        assert_eq!(history().to_string(), text);
        assert_eq!(history().epoch(), [0, 1]);
    }

    #[test]
    fn the_older_name_of_accuracy_works() {
        assert_eq!(history()["acc"], history()["accuracy"]);
        assert_eq!(history()["val_acc"], [0.75, 0.75]);
    }

    #[test]
    #[should_panic(expected = "known: accuracy, loss, val_accuracy, val_loss\n  hint: did you mean \"loss\"?")]
    fn a_wrong_key_lists_the_right_ones() {
        let _ = history()["losss"];
    }
}
