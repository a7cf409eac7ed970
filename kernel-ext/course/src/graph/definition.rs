//! A graph as text.

use crate::Tensor;
use crate::display::{Bundle, Show, shows_itself};
use crate::error::{Result, expect_good};
use crate::tensor::Source;
use engine_api::{Attr, ExpandGradients, Graph, Op, Shape};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// The nodes that lead to a tensor, each after those that it needs; printed as TensorFlow 1 prints a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphDef {
    nodes: Vec<NodeDef>,
}

/// A node: its name, its kind, the names of what it needs, and its attributes.
#[derive(Clone, Debug, PartialEq)]
struct NodeDef {
    name: String,
    op: String,
    inputs: Vec<String>,
    attributes: Vec<(&'static str, Value)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Float,
    Shape(Shape),
    Numbers(Shape, Vec<f32>),
}

/// As many numbers of a constant are printed; larger ones show their shape only.
const PRINTED: usize = 16;

impl Tensor {
    /// The graph that leads to this tensor.
    ///
    /// Source: TensorFlow 1's `tensor.graph.as_graph_def()`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let (x, y) = (placeholder([2, 2]), placeholder([2, 2]));
    /// let graph = (&x + &y).graph_def();
    /// assert_eq!(graph.len(), 3);
    /// assert!(graph.to_string().contains("  op: \"Add\"\n"));
    /// ```
    pub fn graph_def(&self) -> GraphDef {
        let mut graph = GraphDef { nodes: Vec::new() };
        in_order(self).iter().for_each(|tensor| graph.add(tensor));
        graph
    }
}

impl Tensor {
    /// The graph that leads to this tensor, in which each gradient is what it is computed from: the ops that `gradients`
    /// stands for.
    ///
    /// Source: TensorFlow 1 adds these ops to the graph under the name `gradients`.
    ///
    /// # Panics
    /// When an op cannot be differentiated; [`Tensor::try_gradient_def`] returns the error instead.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = placeholder([2, 2]);
    /// let slope = &gradients(&x.sin().sum(&[]), &[&x])[0];
    /// // The slope of the sine is the cosine, looked up and not computed.
    /// assert!(slope.gradient_def().to_string().contains("op: \"Cos\""));
    /// ```
    #[track_caller]
    pub fn gradient_def(&self) -> GraphDef {
        expect_good(self.try_gradient_def())
    }

