//! Single batches, for training loops of one's own.

use super::examples::Names;
use super::logs::Logs;
use super::model::Model;
use super::program::Pass;
use super::sample_weights;
use crate::display::check_interrupt;
use crate::error::{Result, expect_good};
use crate::numbers::{Arrays, Numbers};
use engine_api::Mode;
use ndarray::ArrayD;

impl Model {
    /// Makes one step of training on one batch, and returns loss and metrics of the batch before the step.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([4]));
    /// model.add(Dense::new(3).use_bias(false).kernel_initializer("ones"));
    /// model.compile(Sgd::new(0.01), "mse", ());
    /// let (x, y) = (Array2::<f32>::ones((100, 4)), Array2::<f32>::zeros((100, 3)));
    /// assert_eq!(model.train_on_batch(&x, &y).loss(), 16.0);
    /// // Each weight has moved by 0.01 · 2 · 4 / 3.
    /// assert!((model.test_on_batch(&x, &y).loss() - 16.0 * (1.0 - 0.08_f64 / 3.0).powi(2)).abs() < 1e-5);
    /// ```
    ///
    /// # Panics
    /// Before `compile`, or when the arrays do not fit; [`Model::try_train_on_batch`] returns the error instead.
    #[track_caller]
    pub fn train_on_batch(&mut self, x: &dyn Arrays, y: &dyn Arrays) -> Logs {
        expect_good(self.try_train_on_batch(x, y, None, &[]))
    }

    /// As [`Model::train_on_batch`], with weights of samples or classes as [`Fit`](crate::Fit) takes them.
    ///
    /// # Errors
    /// What is wrong with the order of calls or the arrays.
    pub fn try_train_on_batch(
        &mut self,
        x: &dyn Arrays,
        y: &dyn Arrays,
        sample_weight: Option<&dyn Numbers>,
        class_weight: &[(usize, f64)],
    ) -> Result<Logs> {
        self.on_batch("train_on_batch", Mode::Train, (x, y), sample_weight, class_weight)
    }

    /// Loss and metrics of one batch, without training.
    ///
    /// # Panics
    /// Before `compile`, or when the arrays do not fit; [`Model::try_test_on_batch`] returns the error instead.
    #[track_caller]
    pub fn test_on_batch(&mut self, x: &dyn Arrays, y: &dyn Arrays) -> Logs {
        expect_good(self.try_test_on_batch(x, y, None, &[]))
    }

    /// As [`Model::test_on_batch`], with weights of samples or classes.
    ///
    /// # Errors
    /// What is wrong with the order of calls or the arrays.
    pub fn try_test_on_batch(
        &mut self,
        x: &dyn Arrays,
        y: &dyn Arrays,
        sample_weight: Option<&dyn Numbers>,
        class_weight: &[(usize, f64)],
    ) -> Result<Logs> {
        self.on_batch("test_on_batch", Mode::Evaluate, (x, y), sample_weight, class_weight)
    }

    /// The model's output for one batch.
    ///
    /// # Panics
    /// When the arrays do not fit, or when the model has several outputs; [`Model::try_predict`] returns the error
    /// instead.
    #[track_caller]
    pub fn predict_on_batch(&mut self, x: &dyn Arrays) -> ArrayD<f32> {
        let outputs = expect_good(self.predict_with("predict_on_batch", x));
        expect_good(self.only_output("predict_on_batch", outputs))
    }

    fn on_batch(
        &mut self,
        method: &'static str,
        mode: Mode,
        (x, y): (&dyn Arrays, &dyn Arrays),
        sample_weight: Option<&dyn Numbers>,
        class_weight: &[(usize, f64)],
    ) -> Result<Logs> {
        let examples = self.examples(&Names { method, x: "x", y: "y" }, x, y)?;
        let (measures, samples) = (self.measures(method)?, examples.samples());
        let place = self.place(method);
        let weights = sample_weights::of_samples(&place, &examples.y, sample_weight, class_weight)?;
        let data = examples.data(0..samples, weights.as_ref());
        let totals = self.program()?.run(Pass::of(mode, data, samples, samples), |_| check_interrupt(method))?;
        Ok(Logs::new(measures.of(&totals)))
    }
}
