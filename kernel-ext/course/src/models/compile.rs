//! How a model is to be trained.

use super::lower::Dependencies;
use super::model::Model;
use super::network::Network;
use super::program::Totals;
use crate::error::{Error, Report, Result, expect_good};
use crate::regularizers::with_penalties;
use crate::{Loss, Losses, Metric, Metrics, Optimizer, Tensor, Weight, ops};
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
    /// What becomes of weights that are kept in bounds, after each step.
    pub constraints: Vec<(Weight, Tensor)>,
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

    /// Whether a metric counts samples by their weights, so that there must be some in every run.
    pub fn weighs(&self) -> bool {
        self.metrics.any(Metric::is_weighted)
    }

    /// Builds losses and metrics behind a network, which finds out whether they fit it.
    pub fn objective(&self, network: &Network) -> Result<Objective> {
        let (mut targets, mut total) = (Vec::new(), None);
        let (mut losses, mut followed) = (Vec::new(), Vec::new());
        let metrics = self.metrics.for_outputs(network.outputs.len())?;
        let several = network.outputs.len() > 1;
        let weights = Tensor::input(Shape::batch_of(&[]), "sample_weight");
        for ((output, (loss, weight)), metrics) in network.outputs.iter().zip(self.losses(network)?).zip(metrics) {
            let target = Tensor::input(loss.target_shape(output.shape()), "target");
            let values = loss.shares_of_samples(output, &target)?;
            let prefix = if several { format!("{}_", output.maker_name()) } else { String::new() };
            if several {
                let (name, values) = (format!("{prefix}loss"), shares_of_batch(&values)?);
                losses.push(Followed { name, metric: Metric::mean_of_batches(loss.name()), values });
            }
            for metric in metrics {
                let mut values = metric.of_samples(output, &target)?;
                if metric.is_weighted() {
                    values = with_weights(&values, &weights, metric.name())?;
                }
                let name = free_name(&followed, &prefix, &metric);
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
        let weighted = ops::batch_mean(&ops::binary("multiply", &values, &weights, "loss")?, "loss")?;
        let Dependencies { weights: trained, losses: added } = Dependencies::between(&network.inputs, &network.outputs);
        let loss = with_penalties(ops::batch_mean(&values, "loss")?, &trained, &added)?;
        let weighted = Some((weights, with_penalties(weighted, &trained, &added)?));
        Ok(Objective { targets, loss, weighted, followed: losses, constraints: constraints_of(&trained)? })
    }
}

/// The losses of samples over their number, which add up to the mean of the batch.
fn shares_of_batch(losses: &Tensor) -> Result<Tensor> {
    let count = ops::reduce("sum", &ops::affine(losses, 0.0, 1.0, "loss")?, &[0], false, "loss")?;
    ops::binary("divide", losses, &count, "loss")
}

/// What becomes of those weights that training changes and that have a constraint.
pub(super) fn constraints_of(weights: &[Weight]) -> Result<Vec<(Weight, Tensor)>> {
    let constrained = weights.iter().filter(|weight| weight.trainable());
    let bounded = constrained.filter_map(|weight| Some((weight, weight.constraint()?)));
    bounded.map(|(weight, constraint)| Ok((weight.clone(), constraint.apply(&weight.tensor())?))).collect()
}

/// The numbers of a metric for each sample times the sample's weight, and the weight behind them.
fn with_weights(values: &Tensor, weights: &Tensor, label: &str) -> Result<Tensor> {
    let width = values.shape().sample_len().unwrap_or(1) as i64;
    let (values, weights) = (ops::view(values, &[-1, width], label)?, ops::view(weights, &[-1, 1], label)?);
    let weighted = ops::binary("multiply", &values, &weights, label)?;
    ops::concatenate(&[&weighted, &weights], -1, label)
}

/// The name of a metric in the history, which no other has.
fn free_name(taken: &[Followed], prefix: &str, metric: &Metric) -> String {
    let is_free = |name: &String| taken.iter().all(|followed| followed.name != *name);
    let plain = format!("{prefix}{}", metric.name());
    let last = if metric.is_weighted() { format!("{prefix}weighted_{}", metric.name()) } else { plain.clone() };
    let numbered = (1..).map(|number| format!("{last}_{number}"));
    [plain, last.clone()].into_iter().chain(numbered).find(is_free).unwrap_or_default()
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
            let value = match own.split_last() {
                Some((&weights, own)) if metric.is_weighted() => metric.result(own, weights),
                _ if metric.is_of_batches() => metric.result(own, totals.batches as f64),
                _ => metric.result(own, totals.samples),
            };
            measures.push((name.clone(), value));
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
