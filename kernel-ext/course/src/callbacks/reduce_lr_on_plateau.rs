//! Smaller steps when nothing gets better.

use super::monitor::{Monitor, monitor_options, patience_options};
use super::{Callback, Logs, Model, Result};

/// Makes the learning rate smaller when a key of the logs has not become better for some epochs. The rate stands in
/// the history as `learning_rate`.
///
/// Source: `keras/src/callbacks/reduce_lr_on_plateau.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([1]));
/// model.add(Dense::new(1).kernel_initializer("zeros"));
/// model.compile(Sgd::new(0.1), "mse", ());
/// let mut plateau = ReduceLROnPlateau::new("loss").factor(0.5).patience(2).min_lr(0.03);
/// let (x, y) = (array![[0.0]], array![[0.0]]);
/// let logs = model.fit(&x, &y, Fit::new().epochs(8).verbose(0).callback(&mut plateau));
/// // The loss is 0 all the time; a value is added before the rate changes.
/// let rates: Vec<f32> = logs["learning_rate"].iter().map(|&rate| rate as f32).collect();
/// assert_eq!(rates, [0.1, 0.1, 0.1, 0.05, 0.05, 0.03, 0.03, 0.03]);
/// ```
#[derive(Clone, Debug)]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_lr: f64,
    verbose: u8,
    wait: usize,
    cooling: usize,
}

monitor_options!(ReduceLROnPlateau);
patience_options!(ReduceLROnPlateau);

impl ReduceLROnPlateau {
    /// Watches a key, such as `"val_loss"`: a tenth of the rate after 10 epochs without a better value.
    pub fn new(monitor: &str) -> Self {
        Self {
            monitor: Monitor::new(monitor, 1e-4),
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_lr: 0.0,
            verbose: 0,
            wait: 0,
            cooling: 0,
        }
    }

    /// By what the rate is multiplied.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// How many epochs after a change are not looked at.
    #[must_use]
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    /// The rate below which it is never set.
    #[must_use]
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.min_lr = min_lr;
        self
    }
}

impl Callback for ReduceLROnPlateau {
    fn on_train_begin(&mut self, _: &mut Model) -> Result<()> {
        (self.wait, self.cooling, self.monitor.best) = (0, 0, None);
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, model: &mut Model) -> Result<()> {
        let (value, rate) = (self.monitor.value(logs)?, model.learning_rate());
        logs.insert("learning_rate", rate);
        if self.cooling > 0 {
            (self.cooling, self.wait) = (self.cooling - 1, 0);
        }
        if self.monitor.improves(value) {
            self.wait = 0;
        } else if self.cooling == 0 {
            self.wait += 1;
            // Keras compares in single precision.
            if self.wait >= self.patience && rate as f32 > self.min_lr as f32 {
                let smaller = (rate * self.factor).max(self.min_lr);
                model.try_set_learning_rate(smaller)?;
                if self.verbose > 0 {
                    let epoch = epoch + 1;
                    model.announce(format!("Epoch {epoch}: ReduceLROnPlateau reducing learning rate to {smaller}."));
                }
                (self.cooling, self.wait) = (self.cooldown, 0);
            }
        }
        Ok(())
    }
}
