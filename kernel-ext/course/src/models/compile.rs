//! How a model is to be trained.

use super::model::{Model, Network};
use crate::error::{Result, expect_good};
use crate::{Loss, Metric, Metrics, Optimizer, Tensor, ops};
use engine_api::Shape;

/// Optimizer, loss and metrics of a model.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub optimizer: Optimizer,
    pub loss: Loss,
    pub metrics: Vec<Metric>,
}

/// The symbolic side of training: what is fed, minimised and followed.
pub(super) struct Objective {
    pub target: Tensor,
    pub loss: Tensor,
    /// The weights of samples, and the loss in which they count.
    pub weighted: Option<(Tensor, Tensor)>,
    pub metrics: Vec<Tensor>,
}

impl Compiled {
    /// Builds loss and metrics behind a network, which finds out whether they fit it.
    pub fn objective(&self, network: &Network) -> Result<Objective> {
        let target = Tensor::input(self.loss.target_shape(network.output.shape()), "target");
        let values = self.loss.of_samples(&network.output, &target)?;
        let weights = Tensor::input(Shape::batch_of(&[]), "sample_weight");
        let weighted = ops::batch_mean(&ops::binary("multiply", &values, &weights, "loss")?, "loss")?;
        let (loss, weighted) = (ops::batch_mean(&values, "loss")?, Some((weights, weighted)));
        let metrics = self.metrics.iter().map(|metric| metric.of_samples(&network.output, &target));
        Ok(Objective { loss, weighted, metrics: metrics.collect::<Result<_>>()?, target })
    }

    /// Loss and metrics by their names, from the means over samples that a run reports.
    pub fn measures(&self, means: &[f64]) -> Vec<(String, f64)> {
        let loss = means.iter().take(1).map(|&mean| ("loss".into(), mean));
        let metrics = self.metrics.iter().zip(means.iter().skip(1));
        loss.chain(metrics.map(|(metric, &mean)| (metric.name().into(), metric.finish(mean)))).collect()
    }
}

impl Model {
    /// Says how the model is to be trained. Compiling again keeps the weights and begins with a
    /// fresh optimizer.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([784]));
    /// model.add(Dense::new(10).activation("softmax"));
    /// model.compile("adam", "categorical_crossentropy", ["accuracy"]);
    /// model.compile(Sgd::new(0.1).momentum(0.9), LossKind::CategoricalCrossentropy, ());
    /// assert_eq!(model.learning_rate(), 0.1);
    /// ```
    ///
    /// # Panics
    /// When a name is not known, or when loss or metric cannot go with the model's output.
    #[track_caller]
    pub fn compile(&mut self, optimizer: impl Into<Optimizer>, loss: impl Into<Loss>, metrics: impl Into<Metrics>) {
        expect_good(self.compile_parts(optimizer.into(), loss.into(), metrics.into()));
    }

    /// As [`Model::compile`], with optimizer, loss and metrics that exist already.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when loss or metric cannot go with the model's output.
    pub fn try_compile(&mut self, optimizer: Optimizer, loss: Loss, metrics: Metrics) -> Result<()> {
        self.compile_parts(optimizer, loss, metrics)
    }

    fn compile_parts(&mut self, optimizer: Optimizer, loss: Loss, metrics: Metrics) -> Result<()> {
        let compiled = Compiled { optimizer, loss, metrics: metrics.0 };
        if let Some(network) = &self.network {
            compiled.objective(network)?;
        }
        self.compiled = Some(compiled);
        self.program = None;
        Ok(())
    }
}
