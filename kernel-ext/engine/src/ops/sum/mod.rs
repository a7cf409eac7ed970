//! `sum`: over the axes in the attribute `axes` (all without it), kept with size 1 if `keepdims`.

use super::folding::{Groups, Reduction, SumOf};
use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] =
    &[&Reduction { name: "sum", fold: SumOf(|number, _| number), gradient: spread_over_input }];

fn spread_over_input(backward: &mut Backward) -> Value {
    let shape = backward.shape(backward.input(0));
    spread(backward, &shape)
}

/// The axes in the attribute `axes`, or all, from the front.
pub fn axes(op: &Op, rank: usize) -> Result<Vec<usize>, Fault> {
    let Some(asked) = op.ints("axes") else { return Ok((0..rank).collect()) };
    asked.iter().map(|&axis| shapes::axis(axis, rank)).collect()
}

fn keeps_dimensions(op: &Op) -> bool {
    matches!(op.attr("keepdims"), Some(Attr::Bool(true)))
}

/// The sizes with 1 in place of each summed axis.
fn kept(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    shape.iter().enumerate().map(|(axis, &size)| if axes.contains(&axis) { 1 } else { size }).collect()
}

/// The shape that is left of the only input when its axes are reduced.
pub fn reduced(op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
    expect_inputs(inputs, 1..=1)?;
    let axes = axes(op, inputs[0].rank())?;
    let keep = keeps_dimensions(op);
    let size = |(axis, size): (usize, &Option<usize>)| match (axes.contains(&axis), keep) {
        (false, _) => Some(*size),
        (true, true) => Some(Some(1)),
        (true, false) => None,
    };
    Ok(Shape(inputs[0].0.iter().enumerate().filter_map(size).collect()))
}

/// Gives `value`, which has the shape of the op's output, size 1 on each reduced axis, so that it can
/// be broadcast with the input.
pub fn with_reduced_axes(backward: &mut Backward, value: Value) -> Value {
    let shape = backward.shape(backward.input(0));
    let axes = axes(backward.op, shape.len()).unwrap_or_default();
    super::reshape::emit_view(backward, value, &kept(&shape, &axes))
}

/// Writes another reduction over the same axes of `x`, kept with size 1.
pub fn emit_kept(backward: &mut Backward, name: &str, x: Value) -> Value {
    let mut op = Op::new(name).with("keepdims", Attr::Bool(true));
    if let Some(axes) = backward.op.ints("axes") {
        op = op.with("axes", Attr::Ints(axes.to_vec()));
    }
    backward.emit(op, &[x])
}

/// Writes the arriving gradient once for each number of the input, which has this shape.
pub fn spread(backward: &mut Backward, shape: &[usize]) -> Value {
    let gradient = with_reduced_axes(backward, backward.output_gradient());
    backward.emit(Op::new("broadcast_to").with("shape", shapes::to_attribute(shape)), &[gradient])
}

/// The groups of numbers that become one each when the op's axes of a tensor of `shape` are reduced.
pub fn groups(op: &Op, shape: &[usize]) -> Groups {
    let axes = axes(op, shape.len()).unwrap_or_default();
    Groups::new(shape, &kept(shape, &axes))
}

/// Adds up over the axes that the op names.
pub fn over_axes(op: &Op, shape: &[usize]) -> Kernel {
    groups(op, shape).into_kernel("sum", SumOf(|number, _| number))
}

/// Adds up everything that broadcasting from `kept` to `shape` would copy.
pub fn reduction(shape: &[usize], kept: &[usize]) -> Kernel {
    Groups::new(shape, kept).into_kernel("sum", SumOf(|number, _| number))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_reduction;

    #[test]
    fn numbers_and_gradients() {
        let cases: &[(Option<&[i64]>, &[f32])] =
            &[(None, &[21.0]), (Some(&[0]), &[5.0, 7.0, 9.0]), (Some(&[-1]), &[6.0, 15.0]), (Some(&[0, 1]), &[21.0])];
        check_reduction("sum", cases, 0.0);
    }
}
