//! `flatten`: keeps the batch axis and joins all others, row-major.

use super::Operation;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Flatten];

struct Flatten;

impl Operation for Flatten {
    fn name(&self) -> &'static str {
        "flatten"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let shape = &inputs[0];
        if shape.rank() == 0 {
            return Err(Fault::new("a scalar has no batch axis to keep", "give it a tensor with at least one axis"));
        }
        let sample = shape.sample_len().ok_or_else(|| {
            Fault::new(format!("cannot flatten {shape}: a size is unknown"), "only the batch may be unknown")
        })?;
        Ok(Shape(vec![shape.0[0], Some(sample)]))
    }

    fn is_view(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::infer_shape;
    use crate::ops::testing::check_gradients;
    use engine_api::{Op, Shape};

    #[test]
    fn shapes_and_gradient() {
        let cases = [
            (Shape::batch_of(&[28, 28, 1]), "(None, 784)"),
            (Shape::batch_of(&[]), "(None, 1)"),
            (Shape::known(&[2, 3, 4]), "(2, 12)"),
        ];
        for (input, expected) in cases {
            let shape = infer_shape(&Op::new("flatten"), &[input], "flatten").map(|shape| shape.to_string());
            assert_eq!(shape.as_deref(), Ok(expected));
        }
        check_gradients(&Op::new("flatten"), &[&[2, 3, 4]]);
    }
}
