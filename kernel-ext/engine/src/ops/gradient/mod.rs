//! `gradient`: that of its first input, a scalar, with respect to its second. Before a plan is made
//! it gives way to the nodes that compute it (module `gradients`), so it has no kernel.

use super::Operation;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Gradient];

struct Gradient;

impl Operation for Gradient {
    fn name(&self) -> &'static str {
        "gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        if inputs[0].rank() == 0 {
            return Ok(inputs[1].clone());
        }
        Err(Fault::new(
            format!("only a scalar has a gradient, received the shape {}", inputs[0]),
            "reduce it first: sum or mean over all axes",
        ))
    }
}
