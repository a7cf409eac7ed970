//! `cast`: what the numbers would be as another type, attribute `dtype`: `bool` makes all but 0 a 1, whole
//! types cut off what is behind the point and keep to their range, real types change nothing. The
//! result stays `f32` in memory. The gradient flows through real types only.

use super::comparisons::number;
use super::elementwise::{flat, unary};
use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Cast];

struct Cast;

#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Whole { min: f32, max: f32 },
    Real,
}

/// The name of a whole type, such as `uint8`, as the range of its numbers.
fn range_of(name: &str) -> Option<Kind> {
    let (digits, signed) = match name.strip_prefix("uint") {
        Some(digits) => (digits, false),
        None => (name.strip_prefix("int")?, true),
    };
    let bits: i32 = digits.parse().ok().filter(|bits| [8, 16, 32, 64].contains(bits))?;
    let half = 2.0_f64.powi(bits - 1);
    let (min, max) = if signed { (-half, half - 1.0) } else { (0.0, 2.0 * half - 1.0) };
    Some(Kind::Whole { min: min as f32, max: max as f32 })
}

fn kind(op: &Op) -> Result<Kind, Fault> {
    let name = match op.attr("dtype") {
        Some(Attr::Text(name)) => name.as_str(),
        _ => "",
    };
    match name {
        "bool" => Ok(Kind::Bool),
        "float16" | "bfloat16" | "float32" | "float64" => Ok(Kind::Real),
        _ => range_of(name).ok_or_else(|| {
            Fault::new(format!("`{name}` is not a type of numbers"), "such as `bool`, `int32`, `uint8` or `float32`")
        }),
    }
}

impl Operation for Cast {
    fn name(&self) -> &'static str {
        "cast"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        kind(op)?;
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        vec![Some(if matches!(kind(backward.op), Ok(Kind::Real)) {
            backward.output_gradient()
        } else {
            flat(backward)
        })]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(match kind(op).ok()? {
            Kind::Bool => unary("cast", |x| number(x != 0.0)),
            // NaN becomes 0, as in Rust.
            Kind::Whole { min, max } => {
                unary("cast", move |x| if x.is_nan() { 0.0 } else { x.trunc().clamp(min, max) })
            }
            Kind::Real => unary("cast", |x| x),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::infer_shape;
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::{Attr, Op, Shape};

    #[test]
    fn numbers_and_gradients() {
        let cases = [
            ("bool", [1.0, 0.0, 1.0, 1.0]),
            ("int32", [-1.0, 0.0, 2.0, 300.0]),
            ("uint8", [0.0, 0.0, 2.0, 255.0]),
            ("float32", [-1.5, 0.0, 2.75, 300.0]),
        ];
        for (dtype, expected) in cases {
            let op = Op::new("cast").with("dtype", Attr::Text(dtype.into()));
            assert_close(&evaluate(&op, &[(&[4], &[-1.5, 0.0, 2.75, 300.0])]), &expected, 0.0);
        }
        check_gradients(&Op::new("cast").with("dtype", Attr::Text("float32".into())), &[&[3]]);
    }

    #[test]
    fn an_unknown_type_is_named() {
        let op = Op::new("cast").with("dtype", Attr::Text("int7".into()));
        assert_eq!(
            infer_shape(&op, &[Shape::known(&[2])], "").unwrap_err().to_string(),
            "op `cast`: `int7` is not a type of numbers\n  hint: such as `bool`, `int32`, `uint8` or `float32`"
        );
    }
}
