//! Loss and metrics of each epoch in a file.

use super::{Callback, Logs, Model, Result};
use crate::Error;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a row for each epoch into a file of comma-separated values: the epoch, counted from 0, and the keys of the
/// logs in alphabetical order. What an epoch lacks is `NA`.
///
/// Source: `keras/src/callbacks/csv_logger.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([1]));
/// model.add(Dense::new(1).kernel_initializer("ones"));
/// model.compile(Sgd::new(0.0), "mse", ["mae"]);
/// let path = std::env::temp_dir().join("course-example.csv");
/// let (x, y) = (array![[2.0]], array![[0.0]]);
/// let options = Fit::new().epochs(2).verbose(0).validation_data(&x, &y);
/// model.fit(&x, &y, options.callback(&mut CSVLogger::new(&path)));
/// let text = std::fs::read_to_string(&path).unwrap();
/// assert_eq!(text, "epoch,loss,mae,val_loss,val_mae\n0,4,2,4,2\n1,4,2,4,2\n");
/// ```
#[derive(Debug)]
pub struct CSVLogger {
    path: PathBuf,
    separator: char,
    append: bool,
    file: Option<File>,
    keys: Vec<String>,
}

impl CSVLogger {
    /// Writes a new file, in place of one that is there.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().into(), separator: ',', append: false, file: None, keys: Vec::new() }
    }

    /// What stands between values.
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = separator;
        self
    }

    /// Whether rows are added to a file that is there.
    #[must_use]
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        let (place, message) = (self.path.display().to_string(), format!("cannot be written ({error})"));
        Error::Backend(engine_api::Error::Outside { place, message })
    }

    fn write(&mut self, cells: Vec<String>) -> Result<()> {
        let line = cells.join(&self.separator.to_string()) + "\n";
        let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(line.as_bytes()));
        written.map_err(|error| self.failed(&error))
    }

    /// The header of a file that is there.
    fn header(&self) -> Option<Vec<String>> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        let header = text.lines().next().filter(|line| !line.is_empty())?;
        Some(header.split(self.separator).skip(1).map(String::from).collect())
    }

    /// The columns for these logs: without validation in the first epoch there may still be some later.
    fn columns(logs: &Logs) -> Vec<String> {
        let mut keys: Vec<String> = logs.keys().into_iter().map(String::from).collect();
        keys.sort();
        if !keys.iter().any(|key| key.starts_with("val_")) {
            let validation: Vec<String> = keys.iter().map(|key| format!("val_{key}")).collect();
            keys.extend(validation);
        }
        keys
    }
}

impl Callback for CSVLogger {
    fn on_train_begin(&mut self, _: &mut Model) -> Result<()> {
        self.keys = if self.append { self.header().unwrap_or_default() } else { Vec::new() };
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(self.append).truncate(!self.append);
        self.file = Some(options.open(&self.path).map_err(|error| self.failed(&error))?);
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Model) -> Result<()> {
        if self.keys.is_empty() {
            self.keys = Self::columns(logs);
            self.write([vec!["epoch".into()], self.keys.clone()].concat())?;
        }
        let value = |key: &String| logs.get(key).map_or("NA".into(), |value| value.to_string());
        let cells = std::iter::once(epoch.to_string()).chain(self.keys.iter().map(value)).collect();
        self.write(cells)
    }

    fn on_train_end(&mut self, _: &mut Model) -> Result<()> {
        self.file = None;
        Ok(())
    }
}
