//! Asking a model: its loss on data, its predictions.

use super::examples::Names;
use super::logs::Logs;
use super::model::Model;
use super::program::Pass;
use super::sample_weights;
use crate::Tensor;
use crate::display::check_interrupt;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Arrays, Numbers, array};
use engine_api::Mode;
use ndarray::ArrayD;

/// How many samples are asked at once. The answers do not depend on it, and large batches are quick.
pub(super) const BATCH_SIZE: usize = 256;

/// The same for losses that are not made of those of samples, and for those of several outputs, which are means over
/// batches; Keras's usual number.
const BATCH_SIZE_OF_JOINT_LOSSES: usize = 32;

impl Model {
    /// Computes loss and metrics on samples and their targets, without training.
    ///
    /// # Panics
    /// Before `compile`, or when the arrays do not fit; [`Model::try_evaluate`] returns the error
    /// instead.
    #[track_caller]
    pub fn evaluate(&mut self, x: &dyn Arrays, y: &dyn Arrays) -> Logs {
        expect_good(self.try_evaluate(x, y))
    }

    /// As [`Model::evaluate`].
    ///
    /// # Errors
    /// What is wrong with the order of calls or the arrays.
    pub fn try_evaluate(&mut self, x: &dyn Arrays, y: &dyn Arrays) -> Result<Logs> {
        self.evaluate_with(x, y, None, None)
    }

    /// As [`Model::evaluate`], with batches of this size: `batch_size` of Keras's `evaluate`. It matters to losses that
    /// are not made of those of samples, such as `dice`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Activation::new("linear"));
    /// model.compile("sgd", "dice", ());
    /// let (x, y) = (array![[1.0], [0.0]], array![[1.0], [1.0]]);
    /// // 1 - 2 · 1 / (1 + 2) for both together; 0 and 1 one by one.
    /// assert!((model.evaluate_in_batches(&x, &y, 2).loss() - 1.0 / 3.0).abs() < 1e-6);
    /// assert!((model.evaluate_in_batches(&x, &y, 1).loss() - 0.5).abs() < 1e-6);
    /// ```
    ///
    /// # Panics
    /// As [`Model::evaluate`], and when the size is 0.
    #[track_caller]
    pub fn evaluate_in_batches(&mut self, x: &dyn Arrays, y: &dyn Arrays, batch_size: usize) -> Logs {
        expect_good(self.try_evaluate_in_batches(x, y, batch_size))
    }

    /// As [`Model::evaluate_in_batches`].
    ///
    /// # Errors
    /// As [`Model::try_evaluate`], and when the size is 0.
    pub fn try_evaluate_in_batches(&mut self, x: &dyn Arrays, y: &dyn Arrays, batch_size: usize) -> Result<Logs> {
        if batch_size == 0 {
            let report = Report::new(self.place("evaluate"), "`batch_size` must be at least 1");
            return Err(Error::value(report.expected("1, 2, ...", batch_size)));
        }
        self.evaluate_with(x, y, None, Some(batch_size))
    }

    /// As [`Model::evaluate`], with a number for each sample that says how much it counts in the loss, and in metrics
    /// that are [`weighted`](crate::Metric::weighted): `sample_weight` of Keras's `evaluate`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Dense::new(1).kernel_initializer("ones"));
    /// model.compile("sgd", "mse", ());
    /// // The errors are 1 and 4: (3 · 1 + 1 · 16) / 2.
    /// let logs = model.evaluate_weighted(&array![[1.0], [2.0]], &array![[0.0], [6.0]], &array![3.0, 1.0]);
    /// assert_eq!(logs.loss(), 9.5);
    /// ```
    ///
    /// # Panics
    /// As [`Model::evaluate`], and when there is not one number a sample.
    #[track_caller]
    pub fn evaluate_weighted(&mut self, x: &dyn Arrays, y: &dyn Arrays, sample_weight: &dyn Numbers) -> Logs {
        expect_good(self.try_evaluate_weighted(x, y, sample_weight))
    }

    /// As [`Model::evaluate_weighted`].
    ///
    /// # Errors
    /// As [`Model::try_evaluate`], and when there is not one number a sample.
    pub fn try_evaluate_weighted(
        &mut self,
        x: &dyn Arrays,
        y: &dyn Arrays,
        sample_weight: &dyn Numbers,
    ) -> Result<Logs> {
        self.evaluate_with(x, y, Some(sample_weight), None)
    }

