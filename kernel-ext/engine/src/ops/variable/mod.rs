//! `variable`: a weight array of the store; attributes `index` and `shape`.

use super::{Operation, shapes};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Variable];

struct Variable;

impl Operation for Variable {
    fn name(&self) -> &'static str {
        "variable"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 0..=0)?;
        shapes::attribute(op)
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}
