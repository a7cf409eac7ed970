//! From a graph with an unknown batch size to nodes with concrete shapes.

use crate::ops::{self, in_training};
use engine_api::{Error, Graph, Mode, Op, Shape};

/// A node whose shape is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub op: Op,
    pub inputs: Vec<usize>,
    pub shape: Vec<usize>,
    pub label: String,
}

/// The graph's nodes, at the same places, for one batch size and mode.
///
/// # Errors
/// What the shape rules find wrong.
pub fn lower(graph: &Graph, batch: usize, mode: Mode) -> Result<Vec<Node>, Error> {
    let mut nodes: Vec<Node> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let mut op = node.op.clone();
        if op.name == "input" {
            let sizes = op.shape().and_then(|shape| shape.with_batch(batch)).ok_or_else(|| Error::Shape {
                place: node.label.clone(),
                message: format!("an input may have an unknown size on its first axis only, received {:?}", op.shape()),
                hint: "give every size but the batch".into(),
            })?;
            op = Op::input(&Shape::known(&sizes));
        }
        let taken = in_training::taken(node, mode);
        let inputs: Vec<Shape> = taken.iter().map(|&input| Shape::known(&nodes[input].shape)).collect();
        let shape = ops::infer_shape(&op, &inputs, &node.label)?;
        let shape = shape.with_batch(batch).ok_or_else(|| Error::Shape {
            place: node.label.clone(),
            message: format!("the shape {shape} is not known when the plan is made"),
            hint: "only the batch may be unknown".into(),
        })?;
        check_size(&shape, &node.label)?;
        nodes.push(Node { op, inputs: taken.to_vec(), shape, label: node.label.clone() });
    }
    Ok(nodes)
}

/// Refuses what no memory could hold.
fn check_size(shape: &[usize], label: &str) -> Result<(), Error> {
    let len = shape.iter().try_fold(1_u64, |len, &size| len.checked_mul(size as u64));
    let bytes = len.and_then(|len| len.checked_mul(4)).unwrap_or(u64::MAX);
    if bytes <= isize::MAX as u64 {
        return Ok(());
    }
    Err(Error::Memory { place: format!("{label}, shape {shape:?}"), needed: bytes, available: None })
}

/// Checks a graph with its unknown batch size.
///
/// # Errors
/// What the shape rules find wrong.
pub fn check(graph: &Graph) -> Result<Vec<Shape>, Error> {
    let mut shapes: Vec<Shape> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        if let Some(input) = node.inputs.iter().find(|&&input| input >= shapes.len()) {
            return Err(Error::Internal(format!("{}: input {input} is not a node that stands before it", node.label)));
        }
        let inputs: Vec<Shape> = node.inputs.iter().map(|&input| shapes[input].clone()).collect();
        shapes.push(ops::infer_shape(&node.op, &inputs, &node.label)?);
    }
    Ok(shapes)
}
