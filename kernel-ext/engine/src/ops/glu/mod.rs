//! `glu`: the first half along the attribute `axis` (-1 without it) times the sigmoid of the second half
//! (Dauphin et al., 2017).

use super::elementwise::{Map, Pointwise};
use super::{Operation, Value, copies, shapes};
use crate::autodiff::Backward;
use crate::cpu::simd::run_wide;
use crate::cpu::{Kernel, Work, math};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Glu];

struct Glu;

fn axis(op: &Op, rank: usize) -> Result<usize, Fault> {
    shapes::axis(op.int("axis").unwrap_or(-1), rank)
}

impl Operation for Glu {
    fn name(&self) -> &'static str {
        "glu"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let mut shape = inputs[0].clone();
        let axis = axis(op, shape.rank())?;
        match shape.0[axis] {
            Some(size) if size % 2 == 0 => shape.0[axis] = Some(size / 2),
            _ => {
                return Err(Fault::new(
                    format!("cannot halve axis {axis} of {shape}"),
                    "the axis needs a known, even size",
                ));
            }
        }
        Ok(shape)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        let shape = backward.shape(backward.output());
        let axis = axis(backward.op, shape.len()).unwrap_or_default();
        let half = shape[axis];
        let [a, b] = [0, half].map(|start| copies::emit_slice(backward, x, axis, start, half));
        let gate = backward.emit(Op::new("sigmoid"), &[b]);
        let to_a = backward.emit(Op::new("multiply"), &[gradient, gate]);
        let product = backward.emit(Op::new("multiply"), &[gradient, a]);
        let to_b = backward.emit(Op::new("sigmoid_gradient"), &[product, gate]);
        let join = Op::new("concatenate").with("axis", Attr::Int(axis as i64));
        vec![Some(backward.emit(join, &[to_a, to_b]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let half = shapes::len(&output[axis(op, output.len()).ok()?..]).max(1);
        Some(Kernel::new("glu", move |work: &mut Work<'_>| {
            for (output, pair) in work.output.chunks_exact_mut(half).zip(work.inputs[0].chunks_exact(2 * half)) {
                let (a, b) = pair.split_at(half);
                run_wide(Map::<_, 2, false> { function: Gated, inputs: [a, b], output });
            }
        }))
    }
}

#[derive(Clone, Copy)]
struct Gated;

impl Pointwise<2> for Gated {
    #[inline(always)]
    fn at(self, [x, gate]: [f32; 2]) -> f32 {
        x * math::sigmoid(gate)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let y = evaluate(&Op::new("glu"), &[(&[2, 2], &[1.0, 0.0, -2.0, 1.0])]);
        assert_close(&y, &[0.5, -1.462_117_2], 1e-6);
        let first = Op::new("glu").with("axis", Attr::Int(0));
        assert_close(&evaluate(&first, &[(&[2, 2], &[1.0, 2.0, 0.0, 1.0])]), &[0.5, 1.462_117_2], 1e-6);
        check_gradients(&Op::new("glu"), &[&[3, 4]]);
        check_gradients(&first, &[&[2, 3]]);
    }
}
