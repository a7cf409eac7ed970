//! `flip`: reverses the order along the axes in the attribute `axes` (all without it).

use super::{Operation, Value, copies, shapes, sum};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::cpu::copy::{BlockCopy, Side};
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Flip];

struct Flip;

impl Operation for Flip {
    fn name(&self) -> &'static str {
        "flip"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        let shape = shapes::same(inputs)?;
        sum::axes(op, shape.rank())?;
        Ok(shape)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        vec![Some(backward.emit(backward.op.clone(), &[backward.output_gradient()]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let mut from = Side::whole(output);
        for axis in sum::axes(op, output.len()).ok()? {
            from.start += from.steps[axis] as usize * output[axis].saturating_sub(1);
            from.steps[axis] = -from.steps[axis];
        }
        Some(copies::kernel("flip", None, vec![BlockCopy::new(output, from, Side::whole(output))]))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let x: (&[usize], &[f32]) = (&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let flip = |axis: i64| Op::new("flip").with("axes", Attr::Ints(vec![axis]));
        assert_eq!(evaluate(&flip(-1), &[x]), [2.0, 1.0, 4.0, 3.0]);
        assert_eq!(evaluate(&flip(0), &[x]), [3.0, 4.0, 1.0, 2.0]);
        assert_eq!(evaluate(&Op::new("flip"), &[x]), [4.0, 3.0, 2.0, 1.0]);
        check_gradients(&flip(1), &[&[2, 3]]);
    }
}
