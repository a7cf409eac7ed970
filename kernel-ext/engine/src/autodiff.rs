//! Gradients through the crate `autograd`: the forward nodes are entered into its graph as ops of
//! ours, it walks them backwards and asks each for its gradient, and the result is read back as nodes
//! of ours. Its evaluator and its arrays are not used.
//!
//! This is the only module that knows `autograd`.

mod slices;

use crate::lower::Node;
use crate::ops;
use autograd as ag;
use engine_api::{Error, Op, Shape};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What nodes are called that belong to no layer.
const LABEL: &str = "gradient";

/// A value that a gradient rule can use or has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value(usize);

/// What a gradient rule sees: the op's attributes, inputs, output, and the gradient that arrives at
/// its output; and where it writes the nodes that carry the gradient on.
pub struct Backward<'a> {
    /// The op whose gradient is asked for.
    pub op: &'a Op,
    inputs: usize,
    tape: &'a mut dyn Tape,
}

/// Where gradient nodes are written.
trait Tape {
    fn emit(&mut self, op: Op, inputs: &[usize]) -> usize;
    fn shape(&self, value: usize) -> Vec<usize>;
    fn refuse(&mut self, op: &Op);
}

impl Backward<'_> {
    /// How many inputs the op has.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Input number `index`.
    pub fn input(&self, index: usize) -> Value {
        debug_assert!(index < self.inputs);
        Value(index)
    }

    /// The op's output.
    pub fn output(&self) -> Value {
        Value(self.inputs)
    }

    /// The gradient of the loss with respect to the output.
    pub fn output_gradient(&self) -> Value {
        Value(self.inputs + 1)
    }

    /// The sizes of a value.
    pub fn shape(&self, value: Value) -> Vec<usize> {
        self.tape.shape(value.0)
    }

    /// Says that this op has no gradient yet, so that asking for it is an error and not a silent 0.
    pub fn refuse(&mut self) -> Vec<Option<Value>> {
        self.tape.refuse(self.op);
        // autograd insists on a gradient for everything that it reaches; the result is refused anyway.
        vec![Some(self.output_gradient()); self.inputs]
    }

    /// Writes a node.
    pub fn emit(&mut self, op: Op, inputs: &[Value]) -> Value {
        let inputs: Vec<usize> = inputs.iter().map(|value| value.0).collect();
        Value(self.tape.emit(op, &inputs))
    }
}

/// The nodes of `autograd`'s graph that are ours, by its numbers.
#[derive(Default)]
struct Registry {
    nodes: BTreeMap<usize, Node>,
    /// The first gradient rule that broke a shape rule.
    failure: Option<Error>,
}

/// One of our nodes inside `autograd`'s graph.
struct Entry {
    op: Op,
    label: String,
    registry: Rc<RefCell<Registry>>,
}

impl ag::op::Op<f32> for Entry {
    fn compute(&self, _: &mut ag::op::ComputeContext<f32>) -> Result<(), ag::op::OpError> {
        Err(ag::op::OpError::InvalidDims(String::from("nodes of the engine are lowered, never evaluated here")))
    }

    fn grad(&self, context: &mut ag::op::GradientContext<f32>) {
        let count = context.num_inputs();
        let mut values: Vec<ag::Tensor<'_, f32>> = (0..count).map(|index| context.input(index)).collect();
        values.push(context.output());
        values.push(context.output_grad());
        let mut tape = Recorder { graph: context.graph(), values, entry: self };
        let gradients = match ops::find(&self.op.name) {
            Ok(operation) => operation.gradient(&mut Backward { op: &self.op, inputs: count, tape: &mut tape }),
            Err(_) => vec![None; count],
        };
        let values = tape.values;
        for index in 0..count {
            context.append_input_grad(gradients.get(index).copied().flatten().map(|value| values[value.0]));
        }
    }
}

struct Recorder<'a, 'g, G> {
    graph: &'g G,
    values: Vec<ag::Tensor<'g, f32>>,
    entry: &'a Entry,
}

