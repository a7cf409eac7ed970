//! Symbolic tensors become the open graph that crosses the waist.

use super::compile::{Compiled, Objective};
use crate::tensor::{Source, Tensor};
use crate::weight::{StoreHandle, Weight};
use crate::{Error, Result, error::Report};
use engine_api::{Constraints, CreateProgram, Graph, NodeId, Op, TrainingSpec, Update, WeightedLoss};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The request that makes the computation between tensors, and how it is trained, into a program.
pub(super) fn lower(
    inputs: &[Tensor],
    outputs: &[Tensor],
    training: Option<(&Compiled, &Objective)>,
    store: &Arc<StoreHandle>,
) -> Result<CreateProgram> {
    let mut lowering = Lowering::new(store);
    let inputs = lowering.fed(inputs);
    let outputs = lowering.nodes_of(outputs)?;
    let training = training.map(|(compiled, objective)| lowering.training(compiled, objective)).transpose()?;
    let updates = lowering.updates()?;
    Ok(CreateProgram { store: store.store(), graph: lowering.graph, inputs, outputs, updates, training })
}

/// What the outputs of a network depend on besides its inputs.
#[derive(Default)]
pub(super) struct Dependencies {
    /// The weights, each once.
    pub weights: Vec<Weight>,
    /// What the calls of layers on the way add to the loss, each once.
    pub losses: Vec<Tensor>,
}

impl Dependencies {
    /// Those of a computation between tensors.
    pub fn between(inputs: &[Tensor], outputs: &[Tensor]) -> Self {
        // The same value may come from several calls: a layer may give what it takes.
        let place = |tensor: &Tensor| (tensor.key(), tensor.maker().map(|maker| Arc::as_ptr(&maker.call)));
        let mut seen: HashSet<_> = inputs.iter().map(place).collect();
        let mut found = Self::default();
        let mut waiting = outputs.to_vec();
        while let Some(tensor) = waiting.pop() {
            if !seen.insert(place(&tensor)) {
                continue;
            }
            if let Some(maker) = tensor.maker() {
                waiting.extend(maker.call.inputs.iter().chain(&maker.call.losses).cloned());
                found.losses.extend(maker.call.losses.iter().cloned());
            }
            match tensor.source() {
                Source::Weight(weight) => found.weights.push(weight.clone()),
                Source::Op(_, inputs) => waiting.extend(inputs.iter().cloned()),
                Source::Input => {}
            }
            for (weight, value) in tensor.branch().iter().flat_map(|branch| &branch.updates) {
                waiting.extend([weight.tensor(), value.clone()]);
            }
        }
        let mut known = HashSet::new();
        found.losses.retain(|loss| known.insert(loss.key()));
        found
    }
}

struct Lowering<'a> {
    graph: Graph,
    nodes: HashMap<usize, NodeId>,
    /// What weights shall become in training, when their nodes have not been made yet.
    waiting: Vec<(Weight, Tensor)>,
    store: &'a Arc<StoreHandle>,
}

impl<'a> Lowering<'a> {
    fn new(store: &'a Arc<StoreHandle>) -> Self {
        Self { graph: Graph::default(), nodes: HashMap::new(), waiting: Vec::new(), store }
    }

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
        let constraints = self.constraints(&objective.constraints)?;
        Ok(TrainingSpec { targets, loss, weighted, metrics, optimizer, schedule, constraints })
    }

    /// What becomes of weights with constraints after a step, a computation of its own.
    fn constraints(&self, constraints: &[(Weight, Tensor)]) -> Result<Option<Constraints>> {
        let mut lowering = Lowering::new(self.store);
        let update = |(weight, value): &(Weight, Tensor)| {
            Ok(Update { variable: self.index(weight)?, node: lowering.node(value)? })
        };
        let updates = constraints.iter().map(update).collect::<Result<Vec<Update>>>()?;
        Ok((!updates.is_empty()).then_some(Constraints { graph: lowering.graph, updates }))
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
