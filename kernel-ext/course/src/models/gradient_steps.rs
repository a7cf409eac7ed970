//! An optimizer's steps along gradients that come from anywhere.

use super::compile::{Compiled, Objective, constraints_of};
use super::program::{Pass, Program};
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::Numbers;
use crate::{LossKind, Metrics, Optimizer, Tensor, Weight, ops};
use engine_api::{Mode, Shape};
use ndarray::ArrayD;

/// Moves weights along gradients that the caller has computed, in the way of an optimizer, for
/// training loops of one's own.
///
/// Source: `apply_gradients` of `keras/src/optimizers/base_optimizer.py`.
///
/// ```
/// use course::prelude::*;
/// let weight = Weight::new("w", &[2], vec![1.0, 2.0]);
/// let mut steps = GradientSteps::new(Sgd::new(0.5), &[weight.clone()]);
/// steps.apply(&[array![1.0, -1.0].into_dyn()]);
/// assert_eq!(weight.read()?, array![0.5, 2.5].into_dyn());
/// # Ok::<(), course::Error>(())
/// ```
#[derive(Debug)]
pub struct GradientSteps {
    weights: Vec<Weight>,
    program: Program,
}

impl GradientSteps {
    /// Steps of this optimizer, which begins afresh, on these weights.
    ///
    /// # Panics
    /// When the backend refuses the optimizer.
    #[track_caller]
    pub fn new(optimizer: impl Into<Optimizer>, weights: &[Weight]) -> Self {
        expect_good(Self::try_new(optimizer.into(), weights))
    }

    /// As [`GradientSteps::new`], with an optimizer that exists already.
    ///
    /// # Errors
    /// [`Error::Backend`] when the backend refuses the optimizer.
    pub fn try_new(optimizer: Optimizer, weights: &[Weight]) -> Result<Self> {
        // The loss Σ weight · fed has what is fed as its gradient.
        let mut inputs = Vec::new();
        let mut terms = Vec::new();
        for weight in weights {
            let fed = Tensor::input(Shape::batch_of(weight.shape()), weight.name());
            let product = ops::binary("multiply", &weight.tensor(), &fed, "steps")?;
            terms.push(ops::unary("sum", &product, "steps")?);
            inputs.push(fed);
        }
        let loss = terms
            .into_iter()
            .map(Ok)
            .reduce(|total: Result<Tensor>, term| ops::binary("add", &total?, &term?, "steps"));
        let loss = loss.unwrap_or_else(|| Err(Error::value(Report::new("GradientSteps", "there are no weights"))))?;
        let compiled = Compiled { optimizer, losses: LossKind::default().into(), metrics: Metrics::default() };
        let (weighted, followed, constraints) = (None, Vec::new(), constraints_of(weights)?);
        let objective = Objective { targets: inputs, loss, weighted, followed, constraints };
        let program = Program::between(&[], &[], weights, Some((&compiled, &objective)))?;
        Ok(Self { weights: weights.to_vec(), program })
    }

    /// Makes one step along one gradient a weight.
    ///
    /// # Panics
    /// When number or shapes of the gradients are not those of the weights;
    /// [`GradientSteps::try_apply`] returns the error instead.
    #[track_caller]
    pub fn apply(&mut self, gradients: &[ArrayD<f32>]) {
        expect_good(self.try_apply(gradients));
    }

    /// As [`GradientSteps::apply`].
    ///
    /// # Errors
    /// [`Error::Shape`] when number or shapes of the gradients are not those of the weights.
    pub fn try_apply(&mut self, gradients: &[ArrayD<f32>]) -> Result<()> {
        crate::layers::check_shapes("GradientSteps", &self.weights, gradients)?;
        let batches: Vec<ArrayD<f32>> =
            gradients.iter().map(|gradient| gradient.clone().insert_axis(ndarray::Axis(0))).collect();
        let views: Vec<_> = batches.iter().map(Numbers::numbers).collect();
        let data = views.iter().map(|view| view.data(0, 1)).collect();
        self.program.run(Pass::of(Mode::Train, data, 1, 1), |_| Ok(()))?;
        Ok(())
    }

    /// Changes an option of the optimizer, such as `learning_rate`, from the next step on.
    ///
    /// # Panics
    /// When the optimizer has no such option.
    #[track_caller]
    pub fn set_option(&mut self, option: &str, value: f64) {
        expect_good(self.program.set_optimizer(option, value));
    }
}
