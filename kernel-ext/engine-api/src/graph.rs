//! A computation as open data: nodes with an op each, in an order in which inputs come first.

use crate::Shape;

/// A node's place in [`Graph::nodes`].
pub type NodeId = usize;

/// A named constant of an op: an axis, a rate, a padding mode.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    /// A switch.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A real number.
    Float(f64),
    /// A word, such as a padding mode.
    Text(String),
    /// Several whole numbers, such as sizes or strides; -1 is the unknown batch size.
    Ints(Vec<i64>),
    /// Several real numbers, such as the values of a constant.
    Floats(Vec<f32>),
}

/// What a node computes: a name that the engine knows, and attributes.
///
/// ```
/// use engine_api::{Attr, Op};
/// let op = Op::new("softmax").with("axis", Attr::Int(-1));
/// assert_eq!(op.int("axis"), Some(-1));
/// assert_eq!(op.int("rate"), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// The engine's name of the op, which is the name of its folder.
    pub name: String,
    /// The attributes, in the order in which they were given.
    pub attrs: Vec<(String, Attr)>,
}

impl Op {
    /// An op without attributes.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), attrs: Vec::new() }
    }

    /// The op that stands for data fed at run time; `shape` includes the batch axis.
    pub fn input(shape: &Shape) -> Self {
        Self::new("input").with("shape", Attr::Ints(to_ints(shape)))
    }

    /// The op that stands for variable number `index` of the program's store.
    pub fn variable(index: usize, shape: &[usize]) -> Self {
        Self::new("variable")
            .with("index", Attr::Int(index as i64))
            .with("shape", Attr::Ints(to_ints(&Shape::known(shape))))
    }

    /// The op that stands for fixed numbers in row-major order.
    pub fn constant(shape: &[usize], values: Vec<f32>) -> Self {
        Self::new("constant")
            .with("shape", Attr::Ints(to_ints(&Shape::known(shape))))
            .with("values", Attr::Floats(values))
    }

    /// The same op with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: Attr) -> Self {
        self.attrs.push((name.into(), value));
        self
    }

    /// The attribute of this name.
    pub fn attr(&self, name: &str) -> Option<&Attr> {
        self.attrs.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The whole number of this name, if there is one.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.attr(name)? {
            Attr::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The real number of this name, if there is one.
    pub fn float(&self, name: &str) -> Option<f64> {
        match self.attr(name)? {
            Attr::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole numbers of this name, if there are any.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attr(name)? {
            Attr::Ints(values) => Some(values),
            _ => None,
        }
    }

    /// The attribute `shape` of a source op (input, variable, constant).
    pub fn shape(&self) -> Option<Shape> {
        Some(Shape(self.ints("shape")?.iter().map(|&size| usize::try_from(size).ok()).collect()))
    }
}

fn to_ints(shape: &Shape) -> Vec<i64> {
    shape.0.iter().map(|size| size.map_or(-1, |size| size as i64)).collect()
}

/// One value of the computation.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What is computed.
    pub op: Op,
    /// From which earlier nodes.
    pub inputs: Vec<NodeId>,
    /// Who asked for it, for messages: a layer's name such as `dense_1`.
    pub label: String,
}

/// A computation: every node's inputs stand before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The nodes in order of computation.
    pub nodes: Vec<Node>,
}

impl Graph {
    /// Appends a node and returns its place.
    ///
    /// # Panics
    /// When an input is not a node of this graph yet.
    pub fn add(&mut self, op: Op, inputs: &[NodeId], label: &str) -> NodeId {
        assert!(inputs.iter().all(|&id| id < self.nodes.len()), "op `{}`: an input is not in the graph", op.name);
        self.nodes.push(Node { op, inputs: inputs.to_vec(), label: label.into() });
        self.nodes.len() - 1
    }
}
