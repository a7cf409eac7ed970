//! Symbolic tensors: what a computation will be, before there are numbers.

use crate::layers::{AnyLayer, LayerBase};
use crate::weight::Weight;
use crate::{Result, waist};
use engine_api::{InferShape, Op, Shape};
use std::fmt;
use std::sync::Arc;

/// A value of a computation that has not happened yet, with a known shape.
///
/// Layers take and return such tensors, and a model is what lies between two of them. Cloning makes
/// a second handle to the same tensor.
///
/// ```
/// use course::prelude::*;
/// let pixels = Input::new([28, 28, 1]).tensor();
/// let scores = Dense::new(10).call(&Flatten::new().call(&pixels));
/// assert_eq!(scores.shape().to_string(), "(None, 10)");
/// ```
#[derive(Clone)]
pub struct Tensor {
    value: Arc<Value>,
    maker: Option<Maker>,
    /// Whether the user made it without layers, so that its label is its name.
    is_node: bool,
}

/// A layer that was called.
pub(crate) struct Call {
    pub layer: AnyLayer,
    pub inputs: Vec<Tensor>,
    /// What the call adds to the loss of a model, scalars.
    pub losses: Vec<Tensor>,
}

/// The call that made a tensor, and which of its outputs the tensor is.
#[derive(Clone)]
pub(crate) struct Maker {
    pub call: Arc<Call>,
    pub output: usize,
}

impl PartialEq for Maker {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.call, &other.call) && self.output == other.output
    }
}

struct Value {
    source: Source,
    shape: Shape,
    label: String,
    branch: Option<Branch>,
}

/// What a tensor that differs between training and use brings along.
pub(crate) struct Branch {
    /// Weights that take the values of tensors after each batch in training.
    pub updates: Vec<(Weight, Tensor)>,
    /// Whose computation it is: a frozen layer does in training what it does in use.
    pub layer: LayerBase,
}

/// Where a tensor's values come from.
#[derive(Clone)]
pub(crate) enum Source {
    /// Data that is fed.
    Input,
    /// A weight of a layer.
    Weight(Weight),
    /// An op on other tensors.
    Op(Op, Vec<Tensor>),
}

impl Tensor {
    pub(crate) fn input(shape: Shape, label: &str) -> Self {
        Self::new(Source::Input, shape, label)
    }

    pub(crate) fn weight(weight: &Weight) -> Self {
        Self::new(Source::Weight(weight.clone()), Shape::known(weight.shape()), weight.name())
    }

    fn new(source: Source, shape: Shape, label: &str) -> Self {
        Self {
            value: Arc::new(Value { source, shape, label: label.into(), branch: None }),
            maker: None,
            is_node: false,
        }
    }

    /// Applies one of the engine's ops; `label` says who asks, such as a layer's name.
    ///
    /// # Errors
    /// What the op's shape rule finds wrong.
    pub fn apply(op: Op, inputs: &[&Tensor], label: &str) -> Result<Self> {
        let shapes = inputs.iter().map(|input| input.shape().clone()).collect();
        let shape = waist::call(&InferShape { op: op.clone(), inputs: shapes, label: label.into() })?;
        let inputs = inputs.iter().map(|&input| input.clone()).collect();
        Ok(Self::new(Source::Op(op, inputs), shape, label))
    }

    /// One tensor while a model trains and another of the same shape while it is used, such as numbers
    /// with and without dropout. The updates are made after each batch in training. A frozen layer
    /// does always what it does in use.
    ///
    /// # Errors
    /// When the shapes differ.
    pub fn in_training(
        training: &Tensor,
        otherwise: &Tensor,
        updates: Vec<(Weight, Tensor)>,
        layer: &LayerBase,
    ) -> Result<Self> {
        let Self { value, .. } = Self::apply(Op::new("in_training"), &[training, otherwise], &layer.name())?;
        let branch = Some(Branch { updates, layer: layer.clone() });
        let (source, shape, label) = (value.source.clone(), value.shape.clone(), value.label.clone());
        Ok(Self { value: Arc::new(Value { source, shape, label, branch }), maker: None, is_node: false })
    }

