//! `input`: data that is fed at run time; attribute `shape`.

use super::{Operation, shapes};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Input];

struct Input;

impl Operation for Input {
    fn name(&self) -> &'static str {
        "input"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 0..=0)?;
        shapes::attribute(op)
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}
