//! Symbolic tensors become the open graph that crosses the waist.

use super::compile::{Compiled, Objective};
use crate::tensor::{Source, Tensor};
use crate::weight::{StoreHandle, Weight};
use crate::{Error, Result, error::Report};
use engine_api::{CreateProgram, Graph, NodeId, Op, TrainingSpec, Update, WeightedLoss};
use std::collections::HashMap;
use std::sync::Arc;

/// The request that makes the computation between tensors, and how it is trained, into a program.
pub(super) fn lower(
    inputs: &[Tensor],
    outputs: &[Tensor],
    training: Option<(&Compiled, &Objective)>,
    store: &Arc<StoreHandle>,
) -> Result<CreateProgram> {
    let mut lowering = Lowering { graph: Graph::default(), nodes: HashMap::new(), waiting: Vec::new(), store };
    let inputs = lowering.fed(inputs);
    let outputs = lowering.nodes_of(outputs)?;
    let training = training.map(|(compiled, objective)| lowering.training(compiled, objective)).transpose()?;
    let updates = lowering.updates()?;
    Ok(CreateProgram { store: store.store(), graph: lowering.graph, inputs, outputs, updates, training })
}

/// The weights that tensors depend on, each once.
pub(super) fn weights_of(tensors: &[Tensor]) -> Vec<Weight> {
    let mut seen: HashMap<usize, Tensor> = HashMap::new();
    let mut weights: Vec<Weight> = Vec::new();
    let mut waiting = tensors.to_vec();
    while let Some(tensor) = waiting.pop() {
        if seen.insert(tensor.key(), tensor.clone()).is_some() {
            continue;
        }
        match tensor.source() {
            Source::Weight(weight) => weights.push(weight.clone()),
            Source::Op(_, inputs) => waiting.extend(inputs.iter().cloned()),
            Source::Input => {}
        }
        for (weight, value) in tensor.branch().iter().flat_map(|branch| &branch.updates) {
            waiting.extend([weight.tensor(), value.clone()]);
        }
    }
    weights
}

struct Lowering<'a> {
    graph: Graph,
    nodes: HashMap<usize, NodeId>,
    /// What weights shall become in training, when their nodes have not been made yet.
    waiting: Vec<(Weight, Tensor)>,
    store: &'a Arc<StoreHandle>,
}

impl Lowering<'_> {
    fn training(&mut self, compiled: &Compiled, objective: &Objective) -> Result<TrainingSpec> {
        let targets = self.nodes_of(&objective.targets)?;
        let loss = self.node(&objective.loss)?;
        let weighted = match &objective.weighted {
            Some((weights, loss)) => Some(WeightedLoss { weights: self.node(weights)?, loss: self.node(loss)? }),
            None => None,
        };
        let metrics = objective
            .followed
            .iter()
            .map(|followed| Ok(engine_api::Metric { name: followed.name.clone(), node: self.node(&followed.values)? }));
        let metrics = metrics.collect::<Result<_>>()?;
        let (optimizer, schedule) = (compiled.optimizer.spec().clone(), compiled.optimizer.schedule().cloned());
        Ok(TrainingSpec { targets, loss, weighted, metrics, optimizer, schedule })
    }

    fn updates(&mut self) -> Result<Vec<Update>> {
        let mut updates = Vec::new();
        while let Some((weight, value)) = self.waiting.pop() {
            updates.push(Update { variable: self.index(&weight)?, node: self.node(&value)? });
        }
        Ok(updates)
    }

    /// The nodes of what is fed, also of a tensor from the middle of a computation.
    fn fed(&mut self, tensors: &[Tensor]) -> Vec<NodeId> {
        let mut add = |tensor: &Tensor| {
            let id = self.graph.add(Op::input(tensor.shape()), &[], tensor.label());
            self.nodes.insert(tensor.key(), id);
            id
        };
        tensors.iter().map(&mut add).collect()
    }

    fn nodes_of(&mut self, tensors: &[Tensor]) -> Result<Vec<NodeId>> {
        tensors.iter().map(|tensor| self.node(tensor)).collect()
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
            Source::Weight(weight) => (Op::variable(self.index(weight)?, weight.shape()), Vec::new()),
            Source::Op(op, inputs) => (op.clone(), inputs.iter().map(|input| self.nodes[&input.key()]).collect()),
        };
        let id = match tensor.branch() {
            Some(branch) if branch.layer.is_frozen() => inputs[1],
            branch => {
                self.waiting.extend(branch.iter().flat_map(|branch| branch.updates.iter().cloned()));
                self.graph.add(op, &inputs, tensor.label())
            }
        };
        self.nodes.insert(tensor.key(), id);
        Ok(())
    }

    fn index(&self, weight: &Weight) -> Result<usize> {
        weight.index_in(self.store).ok_or_else(|| {
            let place = format!("weight `{}`", weight.name());
            Error::order(Report::new(place, "it belongs to no layer of this model"))
        })
    }
}
