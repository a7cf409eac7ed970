//! An end to a training that has gone wrong.

use super::{Callback, Logs, Model, Result};

/// Ends the training at the first batch whose loss is no number or infinite.
///
/// Source: `keras/src/callbacks/terminate_on_nan.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([1]));
/// model.add(Dense::new(1));
/// // Far too large a rate: the loss grows beyond all numbers.
/// model.compile(Sgd::new(1e10), "mse", ());
/// let x = Array2::<f32>::ones((64, 1));
/// let options = Fit::new().epochs(20).batch_size(1).verbose(0);
/// let logs = model.fit(&x, &x, options.callback(&mut TerminateOnNaN::new()));
/// assert_eq!(logs["loss"].len(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TerminateOnNaN;

impl TerminateOnNaN {
    /// A callback that looks at the loss of each batch.
    pub fn new() -> Self {
        Self
    }
}

impl Callback for TerminateOnNaN {
    fn wants_batches(&self) -> bool {
        true
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, model: &mut Model) -> Result<()> {
        if !logs.loss().is_finite() {
            model.announce(format!("Batch {batch}: Invalid loss, terminating training"));
            model.stop_training();
        }
        Ok(())
    }
}
