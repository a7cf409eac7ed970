//! Rules by which weights follow their gradients.

mod kinds;
mod range;

pub use engine_api::Schedule;
pub use kinds::{Adadelta, Adagrad, Adam, AdamW, Adamax, Ftrl, Lion, Nadam, RMSprop, Sgd};

use crate::error::{Error, Report, Result, expect_good};
use crate::named::names_of;
use engine_api::OptimizerSpec;
use range::Range;

/// A learning rate: a number, or a [`Schedule`] by which it changes from step to step.
#[derive(Clone, Debug, PartialEq)]
pub enum LearningRate {
    /// Always the same.
    Constant(f64),
    /// Another in each step.
    Scheduled(Schedule),
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> Self {
        Self::Constant(rate)
    }
}

impl From<Schedule> for LearningRate {
    fn from(schedule: Schedule) -> Self {
        Self::Scheduled(schedule)
    }
}

/// An optimizer of any kind with its options.
///
/// ```
/// use course::prelude::*;
/// let schedule = Schedule::InverseTimeDecay {
///     initial_learning_rate: 0.1, decay_steps: 1000.0, decay_rate: 1.0, staircase: false,
/// };
/// let optimizer: Optimizer = Sgd::new(schedule).clipnorm(1.0).into();
/// assert_eq!(optimizer.option("learning_rate"), Some(0.1));
/// assert_eq!(optimizer.schedule().map(|schedule| schedule.at(1000)), Some(0.05));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    class_name: &'static str,
    spec: OptimizerSpec,
    schedule: Option<Schedule>,
}

names_of! {
    Optimizer, "optimizer" {
        "sgd" => Sgd::default().into(),
        "adam" => Adam::default().into(),
        "adamw" => AdamW::default().weight_decay(0.004).into(),
        "rmsprop" => RMSprop::default().into(),
        "nadam" => Nadam::default().into(),
        "adamax" => Adamax::default().into(),
        "adagrad" => Adagrad::default().into(),
        "adadelta" => Adadelta::default().into(),
        "lion" => Lion::default().into(),
        "ftrl" => Ftrl::default().into(),
    }
}

/// Options that every optimizer has, and that are off unless they are set.
const COMMON: [&str; 4] = ["weight_decay", "clipnorm", "clipvalue", "global_clipnorm"];

impl Optimizer {
    fn of_kind(class_name: &'static str, name: &str, options: &[(&str, f64)]) -> Self {
        let options = options.iter().map(|&(name, value)| (name.into(), value)).collect();
        Self { class_name, spec: OptimizerSpec { name: name.into(), options }, schedule: None }
    }

    #[track_caller]
    fn at_rate(mut self, learning_rate: LearningRate) -> Self {
        let first = match &learning_rate {
            LearningRate::Constant(rate) => *rate,
            LearningRate::Scheduled(schedule) => schedule.at(0),
        };
        self = self.in_range("learning_rate", first, range::NOT_NEGATIVE);
        if let LearningRate::Scheduled(schedule) = learning_rate {
            self.schedule = Some(schedule);
        }
        self
    }

    /// Sets an option after a check, so that the message points at the caller's line.
    #[track_caller]
    fn in_range(mut self, option: &str, value: f64, range: Range) -> Self {
        if !range.holds(value) {
            let report = Report::new(self.class_name, format!("`{option}` is out of range"));
            expect_good(Err(Error::value(report.expected(range.text, value))))
        }
        self.set_option(option, value);
        self
    }

    /// The name of its kind, such as `Sgd`.
    pub fn class_name(&self) -> &'static str {
        self.class_name
    }

    /// The option of this name, such as `learning_rate`.
    pub fn option(&self, name: &str) -> Option<f64> {
        self.spec.options.iter().find(|(option, _)| option == name).map(|&(_, value)| value)
    }

    /// How the learning rate changes from step to step, if it does.
    pub fn schedule(&self) -> Option<&Schedule> {
        self.schedule.as_ref()
    }

    /// The optimizer with an option of this name set to a value; switches are 0 or 1.
    ///
    /// # Errors
    /// [`Error::Name`] when it has no such option; the message lists those that it has.
    pub fn with(mut self, name: &str, value: f64) -> Result<Self> {
        if self.option(name).is_none() && !COMMON.contains(&name) {
            let own = self.spec.options.iter().map(|(option, _)| option.as_str());
            let known = own.chain(COMMON).map(String::from).collect();
            return Err(Error::Name { kind: "option of this optimizer", given: name.into(), known });
        }
        self.set_option(name, value);
        Ok(self)
    }

    /// The optimizer with a learning rate that follows a schedule.
    #[must_use]
    pub fn scheduled(mut self, schedule: Schedule) -> Self {
        self.set_option("learning_rate", schedule.at(0));
        self.schedule = Some(schedule);
        self
    }

    /// All options with their values.
    pub(crate) fn options(&self) -> impl Iterator<Item = (&str, f64)> {
        self.spec.options.iter().map(|(option, value)| (option.as_str(), *value))
    }

    pub(crate) fn set_option(&mut self, name: &str, value: f64) {
        match self.spec.options.iter_mut().find(|(option, _)| option == name) {
            Some((_, old)) => *old = value,
            None => self.spec.options.push((name.into(), value)),
        }
    }

    pub(crate) fn spec(&self) -> &OptimizerSpec {
        &self.spec
    }

    /// How many numbers the optimizer keeps for so many trainable ones: its slots, the count of
    /// steps and the learning rate.
    pub(crate) fn count_params(&self, trainable: usize) -> usize {
        self.slots() * trainable + 2
    }

    /// How many numbers it keeps for each number of a weight.
    fn slots(&self) -> usize {
        let on = |option: &str| usize::from(self.option(option).is_some_and(|value| value != 0.0));
        match self.spec.name.as_str() {
            "sgd" => on("momentum"),
            "rmsprop" => 1 + on("momentum") + on("centered"),
            "adam" | "adamw" => 2 + on("amsgrad"),
            "adagrad" | "lion" => 1,
            _ => 2,
        }
    }
}
