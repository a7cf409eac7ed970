//! A learning rate for each epoch.

use super::{Callback, Logs, Model, Result};

/// Sets the learning rate at the beginning of each epoch to what a function of the epoch, counted from 0, and of the
/// present rate says. The rate stands in the history as `learning_rate`.
///
/// Source: `keras/src/callbacks/learning_rate_scheduler.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([1]));
/// model.add(Dense::new(1));
/// model.compile("sgd", "mse", ());
/// let mut schedule = LearningRateScheduler::new(|epoch, rate| if epoch == 0 { 0.5 } else { rate / 2.0 });
/// let options = Fit::new().epochs(3).verbose(0).callback(&mut schedule);
/// let logs = model.fit(&array![[1.0]], &array![[1.0]], options);
/// assert_eq!(logs["learning_rate"], [0.5, 0.25, 0.125]);
/// ```
pub struct LearningRateScheduler {
    schedule: Box<dyn FnMut(usize, f64) -> f64 + Send>,
    verbose: u8,
}

impl LearningRateScheduler {
    /// Follows a function of the epoch and the present rate.
    pub fn new(schedule: impl FnMut(usize, f64) -> f64 + Send + 'static) -> Self {
        Self { schedule: Box::new(schedule), verbose: 0 }
    }

    /// 1 says each rate.
    #[must_use]
    pub fn verbose(mut self, verbose: u8) -> Self {
        self.verbose = verbose;
        self
    }
}

impl Callback for LearningRateScheduler {
    fn on_epoch_begin(&mut self, epoch: usize, model: &mut Model) -> Result<()> {
        let rate = (self.schedule)(epoch, model.learning_rate());
        model.try_set_learning_rate(rate)?;
        if self.verbose > 0 {
            let epoch = epoch + 1;
            model.announce(format!("Epoch {epoch}: LearningRateScheduler setting learning rate to {rate}."));
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, model: &mut Model) -> Result<()> {
        logs.insert("learning_rate", model.learning_rate());
        Ok(())
    }
}
