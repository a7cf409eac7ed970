//! Closures as callbacks.

use super::{Callback, Logs, Model, Result};

type AtEpoch = Box<dyn FnMut(usize, &Logs, &mut Model)>;
type AtBatch = Box<dyn FnMut(usize, &Logs, &mut Model)>;
type AtTrain = Box<dyn FnMut(&mut Model)>;

/// Calls closures.
///
/// Source: `keras/src/callbacks/lambda_callback.py`.
///
/// ```
/// use course::prelude::*;
/// use std::{cell::RefCell, rc::Rc};
/// let mut model = Sequential::new();
/// model.add(Input::new([1]));
/// model.add(Dense::new(1));
/// model.compile("sgd", "mse", ());
/// let seen = Rc::new(RefCell::new(Vec::new()));
/// let log = seen.clone();
/// let mut lambda = LambdaCallback::new().on_epoch_end(move |epoch, _, _| log.borrow_mut().push(epoch));
/// model.fit(&array![[1.0]], &array![[1.0]], Fit::new().epochs(3).verbose(0).callback(&mut lambda));
/// assert_eq!(*seen.borrow(), [0, 1, 2]);
/// ```
#[derive(Default)]
pub struct LambdaCallback {
    train_begin: Option<AtTrain>,
    train_end: Option<AtTrain>,
    epoch_end: Option<AtEpoch>,
    batch_end: Option<AtBatch>,
}

impl LambdaCallback {
    /// A callback that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is called when the training begins.
    #[must_use]
    pub fn on_train_begin(mut self, call: impl FnMut(&mut Model) + 'static) -> Self {
        self.train_begin = Some(Box::new(call));
        self
    }

    /// What is called when the training has ended.
    #[must_use]
    pub fn on_train_end(mut self, call: impl FnMut(&mut Model) + 'static) -> Self {
        self.train_end = Some(Box::new(call));
        self
    }

    /// What is called after each epoch, with its number from 0.
    #[must_use]
    pub fn on_epoch_end(mut self, call: impl FnMut(usize, &Logs, &mut Model) + 'static) -> Self {
        self.epoch_end = Some(Box::new(call));
        self
    }

    /// What is called after each batch, with its number from 0.
    #[must_use]
    pub fn on_train_batch_end(mut self, call: impl FnMut(usize, &Logs, &mut Model) + 'static) -> Self {
        self.batch_end = Some(Box::new(call));
        self
    }
}

impl Callback for LambdaCallback {
    fn on_train_begin(&mut self, model: &mut Model) -> Result<()> {
        self.train_begin.iter_mut().for_each(|call| call(model));
        Ok(())
    }

    fn on_train_end(&mut self, model: &mut Model) -> Result<()> {
        self.train_end.iter_mut().for_each(|call| call(model));
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, model: &mut Model) -> Result<()> {
        self.epoch_end.iter_mut().for_each(|call| call(epoch, logs, model));
        Ok(())
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, model: &mut Model) -> Result<()> {
        self.batch_end.iter_mut().for_each(|call| call(batch, logs, model));
        Ok(())
    }

    fn wants_batches(&self) -> bool {
        self.batch_end.is_some()
    }
}
