//! Who is told about a training while it goes on, and may act on it. One file a callback.
//!
//! What may not be in this folder: training itself.

mod csv_logger;
mod early_stopping;
mod lambda;
mod learning_rate_scheduler;
mod model_checkpoint;
mod monitor;
mod reduce_lr_on_plateau;
mod template;
mod terminate_on_nan;

pub use csv_logger::CSVLogger;
pub use early_stopping::EarlyStopping;
pub use lambda::LambdaCallback;
pub use learning_rate_scheduler::LearningRateScheduler;
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::Direction;
pub use reduce_lr_on_plateau::ReduceLROnPlateau;
pub use terminate_on_nan::TerminateOnNaN;

use crate::{Logs, Model, Result};

/// Someone who is told about a training. All methods do nothing unless they are written anew.
///
/// A callback may read and change the model: its learning rate, its weights; `model.stop_training()` ends the
/// training. Epochs and batches are counted from 0. An error ends the training, and `fit` returns it.
///
/// Source: `keras/src/callbacks/callback.py`.
///
/// ```
/// use course::prelude::*;
///
/// /// Halves the learning rate whenever the loss rises.
/// struct Cautious(f64);
///
/// impl Callback for Cautious {
///     fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, model: &mut Model) -> course::Result<()> {
///         if logs["loss"] > self.0 {
///             model.set_learning_rate(model.learning_rate() / 2.0);
///         }
///         self.0 = logs["loss"];
///         Ok(())
///     }
/// }
///
/// let mut model = Sequential::new();
/// model.add(Input::new([1]));
/// model.add(Dense::new(1).kernel_initializer("zeros"));
/// model.compile(Sgd::new(1.5), "mse", ());
/// let (x, y) = (array![[1.0]], array![[1.0]]);
/// let mut cautious = Cautious(f64::INFINITY);
/// let logs = model.fit(&x, &y, Fit::new().epochs(10).verbose(0).callback(&mut cautious));
/// assert!(model.learning_rate() < 0.5 && logs["loss"][9] < logs["loss"][1]);
/// ```
#[expect(unused_variables, reason = "the names of the arguments are documentation")]
pub trait Callback {
    /// The training begins.
    ///
    /// # Errors
    /// Whatever shall end the training; so with all methods.
    fn on_train_begin(&mut self, model: &mut Model) -> Result<()> {
        Ok(())
    }

    /// The training has ended, also by an error or an interrupt.
    ///
    /// # Errors
    /// As [`Callback::on_train_begin`].
    fn on_train_end(&mut self, model: &mut Model) -> Result<()> {
        Ok(())
    }

    /// An epoch begins.
    ///
    /// # Errors
    /// As [`Callback::on_train_begin`].
    fn on_epoch_begin(&mut self, epoch: usize, model: &mut Model) -> Result<()> {
        Ok(())
    }

    /// An epoch has ended; what is added to the logs stands in the history too.
    ///
    /// # Errors
    /// As [`Callback::on_train_begin`].
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, model: &mut Model) -> Result<()> {
        Ok(())
    }

    /// A batch has ended; the logs are the means of the epoch so far. Called only if some callback of the training
    /// wants batches.
    ///
    /// # Errors
    /// As [`Callback::on_train_begin`].
    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, model: &mut Model) -> Result<()> {
        Ok(())
    }

    /// Whether to tell of each batch. Training is a little slower then: progress is told after each batch instead of
    /// every 50 milliseconds.
    fn wants_batches(&self) -> bool {
        false
    }
}