    /// As [`Tensor::gradient_def`].
    ///
    /// # Errors
    /// When an op cannot be differentiated.
    pub fn try_gradient_def(&self) -> Result<GraphDef> {
        let (mut graph, mut ids, mut sources) = (Graph::default(), HashMap::new(), HashMap::new());
        for tensor in in_order(self) {
            let name = tensor.name();
            let op = match tensor.source() {
                Source::Op(op, _) => op.clone(),
                Source::Input | Source::Weight(_) => Op::input(tensor.shape()),
            };
            let inputs: Vec<usize> = inputs_of(&tensor).iter().map(|input| ids[&input.key()]).collect();
            ids.insert(tensor.key(), graph.add(op, &inputs, &name));
            sources.insert(name, tensor);
        }
        let expanded = crate::waist::call(&ExpandGradients { graph })?;
        let mut names: Vec<String> = Vec::with_capacity(expanded.nodes.len());
        let mut definition = GraphDef { nodes: Vec::new() };
        for node in expanded.nodes {
            // A node of the forward graph keeps its name and kind; the others stand below `gradients`.
            let own =
                sources.get(&node.label).filter(|tensor| is_same(tensor, &node.op) && !names.contains(&node.label));
            let name = match own {
                Some(_) => node.label.clone(),
                None => free_name(&format!("gradients/{}", kind(&node.op.name)), &names),
            };
            let inputs: Vec<String> = node.inputs.iter().map(|&input| names[input].clone()).collect();
            match own {
                Some(tensor) => definition.add(tensor),
                None => definition.add_op(name.clone(), &node.op, inputs),
            }
            names.push(name);
        }
        Ok(definition)
    }
}

/// Whether a node of an expanded graph is still what this tensor is.
fn is_same(tensor: &Tensor, op: &Op) -> bool {
    match tensor.source() {
        Source::Op(own, _) => own.name == op.name,
        Source::Input | Source::Weight(_) => op.name == "input",
    }
}

fn free_name(wanted: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name);
    let numbered = (1..).map(|number| format!("{wanted}_{number}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

/// A tensor and all that it needs, each after what it needs itself.
fn in_order(output: &Tensor) -> Vec<Tensor> {
    let (mut waiting, mut entered, mut done) = (vec![output.clone()], HashSet::new(), HashSet::new());
    let mut order = Vec::new();
    while let Some(tensor) = waiting.last().cloned() {
        if done.contains(&tensor.key()) {
            waiting.pop();
        } else if entered.insert(tensor.key()) {
            waiting.extend(inputs_of(&tensor).iter().rev().cloned());
        } else {
            waiting.pop();
            done.insert(tensor.key());
            order.push(tensor);
        }
    }
    order
}

fn inputs_of(tensor: &Tensor) -> &[Tensor] {
    match tensor.source() {
        Source::Op(_, inputs) => inputs,
        Source::Input | Source::Weight(_) => &[],
    }
}

impl GraphDef {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The names of the nodes.
    pub fn names(&self) -> Vec<&str> {
        self.nodes.iter().map(|node| node.name.as_str()).collect()
    }

    /// Name, kind and the names of what it needs, of each node.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&str, &str, &[String])> {
        self.nodes.iter().map(|node| (node.name.as_str(), node.op.as_str(), node.inputs.as_slice()))
    }

    /// The number that a node stands for, if it is a constant without axes.
    pub(crate) fn number(&self, node: usize) -> Option<f32> {
        self.nodes[node].attributes.iter().find_map(|(_, value)| match value {
            Value::Numbers(shape, numbers) if shape.rank() == 0 => numbers.first().copied(),
            _ => None,
        })
    }

    fn add(&mut self, tensor: &Tensor) {
        let (name, shape) = (tensor.name(), tensor.shape().clone());
        let inputs: Vec<String> = inputs_of(tensor).iter().map(Tensor::name).collect();
        let source = vec![("dtype", Value::Float), ("shape", Value::Shape(shape))];
        match tensor.source() {
            Source::Input => self.push(name, "Placeholder", inputs, source),
            Source::Weight(_) => self.push(name, "VariableV2", inputs, source),
            Source::Op(op, _) => self.add_op(name, op, inputs),
        }
    }

    fn add_op(&mut self, name: String, op: &Op, inputs: Vec<String>) {
        match (op.name.as_str(), op.attr("values")) {
            (_, Some(Attr::Floats(values))) => {
                let shape = op.shape().unwrap_or_else(|| Shape::known(&[values.len()]));
                self.constant(name, shape, values.clone());
            }
            ("affine", _) => self.add_affine(&name, op, inputs),
            (other, _) => self.push(name, &kind(other), inputs, vec![("T", Value::Float)]),
        }
    }

    /// A tensor times a number plus a number: a node for each of both that does something.
    fn add_affine(&mut self, name: &str, op: &Op, mut inputs: Vec<String>) {
        let option = |option: &str, usual: f32| match op.attr(option) {
            Some(Attr::Float(number)) => *number as f32,
            _ => usual,
        };
        let parts = [("Mul", "x", option("scale", 1.0), 1.0), ("Add", "y", option("shift", 0.0), 0.0)];
        let parts: Vec<_> = parts.into_iter().filter(|(.., number, nothing)| number != nothing).collect();
        for (place, &(op, side, number, _)) in parts.iter().enumerate() {
            let own = if place + 1 == parts.len() { name.to_string() } else { format!("{name}/{}", op.to_lowercase()) };
            let constant = format!("{name}/{side}");
            self.constant(constant.clone(), Shape::known(&[]), vec![number]);
            let both = if side == "x" { [constant, inputs.remove(0)] } else { [inputs.remove(0), constant] };
            self.push(own.clone(), op, both.into(), vec![("T", Value::Float)]);
            inputs = vec![own];
        }
        if parts.is_empty() {
            self.push(name.into(), "Identity", inputs, vec![("T", Value::Float)]);
        }
    }

    fn constant(&mut self, name: String, shape: Shape, values: Vec<f32>) {
        self.push(name, "Const", Vec::new(), vec![("dtype", Value::Float), ("value", Value::Numbers(shape, values))]);
    }

    fn push(&mut self, name: String, op: &str, inputs: Vec<String>, attributes: Vec<(&'static str, Value)>) {
        self.nodes.push(NodeDef { name, op: op.into(), inputs, attributes });
    }
}

/// TensorFlow's name for an op of the engine.
fn kind(op: &str) -> String {
    match op {
        "subtract" => "Sub".into(),
        "multiply" => "Mul".into(),
        "divide" => "RealDiv".into(),
        "negative" => "Neg".into(),
        "power" => "Pow".into(),
        "matmul" | "dense" => "MatMul".into(),
        _ => op.split('_').map(capitalized).collect(),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Lines of a block, indented, between its name with a brace and a brace.
fn block(name: &str, lines: &[String]) -> Vec<String> {
    let inner = lines.iter().map(|line| format!("  {line}"));
    std::iter::once(format!("{name} {{")).chain(inner).chain(std::iter::once("}".into())).collect()
}

impl Value {
    fn lines(&self) -> Vec<String> {
        let sizes = |name: &str, shape: &Shape| {
            let size = |size: &Option<usize>| size.map_or(-1, |size| size as i64);
            let dims = shape.0.iter().flat_map(|axis| block("dim", &[format!("size: {}", size(axis))]));
            block(name, &dims.collect::<Vec<_>>())
        };
        match self {
            Self::Float => vec!["type: DT_FLOAT".into()],
            Self::Shape(shape) => sizes("shape", shape),
            Self::Numbers(shape, numbers) => {
                let mut lines = vec!["dtype: DT_FLOAT".to_string()];
                lines.extend(sizes("tensor_shape", shape));
                if numbers.len() <= PRINTED {
                    lines.extend(numbers.iter().map(|number| format!("float_val: {number}")));
                }
                block("tensor", &lines)
            }
        }
    }
}

impl fmt::Display for GraphDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for node in &self.nodes {
            let mut lines = vec![format!("name: \"{}\"", node.name), format!("op: \"{}\"", node.op)];
            lines.extend(node.inputs.iter().map(|input| format!("input: \"{input}\"")));
            for (key, value) in &node.attributes {
                let value = [vec![format!("key: \"{key}\"")], block("value", &value.lines())].concat();
                lines.extend(block("attr", &value));
            }
            writeln!(f, "{}", block("node", &lines).join("\n"))?;
        }
        f.write_str("versions {\n  producer: 21\n}")
    }
}

impl Show for GraphDef {
    fn bundle(&self) -> Bundle {
        Bundle::text(self.to_string())
    }
}

shows_itself!(GraphDef);
