//! Losses and metrics of the user's own.

use crate::error::{Error, Report};
use crate::named::NamedFunction;
use crate::{Result, Tensor, ops};
use std::sync::Arc;

type Function = dyn Fn(&Tensor, &Tensor) -> Tensor + Send + Sync;

/// A function of predictions and targets, with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Own(NamedFunction<Function>);

impl Own {
    pub fn new(name: &str, function: impl Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static) -> Self {
        Self(NamedFunction { name: name.into(), function: Arc::new(function) })
    }

    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// One number a sample: the mean over all places of a sample.
    pub fn of_samples(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let values = (self.0.function)(prediction, target);
        let samples = prediction.shape().0.first().copied().flatten();
        if values.shape().rank() > 0 && values.shape().0[0] == samples {
            return ops::mean_of_samples(&values, &self.0.name);
        }
        let report = Report::new(format!("`{}`", self.0.name), "the function must give numbers for each sample");
        let hint = "leave the batch axis alone: reduce over the others only";
        Err(Error::shape(report.expected("(None, ...)", values.shape()).hint(hint)))
    }
}
