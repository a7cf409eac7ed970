//! A static plan: which kernels run in which order on which places of one block of memory. Making it
//! costs a millisecond, running it allocates nothing.

mod arena;
mod fuse;
mod run;

use crate::autodiff::differentiate;
use crate::cpu::Kernel;
use crate::cpu::buffer::{Buffer, LINE};
use crate::cpu::memory;
use crate::gradients;
use crate::lower::{self, Node};
use crate::ops::{self, MOST_INPUTS};
use crate::store::Store;
use arena::Arena;
use engine_api::{Attr, CreateProgram, Error, Mode, TrainingSpec, Update};
use std::ops::Range;

/// Where a value lies while the plan runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the plan's own memory.
    Arena(Range<usize>),
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
            true => assignments_of(&request.updates, &places, &nodes, store)?,
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
        fuse::activations(&mut nodes, &needed);
        let gradient_nodes: Vec<usize> = gradients.iter().map(|(node, _)| *node).collect();
        let updates = if plain_updates { fuse::updates(&mut nodes, &needed, &gradient_nodes) } else { Vec::new() };
        Layout { nodes, store, needed, feeds, results, gradients, updates, assignments, purpose }.plan()
    }

    /// Where to write the numbers of fed node number `index`; `None` when nothing needs them.
    pub fn feed(&mut self, index: usize) -> Option<&mut [f32]> {
        let place = self.feeds[index].clone()?;
        Some(&mut self.memory[place])
    }

    /// The numbers of result number `index`, after a run.
    pub fn result(&self, index: usize) -> &[f32] {
        match &self.results[index] {
            Place::Arena(place) => &self.memory[place.clone()],
            Place::Gradient(place) => &self.gradients[place.clone()],
            Place::Constant(place) => &self.constants[place.clone()],
            // Results that are variables are copied by a step of their own.
            Place::Variable(_) => &[],
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

    /// How many numbers the plan's own memory has.
    pub fn memory_len(&self) -> usize {
        self.memory.len()
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
fn assignments_of(
    updates: &[Update],
    places: &[usize],
    nodes: &[Node],
    store: &Store,
) -> Result<Vec<(usize, Range<usize>)>, Error> {
    let place = |update: &Update| {
        let (entry, node) = (store.entry(update.variable)?, places[update.node]);
        let shape = &nodes[node].shape;
        if entry.trainable || entry.shape != *shape {
            return Err(Error::Internal(format!(
                "variable `{}` of shape {:?} cannot be updated by a node of shape {shape:?}, or is trained",
                entry.name, entry.shape
            )));
        }
        Ok((node, entry.place.clone()))
    };
    updates.iter().map(place).collect()
}

fn variable_index(node: &Node) -> Result<usize, Error> {
    let index = node.op.int("index").and_then(|index| usize::try_from(index).ok());
    index.ok_or_else(|| Error::Internal(format!("{}: a variable without an index", node.label)))
}

/// What a layout is made of.
struct Layout<'a> {
    nodes: Vec<Node>,
    store: &'a Store,
    /// Nodes that must be computed.
    needed: Vec<usize>,
    feeds: Vec<usize>,
    results: Vec<usize>,
    /// Nodes that are gradients, with their places.
    gradients: Vec<(usize, Range<usize>)>,
    /// Gradients that are added to their weights where they are computed.
    updates: Vec<usize>,
    /// Nodes whose values become those of variables at the end, with the variables' places.
    assignments: Vec<(usize, Range<usize>)>,
    purpose: Purpose,
}

impl Layout<'_> {
    fn plan(self) -> Result<Plan, Error> {
        let count = self.nodes.len();
        let alive = fuse::reachable(&self.nodes, &self.needed);
        let roots = fuse::roots_of_views(&self.nodes);
        let mut last_use = vec![0; count];
        for (id, node) in self.nodes.iter().enumerate().filter(|(id, _)| alive[*id]) {
            node.inputs.iter().for_each(|&input| last_use[roots[input]] = last_use[roots[input]].max(id));
        }
        self.needed.iter().for_each(|&id| last_use[roots[id]] = count);
        // Updates come last, when nobody reads the old weights any more; what they read lives until then.
        let inputs_of_updates = self.updates.iter().flat_map(|&id| &self.nodes[id].inputs);
        inputs_of_updates.for_each(|&input| last_use[roots[input]] = count);

        let mut arena = Arena::default();
        let mut constants = Vec::new();
        let mut places: Vec<Option<Place>> = vec![None; count];
        let mut steps = Vec::new();
        // What is fed is written before the first step, so it holds its memory from the beginning.
        for &id in self.feeds.iter().filter(|&&id| alive[id]) {
            places[id] = Some(Place::Arena(arena.take(len_of(&self.nodes[id]))));
        }
        for id in (0..count).filter(|&id| alive[id] && !self.updates.contains(&id)) {
            let node = &self.nodes[id];
            let place = match node.op.name.as_str() {
                "input" if places[id].is_none() => {
                    return Err(Error::Internal(format!("{}: this input is used but never fed", node.label)));
                }
                "input" => continue,
                "variable" => Place::Variable(self.place_of_variable(node)?),
                "constant" => Place::Constant(append_constant(&mut constants, node)),
                _ if roots[id] != id => reshaped(places[roots[id]].clone(), node)?,
                _ => self.step(id, &mut places, &mut arena, &mut steps)?,
            };
            places[id] = Some(place);
            for dead in (0..=id).filter(|&other| last_use[other] == id && roots[other] == other) {
                if let (Some(Place::Arena(range)), true) = (&places[dead], alive[dead]) {
                    arena.give_back(range.clone());
                }
            }
        }
        for &id in &self.updates {
            self.step(id, &mut places, &mut arena, &mut steps)?;
        }
        self.copy_gradients(&places, &mut steps)?;
        self.assign(&places, &mut steps)?;
        let results = self.results_of(&mut places, &mut arena, &mut steps)?;
        let feeds = self.feeds.iter().map(|&id| match &places[id] {
            Some(Place::Arena(range)) => Some(range.clone()),
            _ => None,
        });
        let left = self.gradients.iter().filter(|(id, _)| !self.updates.contains(id));
        Ok(Plan {
            purpose: self.purpose,
            feeds: feeds.collect(),
            left_to_optimizer: left.map(|(_, place)| place.clone()).collect(),
            results,
            memory: memory::buffer(arena.len(), &format!("a batch of {}", self.purpose.batch))?,
            constants,
            gradients: memory::buffer(self.store.trainable_len(), "the gradients")?,
            nodes: self.nodes,
            steps,
        })
    }

    fn place_of_variable(&self, node: &Node) -> Result<Range<usize>, Error> {
        let entry = self.store.entry(variable_index(node)?)?;
        if entry.shape == node.shape {
            return Ok(entry.place.clone());
        }
        Err(Error::Internal(format!(
            "{}: the graph gives variable `{}` the shape {:?}, the store {:?}",
            node.label, entry.name, node.shape, entry.shape
        )))
    }

    /// Prepares the kernel of a node and gives its output a place.
    fn step(
        &self,
        id: usize,
        places: &mut [Option<Place>],
        arena: &mut Arena,
        steps: &mut Vec<Step>,
    ) -> Result<Place, Error> {
        let node = &self.nodes[id];
        let operation = ops::find(&node.op.name)?;
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&input| self.nodes[input].shape.as_slice()).collect();
        let kernel = operation
            .kernel(&node.op, &shapes, &node.shape)
            .ok_or_else(|| Error::Internal(format!("op `{}` cannot be computed", node.op.name)))?;
        if node.inputs.len() > MOST_INPUTS {
            return Err(Error::Internal(format!("op `{}` has {} inputs", node.op.name, node.inputs.len())));
        }
        let inputs: Option<Vec<Place>> = node.inputs.iter().map(|&input| places[input].clone()).collect();
        let inputs = inputs.ok_or_else(|| Error::Internal(format!("op `{}`: an input has no place", node.op.name)))?;
        let output = match self.gradients.iter().find(|(gradient, _)| *gradient == id) {
            Some((_, place)) if self.updates.contains(&id) => Place::Variable(place.clone()),
            Some((_, place)) => Place::Gradient(place.clone()),
            None => Place::Arena(arena.take(len_of(node))),
        };
        let scratch = arena.take(kernel.scratch);
        arena.give_back(scratch.clone());
        steps.push(Step { kernel, inputs, output: output.clone(), scratch, node: id });
        Ok(output)
    }

    /// Copies gradients that are views of other values, or that several variables share.
    fn copy_gradients(&self, places: &[Option<Place>], steps: &mut Vec<Step>) -> Result<(), Error> {
        for (id, to) in self.gradients.iter().filter(|(id, _)| !self.updates.contains(id)) {
            match &places[*id] {
                Some(Place::Gradient(place)) if place == to => {}
                Some(from) => steps.push(copy(from.clone(), Place::Gradient(to.clone()), *id)),
                None => return Err(Error::Internal("a gradient has no place".into())),
            }
        }
        Ok(())
    }

    /// Copies what variables shall become, when nobody reads their old values any more.
    fn assign(&self, places: &[Option<Place>], steps: &mut Vec<Step>) -> Result<(), Error> {
        for (id, to) in &self.assignments {
            match &places[*id] {
                Some(Place::Variable(from)) if from == to => {}
                Some(from) => steps.push(copy(from.clone(), Place::Variable(to.clone()), *id)),
                None => return Err(Error::Internal("what a variable shall become has no place".into())),
            }
        }
        Ok(())
    }

    /// The places of the results; a result that is a variable gets a copy.
    fn results_of(
        &self,
        places: &mut [Option<Place>],
        arena: &mut Arena,
        steps: &mut Vec<Step>,
    ) -> Result<Vec<Place>, Error> {
        let mut results = Vec::with_capacity(self.results.len());
        for &id in &self.results {
            let place = places[id].clone().ok_or_else(|| Error::Internal("a result has no place".into()))?;
            results.push(match place {
                Place::Variable(range) => {
                    let to = Place::Arena(arena.take(range.len()));
                    steps.push(copy(Place::Variable(range), to.clone(), id));
                    to
                }
                place => place,
            });
        }
        Ok(results)
    }
}

fn copy(from: Place, to: Place, node: usize) -> Step {
    let kernel = Kernel::new("copy", |work| work.output.copy_from_slice(work.inputs[0]));
    Step { kernel, inputs: vec![from], output: to, scratch: 0..0, node }
}

fn len_of(node: &Node) -> usize {
    node.shape.iter().product()
}

/// The place of a view: that of what it views.
fn reshaped(root: Option<Place>, node: &Node) -> Result<Place, Error> {
    root.ok_or_else(|| Error::Internal(format!("op `{}`: what it reshapes has no place", node.op.name)))
}

fn append_constant(constants: &mut Vec<f32>, node: &Node) -> Range<usize> {
    let start = constants.len().next_multiple_of(LINE);
    constants.resize(start, 0.0);
    if let Some(Attr::Floats(values)) = node.op.attr("values") {
        constants.extend_from_slice(values);
    }
    start..constants.len()
}
