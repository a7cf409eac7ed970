//! The weights of a model: one block of memory, so that an optimizer passes over all of them at once.

use crate::cpu::buffer::{Buffer, align};
use crate::cpu::memory;
use engine_api::{Error, Variable};
use std::ops::Range;

/// Where a variable lies in the block.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub shape: Vec<usize>,
    pub place: Range<usize>,
    pub trainable: bool,
}

/// Variables that several programs can share.
pub struct Store {
    /// By the numbers that graphs use.
    entries: Vec<Entry>,
    /// Trainable variables first, each at the beginning of a cache line.
    pub(crate) values: Buffer,
    /// How much of the block optimizers may change.
    trainable: usize,
}

impl Store {
    /// Lays out the variables.
    ///
    /// # Errors
    /// When a variable has another number of values than its shape says.
    pub fn new(variables: &[Variable]) -> Result<Self, Error> {
        let mut len = 0;
        let mut places = vec![0..0; variables.len()];
        let mut trainable_len = 0;
        for trainable in [true, false] {
            for (variable, place) in variables.iter().zip(&mut places).filter(|(v, _)| v.trainable == trainable) {
                let expected: usize = variable.shape.iter().product();
                check_len(&variable.name, expected, variable.values.len())?;
                *place = len..len + expected;
                len = align(place.end);
            }
            if trainable {
                trainable_len = len;
            }
        }
        let mut values = memory::buffer(len, "the weights")?;
        let mut entries = Vec::with_capacity(variables.len());
        for (variable, place) in variables.iter().zip(places) {
            values[place.clone()].copy_from_slice(&variable.values);
            let Variable { name, shape, trainable, .. } = variable.clone();
            entries.push(Entry { name, shape, place, trainable });
        }
        Ok(Self { entries, values, trainable: trainable_len })
    }

    /// The present values of variable number `index`.
    ///
    /// # Errors
    /// When there is no such variable.
    pub fn read(&self, index: usize) -> Result<Vec<f32>, Error> {
        Ok(self.values[self.entry(index)?.place.clone()].to_vec())
    }

    /// Replaces the values of variable number `index`.
    ///
    /// # Errors
    /// When there is no such variable, or `values` has another length.
    pub fn write(&mut self, index: usize, values: &[f32]) -> Result<(), Error> {
        let entry = self.entry(index)?;
        check_len(&entry.name, entry.place.len(), values.len())?;
        let place = entry.place.clone();
        self.values[place].copy_from_slice(values);
        Ok(())
    }

    pub(crate) fn entry(&self, index: usize) -> Result<&Entry, Error> {
        let count = self.entries.len();
        let absent = || Error::Internal(format!("variable {index} does not exist; the store has {count}"));
        self.entries.get(index).ok_or_else(absent)
    }

    /// Where each trainable variable lies.
    pub(crate) fn trainable_places(&self) -> Vec<Range<usize>> {
        self.entries.iter().filter(|entry| entry.trainable).map(|entry| entry.place.clone()).collect()
    }

    pub(crate) fn trainable_len(&self) -> usize {
        self.trainable
    }
}

fn check_len(name: &str, expected: usize, received: usize) -> Result<(), Error> {
    if expected == received {
        return Ok(());
    }
    Err(Error::Shape {
        place: format!("variable `{name}`"),
        message: format!("expected {expected} values, received {received}"),
        hint: "weights keep the shape that the layer was built with".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::Store;
    use engine_api::Variable;

    fn variable(name: &str, values: &[f32], trainable: bool) -> Variable {
        Variable { name: name.into(), shape: vec![values.len()], values: values.to_vec(), trainable }
    }

    #[test]
    fn variables_keep_their_numbers_wherever_they_lie() {
        let mut store =
            Store::new(&[variable("a", &[1.0, 2.0], false), variable("b", &[3.0], true), variable("c", &[4.0], true)])
                .unwrap();
        assert_eq!(store.trainable_len(), 32);
        assert_eq!(store.read(0), Ok(vec![1.0, 2.0]));
        store.write(2, &[9.0]).unwrap();
        assert_eq!((store.read(1), store.read(2)), (Ok(vec![3.0]), Ok(vec![9.0])));
        assert!(store.read(3).is_err());
        let error = store.write(0, &[1.0]).unwrap_err().to_string();
        assert!(error.starts_with("variable `a`: expected 2 values, received 1"), "{error}");
    }
}
