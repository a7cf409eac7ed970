//! `expand_dims`: a new axis of size 1 at the attribute `axis`; `squeeze`: the same without its axis
//! `axis`, which must have size 1. Nothing is computed.

use super::{Operation, shapes};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] =
    &[&Dimension { name: "expand_dims", change: expand }, &Dimension { name: "squeeze", change: squeeze }];

struct Dimension {
    name: &'static str,
    change: fn(&mut Shape, axis: i64) -> Result<(), Fault>,
}

fn expand(shape: &mut Shape, axis: i64) -> Result<(), Fault> {
    shape.0.insert(shapes::axis(axis, shape.rank() + 1)?, Some(1));
    Ok(())
}

fn squeeze(shape: &mut Shape, axis: i64) -> Result<(), Fault> {
    let axis = shapes::axis(axis, shape.rank())?;
    if shape.0[axis] == Some(1) {
        shape.0.remove(axis);
        return Ok(());
    }
    Err(Fault::new(format!("axis {axis} of {shape} cannot be left out"), "only an axis of size 1 can"))
}

impl Operation for Dimension {
    fn name(&self) -> &'static str {
        self.name
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let mut shape = inputs[0].clone();
        (self.change)(&mut shape, op.int("axis").unwrap_or(-1))?;
        Ok(shape)
    }

    fn is_view(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::infer_shape;
    use crate::ops::testing::check_gradients;
    use engine_api::{Attr, Op, Shape};

    #[test]
    fn shapes_and_gradients() {
        let cases = [
            ("expand_dims", -1, Shape::batch_of(&[3]), Some("(None, 3, 1)")),
            ("expand_dims", 1, Shape::batch_of(&[3]), Some("(None, 1, 3)")),
            ("squeeze", -1, Shape::batch_of(&[3, 1]), Some("(None, 3)")),
            ("squeeze", 1, Shape::batch_of(&[3, 1]), None),
            ("squeeze", 0, Shape::batch_of(&[3, 1]), None),
        ];
        for (name, axis, input, expected) in cases {
            let op = Op::new(name).with("axis", Attr::Int(axis));
            let shape = infer_shape(&op, &[input], name).map(|shape| shape.to_string()).ok();
            assert_eq!(shape.as_deref(), expected, "{name} {axis}");
        }
        check_gradients(&Op::new("expand_dims").with("axis", Attr::Int(1)), &[&[2, 3]]);
        check_gradients(&Op::new("squeeze").with("axis", Attr::Int(1)), &[&[2, 1, 3]]);
    }
}
