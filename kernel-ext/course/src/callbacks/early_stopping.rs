//! Stopping when nothing gets better.

use super::monitor::{Monitor, monitor_options, patience_options};
use super::{Callback, Logs, Model, Result};
use ndarray::ArrayD;

/// Ends the training when a key of the logs has not become better for some epochs.
///
/// Source: `keras/src/callbacks/early_stopping.py`.
///
/// ```
/// use course::prelude::*;
/// let mut stopping = EarlyStopping::new("val_loss").patience(3).restore_best_weights(true);
/// let options = Fit::new().epochs(100).validation_split(0.2).callback(&mut stopping);
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    restore_best_weights: bool,
    start_from_epoch: usize,
    verbose: u8,
    wait: usize,
    stopped_epoch: Option<usize>,
    best: Option<(usize, Vec<ArrayD<f32>>)>,
}

monitor_options!(EarlyStopping);
patience_options!(EarlyStopping);

impl EarlyStopping {
    /// Watches a key, such as `"val_loss"`, and stops at the first epoch that is no better.
    pub fn new(monitor: &str) -> Self {
        Self {
            monitor: Monitor::new(monitor, 0.0),
            patience: 0,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            verbose: 0,
            wait: 0,
            stopped_epoch: None,
            best: None,
        }
    }

    /// A value that must be reached while the patience lasts.
    #[must_use]
    pub fn baseline(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Whether the model gets back the weights of its best epoch.
    #[must_use]
    pub fn restore_best_weights(mut self, restore: bool) -> Self {
        self.restore_best_weights = restore;
        self
    }

    /// How many epochs are not looked at.
    #[must_use]
    pub fn start_from_epoch(mut self, epoch: usize) -> Self {
        self.start_from_epoch = epoch;
        self
    }

    /// The epoch, counted from 0, after which the training was stopped; `None` when it was not.
    pub fn stopped_epoch(&self) -> Option<usize> {
        self.stopped_epoch
    }

    fn restore(&mut self, model: &mut Model) -> Result<()> {
        let Some((epoch, weights)) = self.best.take() else { return Ok(()) };
        if self.verbose > 0 {
            model.announce(format!("Restoring model weights from the end of the best epoch: {}.", epoch + 1));
        }
        model.try_set_weights(&weights)
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, _: &mut Model) -> Result<()> {
        (self.wait, self.stopped_epoch, self.best, self.monitor.best) = (0, None, None, None);
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, model: &mut Model) -> Result<()> {
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        let value = self.monitor.value(logs)?;
        self.wait += 1;
        if self.monitor.improves(value) {
            if self.restore_best_weights {
                self.best = Some((epoch, model.get_weights()));
            }
            // A baseline is one more thing to be better than.
            if self.baseline.is_none_or(|baseline| self.monitor.is_better(value, baseline)) {
                self.wait = 0;
            }
            return Ok(());
        }
        if self.wait >= self.patience && epoch > 0 {
            self.stopped_epoch = Some(epoch);
            model.stop_training();
        }
        Ok(())
    }

    fn on_train_end(&mut self, model: &mut Model) -> Result<()> {
        if let (Some(epoch), true) = (self.stopped_epoch, self.verbose > 0) {
            model.announce(format!("Epoch {}: early stopping", epoch + 1));
        }
        self.restore(model)
    }
}