    /// The same value, remembering which call made it.
    pub(crate) fn made_by(&self, call: &Arc<Call>, output: usize) -> Self {
        Self { value: self.value.clone(), maker: Some(Maker { call: call.clone(), output }), is_node: false }
    }

    /// The same value as a node of the user's own graph.
    pub(crate) fn into_node(self) -> Self {
        Self { is_node: true, ..self }
    }

    /// Its name in the graph, such as `add_1`; what a layer computes bears the layer's name before its own.
    pub fn name(&self) -> String {
        match self.source() {
            Source::Op(op, _) if !self.is_node => format!("{}/{}", self.label(), op.name),
            _ => self.label().into(),
        }
    }

    /// The sizes of the axes; the batch is not known yet.
    pub fn shape(&self) -> &Shape {
        &self.value.shape
    }

    /// The call of a layer that made it, if one did.
    pub(crate) fn maker(&self) -> Option<&Maker> {
        self.maker.as_ref()
    }

    /// The name of the layer that made it, or its own.
    pub(crate) fn maker_name(&self) -> String {
        self.maker().map_or_else(|| self.label().into(), |maker| maker.call.layer.name())
    }

    pub(crate) fn branch(&self) -> Option<&Branch> {
        self.value.branch.as_ref()
    }

    pub(crate) fn source(&self) -> &Source {
        &self.value.source
    }

    pub(crate) fn label(&self) -> &str {
        &self.value.label
    }

    /// The input of the op `name`, when this tensor is such an op's output and the op goes along the last axis.
    pub(crate) fn argument_of(&self, name: &str) -> Option<&Tensor> {
        let Source::Op(op, inputs) = self.source() else { return None };
        let last = self.shape().rank() as i64 - 1;
        let is_last = |axis: i64| axis == -1 || axis == last;
        let along_last = match op.ints("axes") {
            Some(axes) => matches!(*axes, [axis] if is_last(axis)),
            None => is_last(op.int("axis").unwrap_or(-1)),
        };
        inputs.first().filter(|_| op.name == name && along_last)
    }

    /// A number that tells this value from every other one alive; a weight's tensors share it.
    pub(crate) fn key(&self) -> usize {
        match self.source() {
            Source::Weight(weight) => weight.key(),
            _ => Arc::as_ptr(&self.value) as usize,
        }
    }

    /// Whether both are the same value from the same layer.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.key() == other.key() && self.maker == other.maker
    }
}

/// One tensor, or several: what a layer is called on, and what a model leads from and to.
///
/// ```
/// use course::prelude::*;
/// let (a, b) = (Input::new([3]).tensor(), Input::new([3]).tensor());
/// assert_eq!(Add::new().call([&a, &b]).shape().to_string(), "(None, 3)");
/// assert_eq!(Dense::new(2).call(&a).shape().to_string(), "(None, 2)");
/// ```
#[derive(Clone, Debug)]
pub struct Tensors(pub Vec<Tensor>);

impl From<&Tensor> for Tensors {
    fn from(tensor: &Tensor) -> Self {
        Self(vec![tensor.clone()])
    }
}

impl From<&[&Tensor]> for Tensors {
    fn from(tensors: &[&Tensor]) -> Self {
        Self(tensors.iter().map(|&tensor| tensor.clone()).collect())
    }
}

impl<const N: usize> From<&[&Tensor; N]> for Tensors {
    fn from(tensors: &[&Tensor; N]) -> Self {
        tensors.as_slice().into()
    }
}

impl<const N: usize> From<[&Tensor; N]> for Tensors {
    fn from(tensors: [&Tensor; N]) -> Self {
        tensors.as_slice().into()
    }
}

impl From<&[Tensor]> for Tensors {
    fn from(tensors: &[Tensor]) -> Self {
        Self(tensors.to_vec())
    }
}

impl From<&Vec<Tensor>> for Tensors {
    fn from(tensors: &Vec<Tensor>) -> Self {
        Self(tensors.clone())
    }
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor(\"{}:0\", shape={}, dtype=float32)", self.name(), self.shape())
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
