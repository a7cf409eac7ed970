//! How a model is to be trained.

use super::lower::weights_of;
use super::model::Model;
use super::network::Network;
use super::program::Totals;
use crate::error::{Error, Report, Result, expect_good};
use crate::regularizers::with_penalties;
use crate::{Loss, Losses, Metric, Metrics, Optimizer, Tensor, ops};
use engine_api::Shape;

/// Optimizer, losses and metrics of a model.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub optimizer: Optimizer,
    pub losses: Losses,
    pub metrics: Metrics,
}

/// The symbolic side of training: what is fed, minimised and followed.
pub(super) struct Objective {
    pub targets: Vec<Tensor>,
    pub loss: Tensor,
    /// The weights of samples, and the loss in which they count.
    pub weighted: Option<(Tensor, Tensor)>,
    pub followed: Vec<Followed>,
}

/// A metric with the name of its series, and its numbers for each sample.
pub(super) struct Followed {
    pub name: String,
    pub metric: Metric,
    pub values: Tensor,
}

impl Compiled {
    /// The loss of each output with its weight.
    pub fn losses(&self, network: &Network) -> Result<Vec<(Loss, f64)>> {
        self.losses.for_outputs(network.outputs.len())
    }

    /// Builds losses and metrics behind a network, which finds out whether they fit it.
    pub fn objective(&self, network: &Network) -> Result<Objective> {
        let (mut targets, mut total) = (Vec::new(), None);
        let (mut losses, mut followed) = (Vec::new(), Vec::new());
        let metrics = self.metrics.for_outputs(network.outputs.len())?;
        let several = network.outputs.len() > 1;
        for ((output, (loss, weight)), metrics) in network.outputs.iter().zip(self.losses(network)?).zip(metrics) {
            let target = Tensor::input(loss.target_shape(output.shape()), "target");
            let values = loss.of_samples(output, &target)?;
            let prefix = if several { format!("{}_", output.maker_name()) } else { String::new() };
            if several {
                let (name, values) = (format!("{prefix}loss"), values.clone());
                losses.push(Followed { name, metric: Metric::mean(loss.name()), values });
            }
            for metric in metrics {
                let (name, values) = (format!("{prefix}{}", metric.name()), metric.of_samples(output, &target)?);
                followed.push(Followed { name, metric, values });
            }
            let weighted = if weight == 1.0 { values } else { ops::affine(&values, weight, 0.0, "loss")? };
            total = Some(match total {
                Some(total) => ops::binary("add", &total, &weighted, "loss")?,
                None => weighted,
            });
            targets.push(target);
        }
        losses.extend(followed);
        let values = total.ok_or_else(|| Error::order(Report::new("compile", "the model has no output")))?;
        let weights = Tensor::input(Shape::batch_of(&[]), "sample_weight");
        let weighted = ops::batch_mean(&ops::binary("multiply", &values, &weights, "loss")?, "loss")?;
        let of_network = weights_of(&network.outputs);
        let loss = with_penalties(ops::batch_mean(&values, "loss")?, &of_network)?;
        let weighted = Some((weights, with_penalties(weighted, &of_network)?));
        Ok(Objective { targets, loss, weighted, followed: losses })
    }
}

/// How loss and metrics are made of the sums over samples that a run reports.
pub(super) struct Measures(Vec<(String, Metric, usize)>);

impl Objective {
    pub fn measures(&self) -> Measures {
        let width = |values: &Tensor| values.shape().0.get(1).copied().flatten().unwrap_or(1);
        let entry = |followed: &Followed| (followed.name.clone(), followed.metric.clone(), width(&followed.values));
        Measures(self.followed.iter().map(entry).collect())
    }
}

impl Measures {
    /// Loss and metrics by their names.
    pub fn of(&self, totals: &Totals) -> Vec<(String, f64)> {
        let Some((loss, mut sums)) = totals.sums.split_first() else { return Vec::new() };
        let mut measures = vec![("loss".into(), loss / totals.samples)];
        for (name, metric, width) in &self.0 {
            let (own, rest) = sums.split_at(*width);
            measures.push((name.clone(), metric.result(own, totals.samples)));
            sums = rest;
        }
        measures
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
    pub fn compile(&mut self, optimizer: impl Into<Optimizer>, loss: impl Into<Losses>, metrics: impl Into<Metrics>) {
        expect_good(self.compile_parts(optimizer.into(), loss.into(), metrics.into()));
    }

    /// As [`Model::compile`], with optimizer, loss and metrics that exist already.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when loss or metric cannot go with the model's output.
    pub fn try_compile(&mut self, optimizer: Optimizer, loss: impl Into<Losses>, metrics: Metrics) -> Result<()> {
        self.compile_parts(optimizer, loss.into(), metrics)
    }

    fn compile_parts(&mut self, optimizer: Optimizer, loss: Losses, metrics: Metrics) -> Result<()> {
        let compiled = Compiled { optimizer, losses: loss, metrics };
        if let Some(network) = &self.network {
            compiled.objective(network)?;
        }
        self.compiled = Some(compiled);
        self.program = None;
        Ok(())
    }
}
