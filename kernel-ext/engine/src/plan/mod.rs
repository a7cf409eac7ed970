//! A static plan: which kernels run in which order on which places of one block of memory. Making it
//! costs a millisecond, running it allocates nothing.

mod arena;
mod fuse;
mod layout;
mod run;

use crate::autodiff::differentiate;
use crate::cpu::Kernel;
use crate::cpu::buffer::Buffer;
use crate::gradients;
use crate::lower::{self, Node};
use crate::store::Store;
use engine_api::{CreateProgram, Error, Mode, TrainingSpec, Update};
use layout::Layout;
pub use run::Feeds;
use std::ops::Range;

/// Where a value lies while the plan runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the plan's own memory.
    Arena(Range<usize>),
    /// Among the numbers that are fed.
    Fed(Range<usize>),
    /// In the store of variables.
    Variable(Range<usize>),
    /// Among the gradients, which have the layout of the store's trainable part.
    Gradient(Range<usize>),
    /// Among the fixed numbers.
    Constant(Range<usize>),
}

/// One kernel and what it works on.
pub struct Step {
    pub kernel: Kernel,
    inputs: Vec<Place>,
    output: Place,
    scratch: Range<usize>,
    /// The node that is computed, for listings.
    pub node: usize,
}

/// What a plan is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose {
    pub mode: Mode,
    pub batch: usize,
    /// Whether samples have weights.
    pub weighted: bool,
    /// Whether the optimizer's step is nothing but adding the scaled gradient, so that kernels may do it.
    pub plain_updates: bool,
}

/// A computation laid out for one batch size and one purpose.
pub struct Plan {
    pub purpose: Purpose,
    pub nodes: Vec<Node>,
    pub steps: Vec<Step>,
    /// For each fed node where its numbers go; `None` when nothing needs them.
    feeds: Vec<Option<Range<usize>>>,
    /// For each result (outputs, or loss and metrics) where it lies.
    results: Vec<Place>,
    memory: Buffer,
    /// What the steps read, and room for what the next run will read.
    fed: [Buffer; 2],
    /// Whether steps have work for several threads; known after the first run.
    shares_work: Option<bool>,
    constants: Vec<f32>,
    gradients: Buffer,
    /// The parts of the store that the optimizer must still pass over after a run.
    left_to_optimizer: Vec<Range<usize>>,
}

impl Plan {
    /// Lays out the program.
    ///
    /// # Errors
    /// What the shape rules find wrong, and what is missing in the request.
    pub fn new(request: &CreateProgram, store: &Store, purpose: Purpose) -> Result<Self, Error> {
        let Purpose { mode, batch, plain_updates, .. } = purpose;
        let mut nodes = lower::lower(&request.graph, batch, mode)?;
        fuse::share_variables(&mut nodes);
        let (mut nodes, places) = gradients::expand(nodes)?;
        let (feeds, results) = ends_of(request, purpose, &places)?;
        let assignments = match mode.is_training() {
            true => assignments_of(&request.updates, &places, store)?,
            false => Vec::new(),
        };
        let mut gradients = Vec::new();
        if let (Mode::Train, Some(training)) = (mode, &request.training) {
            let variables = trainable_variables(&nodes, store)?;
            let wanted: Vec<usize> = variables.iter().map(|(node, _)| *node).collect();
            let differentiated = differentiate(&nodes, places[loss_of(training, purpose)], &wanted)?;
            nodes = differentiated.nodes;
            let pairs = differentiated.gradients.iter().zip(variables);
            gradients.extend(pairs.filter_map(|(gradient, (_, place))| Some(((*gradient)?, place))));
        }
        let mut needed: Vec<usize> = results.clone();
        needed.extend(assignments.iter().map(|(node, _)| *node));
        needed.extend(gradients.iter().map(|(node, _)| *node));
        fuse::fold_constants(&mut nodes);
        fuse::endings(&mut nodes, &needed);
        let gradient_nodes: Vec<usize> = gradients.iter().map(|(node, _)| *node).collect();
        let updates = if plain_updates { fuse::updates(&mut nodes, &needed, &gradient_nodes) } else { Vec::new() };
        Layout { nodes, store, needed, feeds, results, gradients, updates, assignments, purpose }.plan()
    }

    /// The numbers of result number `index`, after a run.
    pub fn result(&self, index: usize) -> &[f32] {
        match &self.results[index] {
            Place::Arena(place) => &self.memory[place.clone()],
            Place::Gradient(place) => &self.gradients[place.clone()],
            Place::Constant(place) => &self.constants[place.clone()],
            // Such results are copied by a step of their own.
            Place::Variable(_) | Place::Fed(_) => &[],
        }
    }

    /// The gradients, in the layout of the store's trainable part.
    pub fn gradients(&mut self) -> &mut [f32] {
        &mut self.gradients
    }

    /// The parts of the store that the optimizer must still pass over after a run.
    pub fn left_to_optimizer(&self) -> &[Range<usize>] {
        &self.left_to_optimizer
    }

    /// How many numbers the plan's own memory has, with what is fed.
    pub fn memory_len(&self) -> usize {
        self.memory.len() + self.fed[0].len() + self.fed[1].len()
    }
}

/// The fed nodes and the wanted nodes of a run, where they are after gradients have been written out.
fn ends_of(request: &CreateProgram, purpose: Purpose, places: &[usize]) -> Result<(Vec<usize>, Vec<usize>), Error> {
    let at = |nodes: &[usize]| nodes.iter().map(|&node| places[node]).collect::<Vec<usize>>();
    let mut feeds = at(&request.inputs);
    if purpose.mode.gives_outputs() {
        return Ok((feeds, at(&request.outputs)));
    }
    let training = request
        .training
        .as_ref()
        .ok_or_else(|| Error::Internal("a program made for prediction can neither train nor evaluate".into()))?;
    feeds.extend(at(&training.targets));
    feeds.extend(training.weighted.filter(|_| purpose.weighted).map(|weighted| places[weighted.weights]));
    let mut results = vec![places[loss_of(training, purpose)]];
    results.extend(training.metrics.iter().map(|metric| places[metric.node]));
    Ok((feeds, results))
}

/// The node that is minimised.
fn loss_of(training: &TrainingSpec, purpose: Purpose) -> usize {
    training.weighted.filter(|_| purpose.weighted).map_or(training.loss, |weighted| weighted.loss)
}

/// The nodes that stand for trainable variables, with their places in the store.
fn trainable_variables(nodes: &[Node], store: &Store) -> Result<Vec<(usize, Range<usize>)>, Error> {
    let mut variables = Vec::new();
    for (id, node) in nodes.iter().enumerate().filter(|(_, node)| node.op.name == "variable") {
        let entry = store.entry(variable_index(node)?)?;
        if entry.trainable && !variables.iter().any(|(_, place)| *place == entry.place) {
            variables.push((id, entry.place.clone()));
        }
    }
    Ok(variables)
}

/// The nodes whose values become those of variables, with the variables' places in the store.
fn assignments_of(updates: &[Update], places: &[usize], store: &Store) -> Result<Vec<(usize, Range<usize>)>, Error> {
    let place = |update: &Update| Ok((places[update.node], store.entry(update.variable)?.place.clone()));
    updates.iter().map(place).collect()
}

fn variable_index(node: &Node) -> Result<usize, Error> {
    let index = node.op.int("index").and_then(|index| usize::try_from(index).ok());
    index.ok_or_else(|| Error::Internal(format!("{}: a variable without an index", node.label)))
}
