//! Gives every value of a plan its place, and every step its kernel.

use super::arena::Arena;
use super::{Place, Plan, Purpose, Step, fuse, variable_index};
use crate::cpu::buffer::{Buffer, LINE, align};
use crate::cpu::{Kernel, memory};
use crate::lower::Node;
use crate::ops::{self, MOST_INPUTS};
use crate::store::Store;
use engine_api::{Attr, Error};
use std::ops::Range;

/// What a layout is made of.
pub struct Layout<'a> {
    pub nodes: Vec<Node>,
    pub store: &'a Store,
    /// Nodes that must be computed.
    pub needed: Vec<usize>,
    pub feeds: Vec<usize>,
    pub results: Vec<usize>,
    /// Nodes that are gradients, with their places.
    pub gradients: Vec<(usize, Range<usize>)>,
    /// Gradients that are added to their weights where they are computed.
    pub updates: Vec<usize>,
    /// Nodes whose values become those of variables at the end, with the variables' places.
    pub assignments: Vec<(usize, Range<usize>)>,
    pub purpose: Purpose,
}

/// A layout that is being made.
struct Sheet {
    /// For each node the one whose numbers it shows.
    roots: Vec<usize>,
    /// For each root the last node that reads it.
    last_use: Vec<usize>,
    /// For each node the roots that nobody reads after it.
    dying: Vec<Vec<usize>>,
    places: Vec<Option<Place>>,
    arena: Arena,
    steps: Vec<Step>,
}

impl Sheet {
    fn new(layout: &Layout, alive: &[bool]) -> Self {
        let count = layout.nodes.len();
        let roots = fuse::roots_of_views(&layout.nodes);
        let mut last_use: Vec<usize> = (0..count).collect();
        for (id, node) in layout.nodes.iter().enumerate().filter(|(id, _)| alive[*id]) {
            node.inputs.iter().for_each(|&input| last_use[roots[input]] = last_use[roots[input]].max(id));
        }
        layout.needed.iter().for_each(|&id| last_use[roots[id]] = count);
        // Updates come last, when nobody reads the old weights any more; what they read lives until then.
        let inputs_of_updates = layout.updates.iter().flat_map(|&id| &layout.nodes[id].inputs);
        inputs_of_updates.for_each(|&input| last_use[roots[input]] = count);
        let mut dying = vec![Vec::new(); count];
        for root in (0..count).filter(|&id| alive[id] && roots[id] == id && last_use[id] < count) {
            dying[last_use[root]].push(root);
        }
        Self { roots, last_use, dying, places: vec![None; count], arena: Arena::default(), steps: Vec::new() }
    }

    fn place(&self, id: usize, what: &str) -> Result<Place, Error> {
        self.places[id].clone().ok_or_else(|| Error::Internal(format!("{what} has no place")))
    }

    /// The memory of a node's first input, if nobody reads that once the node is computed: then its output
    /// may take that place.
    fn inherit(&mut self, id: usize, node: &Node) -> Option<Place> {
        let root = self.roots[*node.inputs.first()?];
        let last_reader = self.last_use[root] == id;
        let only_once = node.inputs.iter().filter(|&&input| self.roots[input] == root).count() == 1;
        let fits = |place: &Place| matches!(place, Place::Arena(range) if range.len() == len_of(node));
        if last_reader && only_once { self.places[root].take_if(|place| fits(place)) } else { None }
    }

    /// Takes back the memory of what nobody reads after this node.
    fn release(&mut self, id: usize) {
        for root in &self.dying[id] {
            if let Some(Place::Arena(range)) = &self.places[*root] {
                self.arena.give_back(range.clone());
            }
        }
    }
}

