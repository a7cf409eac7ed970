//! `transpose`: puts the axes into another order; axis number `i` of the output is axis `perm[i]` of the
//! input. Without the attribute `perm` their order is reversed.

use super::{Operation, Value, copies, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::cpu::copy::{BlockCopy, Side};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Transpose];

struct Transpose;

/// For each axis of the output that of the input.
fn order(op: &Op, rank: usize) -> Result<Vec<usize>, Fault> {
    let Some(asked) = op.ints("perm") else { return Ok((0..rank).rev().collect()) };
    let order: Vec<usize> = asked.iter().map(|&axis| shapes::axis(axis, rank)).collect::<Result<_, _>>()?;
    if (0..rank).all(|axis| order.contains(&axis)) && order.len() == rank {
        return Ok(order);
    }
    Err(Fault::new(
        format!("expected each of the {rank} axes once, received {asked:?}"),
        "for example [0, 2, 1] swaps the last two of three",
    ))
}

impl Operation for Transpose {
    fn name(&self) -> &'static str {
        "transpose"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let order = order(op, inputs[0].rank())?;
        Ok(Shape(order.iter().map(|&axis| inputs[0].0[axis]).collect()))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let rank = backward.shape(backward.input(0)).len();
        let order = order(backward.op, rank).unwrap_or_default();
        let mut inverse = vec![0; rank];
        order.iter().enumerate().for_each(|(to, &from)| inverse[from] = to as i64);
        let op = Op::new("transpose").with("perm", Attr::Ints(inverse));
        vec![Some(backward.emit(op, &[backward.output_gradient()]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let from = Side::whole(inputs[0]);
        let steps = order(op, output.len()).ok()?.iter().map(|&axis| from.steps[axis]).collect();
        let copy = BlockCopy::new(output, Side { start: 0, steps }, Side::whole(output));
        Some(copies::kernel("transpose", None, vec![copy]))
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
        let x: Vec<f32> = (0..12).map(|number| number as f32).collect();
        let op = |perm: &[i64]| Op::new("transpose").with("perm", Attr::Ints(perm.to_vec()));
        assert_eq!(evaluate(&Op::new("transpose"), &[(&[2, 3], &x[..6])]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        let swapped = evaluate(&op(&[0, -1, 1]), &[(&[2, 3, 2], &x)]);
        assert_eq!(swapped, [0.0, 2.0, 4.0, 1.0, 3.0, 5.0, 6.0, 8.0, 10.0, 7.0, 9.0, 11.0]);
        check_gradients(&op(&[1, 2, 0]), &[&[2, 3, 4]]);
    }

    #[test]
    fn shapes_and_faults() {
        let infer = |perm: &[i64]| {
            let op = Op::new("transpose").with("perm", Attr::Ints(perm.to_vec()));
            infer_shape(&op, &[Shape::batch_of(&[3, 4])], "transpose").map(|shape| shape.to_string())
        };
        assert_eq!(infer(&[0, 2, 1]).unwrap(), "(None, 4, 3)");
        assert_eq!(infer(&[2, 0, 1]).unwrap(), "(4, None, 3)");
        assert_eq!(
            infer(&[0, 1, 1]).unwrap_err().to_string(),
            "transpose: expected each of the 3 axes once, received [0, 1, 1]\n  \
             hint: for example [0, 2, 1] swaps the last two of three"
        );
    }
}
