//! `one_hot`: each whole number becomes a row of as many numbers as the attribute `classes` says, on a new
//! last axis: 1 at its place and 0 elsewhere; a number without a place becomes a row of zeros. No
//! gradient flows through it.

use super::Operation;
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&OneHot];

struct OneHot;

fn classes(op: &Op) -> Result<usize, Fault> {
    let classes = op.int("classes").and_then(|classes| usize::try_from(classes).ok());
    classes.ok_or_else(|| Fault::new("the attribute `classes` is missing", "how many classes there are"))
}

impl Operation for OneHot {
    fn name(&self) -> &'static str {
        "one_hot"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let mut shape = inputs[0].clone();
        shape.0.push(Some(classes(op)?));
        Ok(shape)
    }

    fn differentiable(&self, _: usize) -> bool {
        false
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let classes = classes(op).ok()?;
        Some(Kernel::new("one_hot", move |work: &mut Work<'_>| {
            work.output.fill(0.0);
            for (index, &number) in work.inputs[0].iter().enumerate() {
                if number >= 0.0 && (number as usize) < classes {
                    work.output[index * classes + number as usize] = 1.0;
                }
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::evaluate;
    use engine_api::{Attr, Op};

    #[test]
    fn rows_of_classes() {
        let op = Op::new("one_hot").with("classes", Attr::Int(3));
        let y = evaluate(&op, &[(&[5], &[0.0, 2.0, -1.0, 3.0, f32::NAN])]);
        assert_eq!(y, [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
