//! `in_training`: its first input while the program trains, its second otherwise.
//!
//! Lowering takes one of the two, so that a plan holds a plain view and nothing of the other branch.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Mode, Node, NodeId, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&InTraining];

struct InTraining;

/// The inputs that a node keeps when it is lowered.
pub fn taken(node: &Node, mode: Mode) -> &[NodeId] {
    match (node.op.name.as_str(), node.inputs.as_slice(), mode.is_training()) {
        ("in_training", [training, _], true) => std::slice::from_ref(training),
        ("in_training", [_, otherwise], false) => std::slice::from_ref(otherwise),
        (_, inputs, _) => inputs,
    }
}

impl Operation for InTraining {
    fn name(&self) -> &'static str {
        "in_training"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=2)?;
        shapes::all_same(inputs, inputs.len())
    }

    fn is_view(&self) -> bool {
        true
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        vec![Some(backward.output_gradient()); backward.inputs()]
    }
}