    fn evaluate_with(
        &mut self,
        x: &dyn Arrays,
        y: &dyn Arrays,
        weights: Option<&dyn Numbers>,
        batch_size: Option<usize>,
    ) -> Result<Logs> {
        let examples = self.examples(&Names { method: "evaluate", x: "x", y: "y" }, x, y)?;
        let (samples, place) = (examples.samples(), self.place("evaluate"));
        let weights = sample_weights::of_samples(&place, &examples.y, weights, &[])?;
        let usual = self.evaluation_batch_size(BATCH_SIZE_OF_JOINT_LOSSES)?;
        let data = examples.data(0..samples, weights.as_ref());
        let pass = Pass::of(Mode::Evaluate, data, samples, batch_size.unwrap_or(usual));
        let totals = self.program()?.run(pass, |_| check_interrupt("evaluate"))?;
        Ok(Logs::new(self.measures("evaluate")?.of(&totals)))
    }

    /// How many samples are evaluated at once: so many where the results depend on it, else as is quick.
    pub(super) fn evaluation_batch_size(&self, of_joint_losses: usize) -> Result<usize> {
        let losses = self.compiled("evaluate")?.losses(self.network()?)?;
        let is_joint = losses.len() > 1 || losses.iter().any(|(loss, _)| loss.is_joint());
        Ok(if is_joint { of_joint_losses } else { BATCH_SIZE })
    }

    /// Computes the model's output for samples; for a model with several inputs `&(&a, &b)`.
    ///
    /// # Shapes
    /// (samples, input...) -> (samples, output...)
    ///
    /// # Panics
    /// When the arrays do not fit, or when the model has several outputs; [`Model::try_predict`] returns the error
    /// instead.
    #[track_caller]
    pub fn predict(&mut self, x: &dyn Arrays) -> ArrayD<f32> {
        expect_good(self.try_predict(x))
    }

    /// As [`Model::predict`].
    ///
    /// # Errors
    /// What is wrong with the arrays; and when the model has several outputs.
    pub fn try_predict(&mut self, x: &dyn Arrays) -> Result<ArrayD<f32>> {
        let outputs = self.try_predict_all(x)?;
        self.only_output("predict", outputs)
    }

    /// The output of a model that has only one.
    pub(super) fn only_output(&self, method: &str, mut outputs: Vec<ArrayD<f32>>) -> Result<ArrayD<f32>> {
        if outputs.len() == 1 {
            return Ok(outputs.remove(0));
        }
        let report = Report::new(self.place(method), format!("the model has {} outputs", outputs.len()));
        Err(Error::order(report.hint("use `predict_all`, which returns all of them")))
    }

    /// Computes all outputs of the model for samples.
    ///
    /// # Panics
    /// When the arrays do not fit; [`Model::try_predict_all`] returns the error instead.
    #[track_caller]
    pub fn predict_all(&mut self, x: &dyn Arrays) -> Vec<ArrayD<f32>> {
        expect_good(self.try_predict_all(x))
    }

    /// As [`Model::predict_all`].
    ///
    /// # Errors
    /// What is wrong with the arrays.
    pub fn try_predict_all(&mut self, x: &dyn Arrays) -> Result<Vec<ArrayD<f32>>> {
        self.predict_with("predict", x)
    }

    /// All outputs for samples; `method` is named in messages.
    pub(super) fn predict_with(&mut self, method: &'static str, x: &dyn Arrays) -> Result<Vec<ArrayD<f32>>> {
        let views = self.samples(&Names { method, x: "x", y: "y" }, x)?;
        let samples = views[0].samples();
        let unknown =
            || Error::shape(Report::new(self.place(method), "an axis of the output besides the batch is not known"));
        let shape = |output: &Tensor| output.shape().with_batch(samples).ok_or_else(unknown);
        let shapes: Vec<Vec<usize>> = self.network()?.outputs.iter().map(shape).collect::<Result<_>>()?;
        let mut rooms: Vec<Vec<f32>> = shapes.iter().map(|shape| vec![0.0; shape.iter().product()]).collect();
        let data = views.iter().map(|view| view.data(0, samples)).collect();
        let pass = Pass::of(Mode::Predict, data, samples, BATCH_SIZE).into(&mut rooms);
        self.program()?.run(pass, |_| check_interrupt(method))?;
        Ok(shapes.iter().zip(rooms).map(|(shape, values)| array(shape, values)).collect())
    }
}
