//! `sum`: over the axes in the attribute `axes` (all without it), kept with size 1 if `keepdims`.

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Sum];

struct Sum;

/// The summed axes, from the front.
fn axes(op: &Op, rank: usize) -> Result<Vec<usize>, Fault> {
    let Some(asked) = op.ints("axes") else { return Ok((0..rank).collect()) };
    let from_front = |&axis: &i64| {
        let place = if axis < 0 { axis + rank as i64 } else { axis };
        usize::try_from(place).ok().filter(|&place| place < rank).ok_or_else(|| {
            Fault::new(format!("axis {axis} does not exist in a tensor of {rank} axes"), "count axes from 0, or from -1 backwards")
        })
    };
    asked.iter().map(from_front).collect()
}

fn keeps_dimensions(op: &Op) -> bool {
    matches!(op.attr("keepdims"), Some(Attr::Bool(true)))
}

/// The sizes with 1 in place of each summed axis.
fn kept(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    shape.iter().enumerate().map(|(axis, &size)| if axes.contains(&axis) { 1 } else { size }).collect()
}

impl Operation for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        reduced(op, inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let shape = backward.shape(backward.input(0));
        vec![Some(spread(backward, &shape))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(over_axes(op, inputs[0]))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        inputs[0].iter().product::<usize>() as u64
    }
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

/// Writes the arriving gradient once for each number of the input, which has this shape.
pub fn spread(backward: &mut Backward, shape: &[usize]) -> Value {
    let axes = axes(backward.op, shape.len()).unwrap_or_default();
    let gradient = backward.output_gradient();
    let gradient = super::reshape::emit_view(backward, gradient, &kept(shape, &axes));
    backward.emit(Op::new("broadcast_to").with("shape", shapes::to_attribute(shape)), &[gradient])
}

/// Adds up over the axes that the op names.
pub fn over_axes(op: &Op, shape: &[usize]) -> Kernel {
    let axes = axes(op, shape.len()).unwrap_or_default();
    reduction(shape, &kept(shape, &axes))
}

/// Adds up everything that broadcasting from `kept` to `shape` would copy.
pub fn reduction(shape: &[usize], kept: &[usize]) -> Kernel {
    let columns = kept.last().copied().unwrap_or(1);
    let leading_only = kept.iter().rev().skip(1).all(|&size| size == 1) && shape.last() == kept.last();
    if leading_only && columns > 0 {
        return Kernel::new("sum", move |work| {
            work.output.fill(0.0);
            for row in work.inputs[0].chunks_exact(columns) {
                for (total, number) in work.output.iter_mut().zip(row) {
                    *total += number;
                }
            }
        });
    }
    let (strides, sizes) = (elementwise::strides(kept, shape), shape.to_vec());
    Kernel::new("sum", move |work| {
        work.output.fill(0.0);
        let mut numbers = work.inputs[0].iter();
        elementwise::walk(&sizes, [&strides], |[at]| {
            work.output[at] += numbers.next().copied().unwrap_or(0.0);
        });
    })
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
