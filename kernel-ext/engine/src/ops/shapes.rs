//! Rules about shapes that several ops share.

use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

/// The rule of ops whose output has the shape of their only input.
pub fn same(inputs: &[Shape]) -> Result<Shape, Fault> {
    expect_inputs(inputs, 1..=1)?;
    Ok(inputs[0].clone())
}

/// The rule of ops that take several inputs of one shape.
pub fn all_same(inputs: &[Shape], count: usize) -> Result<Shape, Fault> {
    expect_inputs(inputs, count..=count)?;
    match inputs.iter().find(|shape| !agree(shape, &inputs[0])) {
        None => Ok(inputs[0].clone()),
        Some(other) => Err(Fault::new(
            format!("expected equal shapes, received {} and {other}", inputs[0]),
            "check how the graph was built",
        )),
    }
}

/// Whether two shapes can be the same: equal sizes wherever both are known.
pub fn agree(a: &Shape, b: &Shape) -> bool {
    a.rank() == b.rank() && a.0.iter().zip(&b.0).all(|(a, b)| a.is_none() || b.is_none() || a == b)
}

/// NumPy's broadcasting: shapes are aligned at their ends, and a size of 1 stretches.
pub fn broadcast(a: &Shape, b: &Shape) -> Result<Shape, Fault> {
    let rank = a.rank().max(b.rank());
    let size = |shape: &Shape, axis: usize| match (axis + shape.rank()).checked_sub(rank) {
        Some(axis) => shape.0[axis],
        None => Some(1),
    };
    let mut sizes = Vec::with_capacity(rank);
    for axis in 0..rank {
        sizes.push(match (size(a, axis), size(b, axis)) {
            (Some(1), other) | (other, Some(1)) => other,
            (None, other) | (other, None) => other,
            (Some(a_size), Some(b_size)) if a_size == b_size => Some(a_size),
            (Some(a_size), Some(b_size)) => {
                return Err(Fault::new(
                    format!(
                        "cannot broadcast {a} with {b}: axis {axis} has {a_size} on one side and {b_size} on the other"
                    ),
                    "sizes must be equal, or one of them 1; insert or permute an axis",
                ));
            }
        });
    }
    Ok(Shape(sizes))
}

/// The rule of losses and metrics: targets and predictions of one shape `(batch, ...)` give one
/// value a sample.
pub fn per_sample(inputs: &[Shape]) -> Result<Shape, Fault> {
    expect_inputs(inputs, 2..=2)?;
    let (targets, predictions) = (&inputs[0], &inputs[1]);
    if predictions.rank() == 0 || !agree(targets, predictions) {
        return Err(Fault::new(
            format!("the targets have shape {targets}, but the model's output has shape {predictions}"),
            target_hint(targets, predictions),
        ));
    }
    Ok(Shape(vec![predictions.0[0]]))
}

fn target_hint(targets: &Shape, predictions: &Shape) -> String {
    let classes = predictions.0.last().copied().flatten();
    match (classes, targets.rank()) {
        (Some(classes), 1) if classes > 1 => format!(
            "labels as whole numbers need `to_categorical(&y, {classes})`, or a loss whose name starts with `sparse_`"
        ),
        (Some(classes), _) => {
            format!("the last layer has {classes} outputs; give as many targets a sample, or change its units")
        }
        _ => String::from("give the targets the shape of the model's output"),
    }
}

/// An attribute `shape` as whole numbers; -1 is the unknown batch size.
pub fn attribute(op: &Op) -> Result<Shape, Fault> {
    op.shape().ok_or_else(|| Fault::new("the attribute `shape` is missing", "check how the graph was built"))
}

/// A concrete shape as an attribute.
pub fn to_attribute(shape: &[usize]) -> Attr {
    Attr::Ints(shape.iter().map(|&size| size as i64).collect())
}

/// An axis from the front, of one that may be counted from the end.
pub fn axis(asked: i64, rank: usize) -> Result<usize, Fault> {
    let place = if asked < 0 { asked + rank as i64 } else { asked };
    usize::try_from(place).ok().filter(|&place| place < rank).ok_or_else(|| {
        Fault::new(
            format!("axis {asked} does not exist in a tensor of {rank} axes"),
            "count axes from 0, or from -1 backwards",
        )
    })
}

/// How many numbers a tensor of this shape has.
pub fn len(shape: &[usize]) -> usize {
    shape.iter().product()
}

#[cfg(test)]
mod tests {
    use super::broadcast;
    use crate::ops::infer_shape;
    use engine_api::{Attr, Op, Shape};
    use proptest::prelude::*;

    /// Ops of one or two inputs of the same shape, with attributes that fit three axes of four numbers.
    fn ops() -> Vec<(Op, usize)> {
        let plain = |name: &str, inputs| (Op::new(name), inputs);
        let axis = |name: &str, inputs| (Op::new(name).with("axis", Attr::Int(1)), inputs);
        let ints = |name: &str, key: &str, values: &[i64]| (Op::new(name).with(key, Attr::Ints(values.to_vec())), 1);
        vec![
            ints("max", "axes", &[1]),
            ints("variance", "axes", &[0, 2]),
            axis("argmax", 1),
            plain("where", 3),
            plain("power", 2),
            plain("greater", 2),
            plain("relu", 1),
            ints("softmax", "axes", &[1, 2]),
            axis("glu", 1),
            ints("transpose", "perm", &[2, 0, 1]),
            plain("matmul", 2),
            axis("concatenate", 3),
            axis("stack", 3),
            (Op::new("slice").with("axis", Attr::Int(1)).with("start", Attr::Int(1)), 1),
            ints("pad", "paddings", &[0, 0, 1, 2, 3, 4]),
            (Op::new("repeat").with("axis", Attr::Int(0)).with("repeats", Attr::Int(3)), 1),
            ints("tile", "repeats", &[2, 1, 3]),
            plain("flip", 1),
            plain("gather", 2),
            (Op::new("one_hot").with("classes", Attr::Int(5)), 1),
            axis("cumsum", 1),
            axis("expand_dims", 1),
        ]
    }

    proptest! {
        #[test]
        fn rules_say_the_same_before_the_batch_is_known(batch in 1_usize..9) {
            for (op, inputs) in ops() {
                let symbolic = infer_shape(&op, &vec![Shape::batch_of(&[4, 4]); inputs], "test").unwrap();
                let known = infer_shape(&op, &vec![Shape::known(&[batch, 4, 4]); inputs], "test").unwrap();
                prop_assert_eq!(symbolic.rank(), known.rank());
                for (symbolic, known) in symbolic.0.iter().zip(&known.0) {
                    prop_assert!(symbolic.is_none() || symbolic == known, "{:?}: {:?} {:?}", op, symbolic, known);
                }
            }
        }
    }

    #[test]
    fn broadcasting_follows_numpy() {
        type Case = (&'static [usize], &'static [usize], Option<&'static [usize]>);
        let cases: &[Case] = &[
            (&[2, 3], &[3], Some(&[2, 3])),
            (&[2, 1], &[1, 5], Some(&[2, 5])),
            (&[], &[4], Some(&[4])),
            (&[2, 3], &[2], None),
        ];
        for (a, b, expected) in cases {
            let result = broadcast(&Shape::known(a), &Shape::known(b)).ok();
            assert_eq!(result, expected.map(Shape::known), "{a:?} {b:?}");
        }
    }
}
