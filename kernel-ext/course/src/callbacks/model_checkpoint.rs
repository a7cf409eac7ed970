//! Weights in files while a model trains.

use super::monitor::{Monitor, monitor_options};
use super::{Callback, Logs, Model, Result, template};

/// When weights are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Epoch,
    Batches(usize),
}

/// Writes the weights of the model into a file after each epoch, or whenever a key of the logs is better than ever.
///
/// The name of the file may hold the epoch, counted from 1, and keys of the logs:
/// `weights.{epoch:02d}-{val_loss:.2f}.safetensors`.
///
/// Source: `keras/src/callbacks/model_checkpoint.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([1]));
/// model.add(Dense::new(1).kernel_initializer("ones"));
/// model.compile(Sgd::new(0.1), "mse", ());
/// let folder = std::env::temp_dir().join("course-example-checkpoints");
/// let mut checkpoint = ModelCheckpoint::new(&format!("{}/w{{epoch}}.safetensors", folder.display()));
/// let options = Fit::new().epochs(3).verbose(0).callback(&mut checkpoint);
/// model.fit(&array![[1.0]], &array![[0.0]], options);
/// let last = model.get_weights();
/// model.load_weights(folder.join("w1.safetensors"));
/// // w ← w - 0.1 · 2 w: 0.8 after the first step, bias -0.2.
/// assert!((model.get_weights()[0][[0, 0]] - 0.8).abs() < 1e-6 && last[0][[0, 0]] < 0.8);
/// ```
#[derive(Clone, Debug)]
pub struct ModelCheckpoint {
    path: String,
    monitor: Monitor,
    save_best_only: bool,
    frequency: Frequency,
    verbose: u8,
    epoch: usize,
    batches: usize,
}

monitor_options!(ModelCheckpoint);

impl ModelCheckpoint {
    /// Writes after each epoch into this file.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.into(),
            monitor: Monitor::new("val_loss", 0.0),
            save_best_only: false,
            frequency: Frequency::Epoch,
            verbose: 0,
            epoch: 0,
            batches: 0,
        }
    }

    /// The key that `save_best_only` looks at; `"val_loss"` without this.
    #[must_use]
    pub fn monitor(mut self, key: &str) -> Self {
        self.monitor.key = key.into();
        self
    }

    /// Whether only weights are written that are better than all before.
    #[must_use]
    pub fn save_best_only(mut self, save_best_only: bool) -> Self {
        self.save_best_only = save_best_only;
        self
    }

    /// The value that the first weights must be better than.
    #[must_use]
    pub fn initial_value_threshold(mut self, value: f64) -> Self {
        self.monitor.best = Some(value);
        self
    }

    /// Writes after so many batches instead of after each epoch.
    #[must_use]
    pub fn save_freq(mut self, batches: usize) -> Self {
        self.frequency = Frequency::Batches(batches.max(1));
        self
    }

    fn save(&mut self, batch: usize, logs: &Logs, model: &mut Model) -> Result<()> {
        let epoch = self.epoch + 1;
        let path = template::fill(&self.path, epoch, batch, logs)?;
        let mut text = format!("Epoch {epoch}: saving model to {path}");
        if self.save_best_only {
            let (key, before, value) = (self.monitor.key.clone(), self.monitor.best, self.monitor.value(logs)?);
            let before = before.map_or("None".into(), |best| format!("{best:.5}"));
            if !self.monitor.improves(value) {
                return self.say(model, format!("Epoch {epoch}: {key} did not improve from {before}"));
            }
            text = format!("Epoch {epoch}: {key} improved from {before} to {value:.5}, saving model to {path}");
        }
        model.try_save_weights(&path)?;
        self.say(model, text)
    }

    fn say(&self, model: &mut Model, text: String) -> Result<()> {
        if self.verbose > 0 {
            model.announce(text);
        }
        Ok(())
    }
}

impl Callback for ModelCheckpoint {
    fn wants_batches(&self) -> bool {
        self.frequency != Frequency::Epoch
    }

    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Model) -> Result<()> {
        self.epoch = epoch;
        Ok(())
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, model: &mut Model) -> Result<()> {
        let Frequency::Batches(frequency) = self.frequency else { return Ok(()) };
        self.batches += 1;
        if self.batches.is_multiple_of(frequency) { self.save(batch + 1, logs, model) } else { Ok(()) }
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, model: &mut Model) -> Result<()> {
        if self.frequency == Frequency::Epoch { self.save(0, logs, model) } else { Ok(()) }
    }
}
