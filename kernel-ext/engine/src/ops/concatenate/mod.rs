//! `concatenate`: joins one to eight inputs along the attribute `axis` (-1 without it), on which alone
//! their sizes may differ. `stack`: joins inputs of one shape along a new axis.

use super::{MOST_INPUTS, Operation, Value, copies, reshape, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::cpu::copy::{BlockCopy, Side};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Concatenate, &Stack];

struct Concatenate;

fn axis(op: &Op, rank: usize) -> Result<usize, Fault> {
    shapes::axis(op.int("axis").unwrap_or(-1), rank)
}

/// Copies each input behind the one before, along an axis.
fn side_by_side(name: &'static str, axis: usize, inputs: &[&[usize]], output: &[usize]) -> Kernel {
    let mut start = 0;
    let copy = |input: &[usize]| {
        let whole = Side::whole(output);
        let to = Side { start, steps: whole.steps };
        start += input[axis] * to.steps[axis] as usize;
        BlockCopy::new(input, Side::whole(input), to)
    };
    let copies = inputs.iter().copied().map(copy).collect();
    copies::kernel(name, None, copies)
}

/// The gradient of each input: its part of the arriving one.
fn slices(backward: &mut Backward, axis: usize, sizes: &[usize]) -> Vec<Value> {
    let gradient = backward.output_gradient();
    let mut start = 0;
    let mut slice = |&size: &usize| {
        let slice = copies::emit_slice(backward, gradient, axis, start, size);
        start += size;
        slice
    };
    sizes.iter().map(&mut slice).collect()
}

impl Operation for Concatenate {
    fn name(&self) -> &'static str {
        "concatenate"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=MOST_INPUTS)?;
        let axis = axis(op, inputs[0].rank())?;
        let mut joined = inputs[0].clone();
        for other in &inputs[1..] {
            let mut same = other.clone();
            if let (Some(to), Some(from)) = (same.0.get_mut(axis), joined.0.get(axis)) {
                *to = *from;
            }
            if !shapes::agree(&same, &joined) {
                return Err(Fault::new(
                    format!("cannot join {} and {other} along axis {axis}", inputs[0]),
                    "all other sizes must be equal",
                ));
            }
            // What one shape leaves open, another may tell.
            joined.0.iter_mut().zip(&same.0).for_each(|(to, from)| *to = to.or(*from));
        }
        joined.0[axis] = inputs.iter().map(|shape| shape.0[axis]).sum();
        Ok(joined)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let shapes: Vec<_> = (0..backward.inputs()).map(|index| backward.shape(backward.input(index))).collect();
        let axis = axis(backward.op, shapes[0].len()).unwrap_or_default();
        let sizes: Vec<usize> = shapes.iter().map(|shape| shape[axis]).collect();
        slices(backward, axis, &sizes).into_iter().map(Some).collect()
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        Some(side_by_side("concatenate", axis(op, output.len()).ok()?, inputs, output))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

struct Stack;

impl Operation for Stack {
    fn name(&self) -> &'static str {
        "stack"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=MOST_INPUTS)?;
        let mut shape = shapes::all_same(inputs, inputs.len())?;
        shape.0.insert(axis(op, shape.rank() + 1)?, Some(inputs.len()));
        Ok(shape)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let shape = backward.shape(backward.input(0));
        let axis = axis(backward.op, shape.len() + 1).unwrap_or_default();
        let slices = slices(backward, axis, &vec![1; backward.inputs()]);
        slices.into_iter().map(|slice| Some(reshape::emit_view(backward, slice, &shape))).collect()
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let axis = axis(op, output.len()).ok()?;
        let mut expanded = inputs[0].to_vec();
        expanded.insert(axis, 1);
        Some(side_by_side("stack", axis, &vec![expanded.as_slice(); inputs.len()], output))
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

    fn op(name: &str, axis: i64) -> Op {
        Op::new(name).with("axis", Attr::Int(axis))
    }

    #[test]
    fn numbers_and_gradients() {
        let a: (&[usize], &[f32]) = (&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let b: (&[usize], &[f32]) = (&[2, 1], &[5.0, 6.0]);
        assert_eq!(evaluate(&op("concatenate", -1), &[a, b]), [1.0, 2.0, 5.0, 3.0, 4.0, 6.0]);
        assert_eq!(evaluate(&op("concatenate", 0), &[a, a]), [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(evaluate(&op("stack", 1), &[b, b, b]), [5.0, 5.0, 5.0, 6.0, 6.0, 6.0]);
        assert_eq!(evaluate(&op("stack", -1), &[a, a]), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
        check_gradients(&op("concatenate", 1), &[&[2, 3, 2], &[2, 1, 2], &[2, 2, 2]]);
        check_gradients(&op("concatenate", 0), &[&[3]]);
        check_gradients(&op("stack", 1), &[&[2, 3], &[2, 3]]);
    }

    #[test]
    fn shapes_and_faults() {
        let infer = |name: &str, axis: i64, shapes: &[Shape]| {
            infer_shape(&op(name, axis), shapes, "join").map(|shape| shape.to_string())
        };
        let (a, b) = (Shape::batch_of(&[3, 4]), Shape::batch_of(&[2, 4]));
        assert_eq!(infer("concatenate", 1, &[a.clone(), b.clone()]).unwrap(), "(None, 5, 4)");
        assert_eq!(infer("concatenate", 0, &[a.clone(), a.clone()]).unwrap(), "(None, 3, 4)");
        assert_eq!(infer("concatenate", 1, &[a.clone(), Shape::known(&[7, 2, 4])]).unwrap(), "(7, 5, 4)");
        assert_eq!(infer("stack", -1, &[a.clone(), a.clone()]).unwrap(), "(None, 3, 4, 2)");
        assert_eq!(
            infer("concatenate", -1, &[a, b]).unwrap_err().to_string(),
            "join: cannot join (None, 3, 4) and (None, 2, 4) along axis 2\n  hint: all other sizes must be equal"
        );
    }
}
