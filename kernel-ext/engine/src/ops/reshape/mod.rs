//! `reshape`: the same numbers under another shape; attribute `shape`, in which one -1 stands for what
//! is left over (the batch, when it is unknown).

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Reshape];

struct Reshape;

impl Operation for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let target = shapes::attribute(op)?;
        let len = |shape: &Shape| shape.0.iter().flatten().product::<usize>();
        let (input_len, target_len) = (len(&inputs[0]), len(&target));
        let unknown = target.0.iter().filter(|size| size.is_none()).count();
        let misfit = || {
            Fault::new(
                format!("cannot give {} the shape {target}: the number of elements differs", inputs[0]),
                "the product of the sizes must stay the same",
            )
        };
        let input_known = inputs[0].0.iter().all(Option::is_some);
        match (unknown, input_known) {
            (0, true) if input_len == target_len => Ok(target),
            (1, true) if target_len > 0 && input_len % target_len == 0 => {
                Ok(Shape(target.0.iter().map(|size| size.or(Some(input_len / target_len))).collect()))
            }
            (1, false) if input_len == target_len => Ok(target),
            _ => Err(misfit()),
        }
    }

    fn is_view(&self) -> bool {
        true
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient) = (backward.input(0), backward.output_gradient());
        let op = Op::new("reshape").with("shape", shapes::to_attribute(&backward.shape(x)));
        vec![Some(backward.emit(op, &[gradient]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        None
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::infer_shape;
    use crate::ops::testing::check_gradients;
    use engine_api::{Attr, Op, Shape};

    #[test]
    fn shapes_and_gradient() {
        let cases: &[(Shape, &[i64], Option<&str>)] = &[
            (Shape::batch_of(&[28, 28]), &[-1, 784], Some("(None, 784)")),
            (Shape::known(&[4, 6]), &[-1, 8], Some("(3, 8)")),
            (Shape::known(&[4, 6]), &[2, 12], Some("(2, 12)")),
            (Shape::known(&[4, 6]), &[5, 5], None),
            (Shape::batch_of(&[6]), &[-1, 5], None),
        ];
        for (input, target, expected) in cases {
            let op = Op::new("reshape").with("shape", Attr::Ints(target.to_vec()));
            let shape = infer_shape(&op, std::slice::from_ref(input), "reshape").map(|shape| shape.to_string()).ok();
            assert_eq!(shape.as_deref(), *expected, "{input} to {target:?}");
        }
        check_gradients(&Op::new("reshape").with("shape", Attr::Ints(vec![6, 2])), &[&[3, 4]]);
    }
}
