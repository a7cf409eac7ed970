//! `reshape`: gives each sample another shape; attribute `shape`, without the batch axis, in which one
//! size may be -1: what is left over.
//!
//! `view`: the same for all axes at once; attribute `shape`, in which one size may be -1, and is the batch where
//! that is not known. Gradients are brought back with it.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Reshape, &View];

/// Writes `value` under another shape into the backward graph.
pub fn emit_view(backward: &mut Backward, value: Value, shape: &[usize]) -> Value {
    backward.emit(Op::new("view").with("shape", shapes::to_attribute(shape)), &[value])
}

fn misfit(from: &Shape, to: &[Option<usize>]) -> Fault {
    let sizes: Vec<String> = to.iter().map(|size| size.map_or("-1".into(), |size| size.to_string())).collect();
    Fault::new(
        format!("cannot give {from} the sizes ({}): the number of elements differs", sizes.join(", ")),
        "the product of the sizes must stay the same",
    )
}

struct Reshape;

impl Operation for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let target = shapes::attribute(op)?.0;
        let fault = || misfit(&inputs[0], &target);
        let sample = inputs[0].sample_len().filter(|_| inputs[0].rank() > 0).ok_or_else(fault)?;
        let known: usize = target.iter().flatten().product();
        let left_over = match target.iter().filter(|size| size.is_none()).count() {
            0 if known == sample => 1,
            1 if known > 0 && sample % known == 0 => sample / known,
            _ => return Err(fault()),
        };
        let sizes = target.iter().map(|size| size.or(Some(left_over)));
        Ok(Shape(std::iter::once(inputs[0].0[0]).chain(sizes).collect()))
    }

    fn is_view(&self) -> bool {
        true
    }
}

struct View;

impl Operation for View {
    fn name(&self) -> &'static str {
        "view"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let target = shapes::attribute(op)?;
        let known = |shape: &Shape| shape.0.iter().flatten().product::<usize>();
        let unknown = |shape: &Shape| shape.0.iter().filter(|size| size.is_none()).count();
        let (len, rest) = (known(&inputs[0]), known(&target));
        match (unknown(&inputs[0]), unknown(&target)) {
            (0, 0) | (1, 1) if len == rest => return Ok(target),
            (0, 1) if rest > 0 && len % rest == 0 => {
                return Ok(Shape(target.0.iter().map(|size| size.or(Some(len / rest))).collect()));
            }
            _ => {}
        }
        Err(misfit(&inputs[0], &target.0))
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
        let cases: &[(&str, Shape, &[i64], Option<&str>)] = &[
            ("reshape", Shape::batch_of(&[28, 28]), &[784], Some("(None, 784)")),
            ("reshape", Shape::batch_of(&[784]), &[28, -1, 1], Some("(None, 28, 28, 1)")),
            ("reshape", Shape::known(&[4, 6]), &[2, 3], Some("(4, 2, 3)")),
            ("reshape", Shape::batch_of(&[6]), &[5], None),
            ("reshape", Shape::batch_of(&[6]), &[-1, -1], None),
            ("view", Shape::known(&[4, 6]), &[8, 3], Some("(8, 3)")),
            ("view", Shape::known(&[4, 6]), &[5, 5], None),
            ("view", Shape::known(&[4, 6]), &[-1, 3], Some("(8, 3)")),
            ("view", Shape::known(&[4, 6]), &[-1, 5], None),
            ("view", Shape::known(&[4, 6]), &[-1, -1], None),
            ("view", Shape::batch_of(&[]), &[-1, 1], Some("(None, 1)")),
            ("view", Shape::batch_of(&[6]), &[2, -1, 3], Some("(2, None, 3)")),
            ("view", Shape::batch_of(&[6]), &[-1, 3], None),
            ("view", Shape::batch_of(&[6]), &[2, 3], None),
        ];
        for (name, input, target, expected) in cases {
            let op = Op::new(name).with("shape", Attr::Ints(target.to_vec()));
            let shape = infer_shape(&op, std::slice::from_ref(input), "reshape").map(|shape| shape.to_string()).ok();
            assert_eq!(shape.as_deref(), *expected, "{name} {input} to {target:?}");
        }
        check_gradients(&Op::new("reshape").with("shape", Attr::Ints(vec![2, 2])), &[&[3, 4]]);
        check_gradients(&Op::new("view").with("shape", Attr::Ints(vec![6, 2])), &[&[3, 4]]);
    }
}
