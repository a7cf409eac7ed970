//! Symbolic tensors become the open graph that crosses the waist.

use super::compile::{Compiled, Objective};
use super::model::Network;
use crate::tensor::{Source, Tensor};
use crate::weight::StoreHandle;
use crate::{Error, Result, error::Report};
use engine_api::{CreateProgram, Graph, NodeId, Op, TrainingSpec};
use std::collections::HashMap;
use std::sync::Arc;

/// The request that makes a network, and how it is trained, into a program.
pub(super) fn lower(network: &Network, compiled: Option<&Compiled>, store: &Arc<StoreHandle>) -> Result<CreateProgram> {
    let mut lowering = Lowering { graph: Graph::default(), nodes: HashMap::new(), store };
    let input = lowering.node(&network.input)?;
    let output = lowering.node(&network.output)?;
    let training = compiled.map(|compiled| lowering.training(compiled, &compiled.objective(network)?)).transpose()?;
    Ok(CreateProgram {
        store: store.store(),
        graph: lowering.graph,
        inputs: vec![input],
        outputs: vec![output],
        training,
    })
}

struct Lowering<'a> {
    graph: Graph,
    nodes: HashMap<usize, NodeId>,
    store: &'a Arc<StoreHandle>,
}

impl Lowering<'_> {
    fn training(&mut self, compiled: &Compiled, objective: &Objective) -> Result<TrainingSpec> {
        let targets = vec![self.node(&objective.target)?];
        let loss = self.node(&objective.loss)?;
        let metrics =
            compiled.metrics.iter().zip(&objective.metrics).map(|(metric, tensor)| {
                Ok(engine_api::Metric { name: metric.name().into(), node: self.node(tensor)? })
            });
        let metrics = metrics.collect::<Result<_>>()?;
        Ok(TrainingSpec { targets, loss, metrics, updates: Vec::new(), optimizer: compiled.optimizer.spec().clone() })
    }

    /// The node of a tensor, made after those of its inputs at the first time. An explicit stack
    /// takes the place of recursion, so that deep models need no deep call stack.
    fn node(&mut self, tensor: &Tensor) -> Result<NodeId> {
        let mut waiting = vec![tensor.clone()];
        while let Some(next) = waiting.last().cloned() {
            let missing = self.missing_inputs(&next);
            if missing.is_empty() {
                self.add(&next)?;
                waiting.pop();
            } else {
                waiting.extend(missing);
            }
        }
        Ok(self.nodes[&tensor.key()])
    }

    fn missing_inputs(&self, tensor: &Tensor) -> Vec<Tensor> {
        match tensor.source() {
            Source::Op(_, inputs) if !self.nodes.contains_key(&tensor.key()) => {
                inputs.iter().filter(|input| !self.nodes.contains_key(&input.key())).cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    fn add(&mut self, tensor: &Tensor) -> Result<()> {
        if self.nodes.contains_key(&tensor.key()) {
            return Ok(());
        }
        let (op, inputs) = match tensor.source() {
            Source::Input => (Op::input(tensor.shape()), Vec::new()),
            Source::Weight(weight) => {
                let index = weight.index_in(self.store).ok_or_else(|| {
                    let place = format!("weight `{}`", weight.name());
                    Error::order(Report::new(place, "it belongs to no layer of this model"))
                })?;
                (Op::variable(index, weight.shape()), Vec::new())
            }
            Source::Op(op, inputs) => (op.clone(), inputs.iter().map(|input| self.nodes[&input.key()]).collect()),
        };
        let id = self.graph.add(op, &inputs, tensor.label());
        self.nodes.insert(tensor.key(), id);
        Ok(())
    }
}