impl<G: ag::prelude::AsGraph<f32>> Tape for Recorder<'_, '_, G> {
    fn emit(&mut self, op: Op, inputs: &[usize]) -> usize {
        let inputs: Vec<_> = inputs.iter().map(|&index| self.values[index]).collect();
        let shapes: Vec<Vec<usize>> = inputs.iter().map(|input| shape_of(&self.entry.registry, input)).collect();
        let known: Vec<Shape> = shapes.iter().map(|shape| Shape::known(shape)).collect();
        let shape = match ops::infer_shape(&op, &known, &self.entry.label) {
            Ok(shape) => shape.with_batch(0).unwrap_or_default(),
            Err(error) => {
                self.entry.registry.borrow_mut().failure.get_or_insert(error);
                Vec::new()
            }
        };
        self.values.push(enter(self.graph, &self.entry.registry, op, &inputs, shape, &self.entry.label));
        self.values.len() - 1
    }

    fn shape(&self, value: usize) -> Vec<usize> {
        shape_of(&self.entry.registry, &self.values[value])
    }

    fn refuse(&mut self, op: &Op) {
        let message = format!("{}: `{}` cannot be differentiated again", self.entry.label, op.name);
        self.entry.registry.borrow_mut().failure.get_or_insert(Error::Internal(message));
    }
}

/// The shape of one of our nodes, or of a sum that `autograd` made of them.
fn shape_of(registry: &Rc<RefCell<Registry>>, tensor: &ag::Tensor<'_, f32>) -> Vec<usize> {
    if let Some(node) = registry.borrow().nodes.get(&tensor.id()) {
        return node.shape.clone();
    }
    shape_of(registry, &tensor.get_backprop_input(0))
}

fn enter<'g>(
    graph: &'g impl ag::prelude::AsGraph<f32>,
    registry: &Rc<RefCell<Registry>>,
    op: Op,
    inputs: &[ag::Tensor<'g, f32>],
    shape: Vec<usize>,
    label: &str,
) -> ag::Tensor<'g, f32> {
    let mut builder = ag::Tensor::builder(graph);
    for input in inputs {
        builder = builder.append_input(input, false);
    }
    let entry = Entry { op: op.clone(), label: label.into(), registry: Rc::clone(registry) };
    let tensor = builder.build(entry);
    let inputs = inputs.iter().map(ag::Tensor::id).collect();
    registry.borrow_mut().nodes.insert(tensor.id(), Node { op, inputs, shape, label: label.into() });
    tensor
}

/// A computation with its gradients.
pub struct Differentiated {
    /// The forward nodes, at their old places, and after them the nodes of the gradients.
    pub nodes: Vec<Node>,
    /// For each requested node the gradient of the loss, or `None` where the loss does not depend on it.
    pub gradients: Vec<Option<usize>>,
}

/// Appends the gradients of the scalar node `loss` with respect to each node in `with_respect_to`.
///
/// # Errors
/// When a gradient rule writes nodes whose shapes do not fit, which is a fault of the engine.
pub fn differentiate(forward: &[Node], loss: usize, with_respect_to: &[usize]) -> Result<Differentiated, Error> {
    let reached = reached_from(forward, loss);
    // autograd panics when asked for a gradient that does not exist, or when the loss is itself a source.
    let wanted: Vec<usize> = with_respect_to.iter().copied().filter(|&node| reached[node] && node != loss).collect();
    if wanted.is_empty() {
        return Ok(Differentiated { nodes: forward.to_vec(), gradients: vec![None; with_respect_to.len()] });
    }
    let registry = Rc::new(RefCell::new(Registry::default()));
    let (nodes, gradients) = ag::run(|context: &mut ag::Context<f32>| {
        let context = &*context;
        let mut tensors: Vec<ag::Tensor<'_, f32>> = Vec::with_capacity(forward.len());
        for node in forward {
            let inputs: Vec<_> = node.inputs.iter().map(|&input| tensors[input]).collect();
            tensors.push(enter(context, &registry, node.op.clone(), &inputs, node.shape.clone(), &node.label));
        }
        let one = enter(context, &registry, Op::constant(&[], vec![1.0]), &[], Vec::new(), LABEL);
        let variables: Vec<_> = wanted.iter().map(|&node| tensors[node]).collect();
        // SAFETY: the function is unsafe because it trusts that `one` has the shape of the loss; both
        // are scalars, and autograd never evaluates them.
        let gradients = unsafe { ag::tensor_ops::grad_with_default(&[tensors[loss]], &variables, &[one]) };
        read_back(&tensors, &gradients, &registry)
    });
    if let Some(failure) = registry.borrow_mut().failure.take() {
        return Err(failure);
    }
    let gradients = with_respect_to
        .iter()
        .map(|node| wanted.iter().position(|other| other == node).map(|place| gradients[place]))
        .collect();
    Ok(Differentiated { nodes, gradients })
}

