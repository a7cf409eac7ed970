//! Weights in files.

use super::model::Model;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::array;
use crate::{Weight, waist};
use engine_api::{NamedArray, ReadArrays, WriteArrays};
use std::collections::HashSet;
use std::path::Path;

impl Model {
    /// Writes all weights into a file in the safetensors format. What was there before is replaced only when the new
    /// file is complete.
    ///
    /// ```
    /// use course::prelude::*;
    /// let build = || {
    ///     let mut model = Sequential::new();
    ///     model.add(Input::new([3]));
    ///     model.add(Dense::new(2));
    ///     model
    /// };
    /// let (model, mut other) = (build(), build());
    /// let path = std::env::temp_dir().join("course-example.safetensors");
    /// model.save_weights(&path);
    /// other.load_weights(&path);
    /// assert_eq!(model.get_weights(), other.get_weights());
    /// ```
    ///
    /// # Panics
    /// When the model has no weights yet, or when the file cannot be written.
    #[track_caller]
    pub fn save_weights(&self, path: impl AsRef<Path>) {
        expect_good(self.try_save_weights(path));
    }

    /// As [`Model::save_weights`].
    ///
    /// # Errors
    /// [`Error::Order`] when the model has no weights yet, [`Error::Backend`] when the file cannot be written.
    pub fn try_save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let weights = self.weights();
        if weights.is_empty() {
            let report = Report::new(self.place("save_weights"), "the model has no weights yet");
            return Err(Error::order(report.hint("its input must be known: begin with `Input::new([...])`")));
        }
        let mut taken = HashSet::new();
        let array = |weight: &Weight| {
            let values = weight.read()?.iter().copied().collect();
            let name = free_name(weight.name(), &mut taken);
            Ok(NamedArray { name, shape: weight.shape().to_vec(), values })
        };
        let arrays = weights.iter().map(array).collect::<Result<_>>()?;
        waist::call(&WriteArrays { path: path.as_ref().display().to_string(), arrays })
    }

    /// Reads all weights from a file that [`Model::save_weights`] has written, in the order of the layers: names may
    /// differ, shapes may not.
    ///
    /// # Panics
    /// When the file cannot be read, or when number or shapes of its arrays are not those of the weights.
    #[track_caller]
    pub fn load_weights(&mut self, path: impl AsRef<Path>) {
        expect_good(self.try_load_weights(path));
    }

    /// As [`Model::load_weights`]; after an error all weights are as they were.
    ///
    /// # Errors
    /// [`Error::Backend`] when the file cannot be read, [`Error::Shape`] when number or shapes of its arrays are not
    /// those of the weights.
    pub fn try_load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let arrays = waist::call(&ReadArrays { path: path.as_ref().display().to_string() })?;
        let values: Vec<_> = arrays.into_iter().map(|read| array(&read.shape, read.values)).collect();
        self.try_set_weights(&values)
    }
}

/// The name, or with a number behind it when another weight has it.
fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (1..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.to_string()).chain(numbered);
    names.find(|name| taken.insert(name.clone())).unwrap_or_default()
}
