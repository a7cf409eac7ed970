//! Asking a model: its loss on data, its predictions.

use super::examples::Names;
use super::model::Model;
use super::program::Pass;
use crate::display::{Bundle, Show, check_interrupt, shows_itself};
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, array};
use engine_api::Mode;
use ndarray::ArrayD;
use std::fmt;
use std::ops::Index;

/// How many samples are asked at once. The answers do not depend on it, and large batches are quick.
pub(super) const BATCH_SIZE: usize = 256;

/// Loss and metrics of a model on a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    values: Vec<(String, f64)>,
}

impl Evaluation {
    pub(super) fn new(values: Vec<(String, f64)>) -> Self {
        Self { values }
    }

    /// The loss.
    pub fn loss(&self) -> f64 {
        self["loss"]
    }

    /// Names and values: the loss, then the metrics.
    pub fn values(&self) -> &[(String, f64)] {
        &self.values
    }
}

impl Index<&str> for Evaluation {
    type Output = f64;

    /// The value of a metric; `"acc"` and `"accuracy"` mean the same.
    #[track_caller]
    fn index(&self, name: &str) -> &f64 {
        let found = super::history::lookup(&self.values, name);
        expect_good(found.ok_or_else(|| Error::Name {
            kind: "metric of this evaluation",
            given: name.into(),
            known: self.values.iter().map(|(name, _)| name.clone()).collect(),
        }))
    }
}

impl Index<usize> for Evaluation {
    type Output = f64;

    /// 0 is the loss, then come the metrics, as in Keras's list.
    fn index(&self, place: usize) -> &f64 {
        &self.values[place].1
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> =
            self.values.iter().map(|(name, value)| format!("'{name}': {}", *value as f32)).collect();
        write!(f, "{{{}}}", texts.join(", "))
    }
}

impl Show for Evaluation {
    fn bundle(&self) -> Bundle {
        Bundle::text(self.to_string())
    }
}

shows_itself!(Evaluation);

impl Model {
    /// Computes loss and metrics on samples and their targets, without training.
    ///
    /// # Panics
    /// Before `compile`, or when the arrays do not fit; [`Model::try_evaluate`] returns the error
    /// instead.
    #[track_caller]
    pub fn evaluate(&mut self, x: &dyn Numbers, y: &dyn Numbers) -> Evaluation {
        expect_good(self.try_evaluate(x, y))
    }

    /// As [`Model::evaluate`].
    ///
    /// # Errors
    /// What is wrong with the order of calls or the arrays.
    pub fn try_evaluate(&mut self, x: &dyn Numbers, y: &dyn Numbers) -> Result<Evaluation> {
        let examples = self.examples(&Names { method: "evaluate", x: "x", y: "y" }, x, y)?;
        let samples = examples.samples();
        let pass = Pass::of(Mode::Evaluate, examples.data(0, samples), samples, BATCH_SIZE);
        let means = self.program()?.run(pass, |_| check_interrupt("evaluate"))?;
        Ok(Evaluation::new(self.compiled("evaluate")?.measures(&means)))
    }

    /// Computes the model's output for samples.
    ///
    /// # Shapes
    /// (samples, input...) -> (samples, output...)
    ///
    /// # Panics
    /// When the array does not fit; [`Model::try_predict`] returns the error instead.
    #[track_caller]
    pub fn predict(&mut self, x: &dyn Numbers) -> ArrayD<f32> {
        expect_good(self.try_predict(x))
    }

    /// As [`Model::predict`].
    ///
    /// # Errors
    /// What is wrong with the array.
    pub fn try_predict(&mut self, x: &dyn Numbers) -> Result<ArrayD<f32>> {
        let view = self.samples(&Names { method: "predict", x: "x", y: "y" }, x)?;
        let samples = view.samples();
        let shape = self.network()?.output.shape().with_batch(samples).ok_or_else(|| {
            Error::shape(Report::new(self.place("predict"), "an axis of the output besides the batch is not known"))
        })?;
        let mut rooms = [vec![0.0; shape.iter().product()]];
        let pass = Pass::of(Mode::Predict, vec![view.data(0, samples)], samples, BATCH_SIZE).into(&mut rooms);
        self.program()?.run(pass, |_| check_interrupt("predict"))?;
        let [values] = rooms;
        Ok(array(&shape, values))
    }
}