/// Which nodes the loss depends on through ops that pass gradients.
fn reached_from(nodes: &[Node], loss: usize) -> Vec<bool> {
    let mut reached = vec![false; nodes.len()];
    reached[loss] = true;
    for id in (0..nodes.len()).rev().filter(|&id| id <= loss) {
        if !reached[id] {
            continue;
        }
        let Ok(operation) = ops::find(&nodes[id].op.name) else { continue };
        for (index, &input) in nodes[id].inputs.iter().enumerate() {
            if operation.differentiable(index) {
                reached[input] = true;
            }
        }
    }
    reached
}

/// Turns what the gradients need of autograd's graph into nodes behind the forward ones.
fn read_back(
    forward: &[ag::Tensor<'_, f32>],
    gradients: &[ag::Tensor<'_, f32>],
    registry: &Rc<RefCell<Registry>>,
) -> (Vec<Node>, Vec<usize>) {
    let registry = registry.borrow();
    let mut needed: BTreeMap<usize, ag::Tensor<'_, f32>> = BTreeMap::new();
    let mut waiting: Vec<_> = gradients.to_vec();
    while let Some(tensor) = waiting.pop() {
        if needed.insert(tensor.id(), tensor).is_none() {
            waiting.extend((0..tensor.num_backprop_inputs()).map(|index| tensor.get_backprop_input(index)));
        }
    }
    let mut nodes: Vec<Node> = forward.iter().map(|tensor| registry.nodes[&tensor.id()].clone()).collect();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for (place, tensor) in forward.iter().enumerate() {
        places.insert(tensor.id(), place);
        nodes[place].inputs = nodes[place].inputs.iter().map(|id| places[id]).collect();
    }
    // Inputs always have smaller numbers than the nodes that use them, so the map's order is topological.
    for (&id, tensor) in &needed {
        if places.contains_key(&id) {
            continue;
        }
        let place = match registry.nodes.get(&id) {
            Some(node) => {
                let inputs = node.inputs.iter().map(|id| places[id]).collect();
                nodes.push(Node { inputs, ..node.clone() });
                nodes.len() - 1
            }
            None => add_up(&mut nodes, tensor, &places),
        };
        places.insert(id, place);
    }
    let gradients = gradients.iter().map(|tensor| places[&tensor.id()]).collect();
    (nodes, gradients)
}

/// The only node that autograd adds by itself is the sum of the gradients that meet in one value.
fn add_up(nodes: &mut Vec<Node>, sum: &ag::Tensor<'_, f32>, places: &BTreeMap<usize, usize>) -> usize {
    let terms = (0..sum.num_backprop_inputs()).map(|index| places[&sum.get_backprop_input(index).id()]).collect();
    let terms = slices::join(nodes, terms);
    let add = |total: usize, term: usize| {
        let shape = nodes[total].shape.clone();
        nodes.push(Node { op: Op::new("add"), inputs: vec![total, term], shape, label: String::from(LABEL) });
        nodes.len() - 1
    };
    terms.into_iter().reduce(add).unwrap_or_default()
}