impl Layout<'_> {
    pub fn plan(self) -> Result<Plan, Error> {
        let count = self.nodes.len();
        let alive = fuse::reachable(&self.nodes, &self.needed);
        let mut sheet = Sheet::new(&self, &alive);
        let mut constants = Vec::new();
        let mut fed = 0;
        for &id in self.feeds.iter().filter(|&&id| alive[id]) {
            sheet.places[id] = Some(Place::Fed(fed..fed + len_of(&self.nodes[id])));
            fed += align(len_of(&self.nodes[id]));
        }
        for id in (0..count).filter(|&id| alive[id] && !self.updates.contains(&id)) {
            let node = &self.nodes[id];
            let place = match node.op.name.as_str() {
                "input" if sheet.places[id].is_none() => {
                    return Err(Error::Internal(format!("{}: this input is used but never fed", node.label)));
                }
                "input" => continue,
                "variable" => Place::Variable(self.place_of_variable(node)?),
                "constant" => Place::Constant(append_constant(&mut constants, node)),
                _ if sheet.roots[id] != id => sheet.place(sheet.roots[id], "what a view shows")?,
                _ => self.step(id, &mut sheet)?,
            };
            sheet.places[id] = Some(place);
            sheet.release(id);
        }
        for &id in &self.updates {
            self.step(id, &mut sheet)?;
        }
        self.copy_gradients(&mut sheet)?;
        self.assign(&mut sheet)?;
        let results = self.results_of(&mut sheet)?;
        let feeds = self.feeds.iter().map(|&id| match &sheet.places[id] {
            Some(Place::Fed(range)) => Some(range.clone()),
            _ => None,
        });
        let left = self.gradients.iter().filter(|(id, _)| !self.updates.contains(id));
        let batch = format!("a batch of {}", self.purpose.batch);
        Ok(Plan {
            purpose: self.purpose,
            feeds: feeds.collect(),
            left_to_optimizer: left.map(|(_, place)| place.clone()).collect(),
            results,
            memory: memory::buffer(sheet.arena.len(), &batch)?,
            fed: [memory::buffer(fed, &batch)?, Buffer::default()],
            shares_work: None,
            constants,
            gradients: memory::buffer(self.store.trainable_len(), "the gradients")?,
            nodes: self.nodes,
            steps: sheet.steps,
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
    fn step(&self, id: usize, sheet: &mut Sheet) -> Result<Place, Error> {
        let node = &self.nodes[id];
        let operation = ops::find(&node.op.name)?;
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&input| self.nodes[input].shape.as_slice()).collect();
        let kernel = operation
            .kernel(&node.op, &shapes, &node.shape)
            .ok_or_else(|| Error::Internal(format!("op `{}` cannot be computed", node.op.name)))?;
        if node.inputs.len() > MOST_INPUTS {
            return Err(Error::Internal(format!("op `{}` has {} inputs", node.op.name, node.inputs.len())));
        }
        let what = format!("an input of op `{}`", node.op.name);
        let mut inputs =
            node.inputs.iter().map(|&input| sheet.place(input, &what)).collect::<Result<Vec<Place>, Error>>()?;
        let gradient = self.gradients.iter().find(|(gradient, _)| *gradient == id);
        let (kernel, output) = match gradient {
            Some((_, place)) if self.updates.contains(&id) => (kernel, Place::Variable(place.clone())),
            Some((_, place)) => (kernel, Place::Gradient(place.clone())),
            None => match kernel.into_in_place(|| sheet.inherit(id, node)) {
                (kernel, Some(place)) => {
                    inputs.remove(0);
                    (kernel, place)
                }
                (kernel, None) => (kernel, Place::Arena(sheet.arena.take(len_of(node)))),
            },
        };
        let scratch = sheet.arena.take(kernel.scratch);
        sheet.arena.give_back(scratch.clone());
        sheet.steps.push(Step { kernel, inputs, output: output.clone(), scratch, node: id });
        Ok(output)
    }

    /// Copies gradients that are views of other values, or that several variables share.
    fn copy_gradients(&self, sheet: &mut Sheet) -> Result<(), Error> {
        for (id, to) in self.gradients.iter().filter(|(id, _)| !self.updates.contains(id)) {
            match sheet.place(*id, "a gradient")? {
                Place::Gradient(place) if place == *to => {}
                from => sheet.steps.push(copy(from, Place::Gradient(to.clone()), *id)),
            }
        }
        Ok(())
    }

    /// Copies what variables shall become, when nobody reads their old values any more.
    fn assign(&self, sheet: &mut Sheet) -> Result<(), Error> {
        for (id, to) in &self.assignments {
            match sheet.place(*id, "what a variable shall become")? {
                Place::Variable(from) if from == *to => {}
                from => sheet.steps.push(copy(from, Place::Variable(to.clone()), *id)),
            }
        }
        Ok(())
    }

    /// The places of the results; one that is a variable, or is fed, gets a copy that stays until the next run.
    fn results_of(&self, sheet: &mut Sheet) -> Result<Vec<Place>, Error> {
        let mut results = Vec::with_capacity(self.results.len());
        for &id in &self.results {
            results.push(match sheet.place(id, "a result")? {
                from @ (Place::Variable(_) | Place::Fed(_)) => {
                    let to = Place::Arena(sheet.arena.take(len_of(&self.nodes[id])));
                    sheet.steps.push(copy(from, to.clone(), id));
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

fn append_constant(constants: &mut Vec<f32>, node: &Node) -> Range<usize> {
    let start = constants.len().next_multiple_of(LINE);
    constants.resize(start, 0.0);
    if let Some(Attr::Floats(values)) = node.op.attr("values") {
        constants.extend_from_slice(values);
    }
    start..constants.len()
}
