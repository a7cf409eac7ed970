//! `affine`: `scale * x + shift` with the attributes `scale` and `shift`.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Affine];

/// Writes `scale * x + shift` into the backward graph.
pub fn emit(backward: &mut Backward, x: Value, scale: f64, shift: f64) -> Value {
    backward.emit(Op::new("affine").with("scale", Attr::Float(scale)).with("shift", Attr::Float(shift)), &[x])
}

struct Affine;

fn constants(op: &Op) -> (f64, f64) {
    (op.float("scale").unwrap_or(1.0), op.float("shift").unwrap_or(0.0))
}

impl Operation for Affine {
    fn name(&self) -> &'static str {
        "affine"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (scale, _) = constants(backward.op);
        let gradient = backward.output_gradient();
        vec![Some(emit(backward, gradient, scale, 0.0))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let (scale, shift) = constants(op);
        let (scale, shift) = (scale as f32, shift as f32);
        Some(elementwise::unary("affine", move |x| scale * x + shift))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradient() {
        let op = Op::new("affine").with("scale", Attr::Float(-2.0)).with("shift", Attr::Float(0.5));
        assert_eq!(evaluate(&op, &[(&[3], &[0.0, 1.0, -4.0])]), [0.5, -1.5, 8.5]);
        check_gradients(&op, &[&[2, 3]]);
    }
}
