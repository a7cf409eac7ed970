//! Rules by which weights follow their gradients. One file an optimizer; the steps themselves are
//! made behind the waist.

mod adam;
mod sgd;

pub use adam::Adam;
pub use sgd::Sgd;

use crate::error::{Error, Report, Result, expect_good};
use crate::named::names_of;
use engine_api::OptimizerSpec;

/// An optimizer of any kind with its options.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    spec: OptimizerSpec,
    slots: usize,
}

names_of! {
    Optimizer, "optimizer" {
        "sgd" => Sgd::default().into(),
        "adam" => Adam::default().into(),
    }
}

impl Optimizer {
    /// An optimizer that keeps `slots` numbers for each number of a weight.
    fn new(name: &str, slots: usize, options: &[(&str, f64)]) -> Self {
        let options = options.iter().map(|&(name, value)| (name.into(), value)).collect();
        Self { spec: OptimizerSpec { name: name.into(), options }, slots }
    }

    /// The option of this name, such as `learning_rate`.
    pub fn option(&self, name: &str) -> Option<f64> {
        self.spec.options.iter().find(|(option, _)| option == name).map(|&(_, value)| value)
    }

    /// The optimizer with an option of this name set to a value; switches are 0 or 1.
    ///
    /// # Errors
    /// [`Error::Name`] when it has no such option; the message lists those that it has.
    pub fn with(mut self, name: &str, value: f64) -> Result<Self> {
        if self.option(name).is_none() {
            let known = self.spec.options.iter().map(|(option, _)| option.clone()).collect();
            return Err(Error::Name { kind: "option of this optimizer", given: name.into(), known });
        }
        self.set_option(name, value);
        Ok(self)
    }

    pub(crate) fn set_option(&mut self, name: &str, value: f64) {
        self.spec.options.iter_mut().filter(|(option, _)| option == name).for_each(|(_, old)| *old = value);
    }

    pub(crate) fn spec(&self) -> &OptimizerSpec {
        &self.spec
    }

    /// How many numbers the optimizer keeps for so many trainable ones: its slots, the count of
    /// steps and the learning rate.
    pub(crate) fn count_params(&self, trainable: usize) -> usize {
        self.slots * trainable + 2
    }
}

/// Checks an option when it is given, so that the message points at its line.
#[track_caller]
fn in_range(place: &str, option: &str, value: f64, range: &str, good: bool) -> f64 {
    if good {
        return value;
    }
    let report = Report::new(place, format!("`{option}` is out of range")).expected(range, value);
    expect_good(Result::<f64>::Err(Error::value(report)))
}
