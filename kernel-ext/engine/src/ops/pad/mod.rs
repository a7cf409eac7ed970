//! `pad`: surrounds an array with the attribute `value` (0 without it); attribute `paddings`: how many
//! numbers before and after, a pair for each axis.

use super::{Operation, Value, copies};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::cpu::copy::{BlockCopy, Side};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Pad];

struct Pad;

/// Before and after each axis.
fn paddings(op: &Op, rank: usize) -> Result<Vec<[usize; 2]>, Fault> {
    let asked = op.ints("paddings").unwrap_or_default();
    let sizes: Option<Vec<usize>> = asked.iter().map(|&size| usize::try_from(size).ok()).collect();
    match sizes {
        Some(sizes) if sizes.len() == 2 * rank => Ok(sizes.as_chunks().0.to_vec()),
        _ => Err(Fault::new(
            format!("expected two whole numbers for each of the {rank} axes, received {asked:?}"),
            "how much is added before and after, 0 for an axis that stays",
        )),
    }
}

impl Operation for Pad {
    fn name(&self) -> &'static str {
        "pad"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let paddings = paddings(op, inputs[0].rank())?;
        let padded = |(size, [before, after]): (&Option<usize>, [usize; 2])| size.map(|size| before + size + after);
        Ok(Shape(inputs[0].0.iter().zip(paddings).map(padded).collect()))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let shape = backward.shape(backward.input(0));
        let paddings = paddings(backward.op, shape.len()).unwrap_or_default();
        let mut gradient = backward.output_gradient();
        for (axis, [before, _]) in paddings.into_iter().enumerate() {
            gradient = copies::emit_slice(backward, gradient, axis, before, shape[axis]);
        }
        vec![Some(gradient)]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let mut to = Side::whole(output);
        let befores = paddings(op, output.len()).ok()?.into_iter().zip(&to.steps);
        to.start = befores.map(|([before, _], step)| before * *step as usize).sum();
        let copy = BlockCopy::new(inputs[0], Side::whole(inputs[0]), to);
        Some(copies::kernel("pad", Some(op.float("value").unwrap_or(0.0) as f32), vec![copy]))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::infer_shape;
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::{Attr, Op, Shape};

    #[test]
    fn numbers_and_gradients() {
        let op = Op::new("pad").with("paddings", Attr::Ints(vec![1, 0, 0, 2])).with("value", Attr::Float(9.0));
        let y = evaluate(&op, &[(&[2, 1], &[1.0, 2.0])]);
        assert_eq!(y, [9.0, 9.0, 9.0, 1.0, 9.0, 9.0, 2.0, 9.0, 9.0]);
        check_gradients(&op, &[&[2, 3]]);
    }

    #[test]
    fn shapes_and_faults() {
        let infer = |paddings: &[i64]| {
            let op = Op::new("pad").with("paddings", Attr::Ints(paddings.to_vec()));
            infer_shape(&op, &[Shape::batch_of(&[5])], "pad").map(|shape| shape.to_string())
        };
        assert_eq!(infer(&[0, 0, 1, 2]).unwrap(), "(None, 8)");
        assert_eq!(
            infer(&[1, 2]).unwrap_err().to_string(),
            "pad: expected two whole numbers for each of the 2 axes, received [1, 2]\n  \
             hint: how much is added before and after, 0 for an axis that stays"
        );
    }
}
