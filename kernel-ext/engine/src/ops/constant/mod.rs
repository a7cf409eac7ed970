//! `constant`: fixed numbers; attributes `shape` and `values`.

use super::{Operation, shapes};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Constant];

struct Constant;

impl Operation for Constant {
    fn name(&self) -> &'static str {
        "constant"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 0..=0)?;
        let shape = shapes::attribute(op)?;
        let len: Option<usize> = shape.0.iter().copied().product();
        match op.attr("values") {
            Some(Attr::Floats(values)) if Some(values.len()) == len => Ok(shape),
            Some(Attr::Floats(values)) => Err(Fault::new(
                format!("a constant of shape {shape} has {} values", values.len()),
                "give as many values as the shape holds",
            )),
            _ => Err(Fault::new("the attribute `values` is missing", "check how the graph was built")),
        }
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}
