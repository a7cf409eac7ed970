//! `slice`: `size` numbers from `start`, `step` apart, along `axis`; `start` may count from the end, and
//! without `size` everything up to the end is taken. Attributes: `axis`, `start` (0), `size`, `step` (1).
//!
//! `place`: the reverse: puts the numbers where `slice` would take them from, among `total` along the
//! axis, and 0 everywhere else.

use super::{Operation, Value, copies, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::cpu::copy::{BlockCopy, Side};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Slice, &Place];

struct Slice;

/// What is taken along an axis.
struct Part {
    axis: usize,
    start: usize,
    step: usize,
}

impl Part {
    /// The side of a copy that reads or writes this part of an array.
    fn side(&self, shape: &[usize]) -> Side {
        let mut side = Side::whole(shape);
        side.start = self.start * side.steps[self.axis] as usize;
        side.steps[self.axis] *= self.step as isize;
        side
    }
}

/// The attributes, for an axis of `total` numbers if that is known.
fn part(op: &Op, rank: usize, total: impl Fn(usize) -> Option<usize>) -> Result<Part, Fault> {
    let axis = shapes::axis(op.int("axis").unwrap_or(0), rank)?;
    let (start, step) = (op.int("start").unwrap_or(0), op.int("step").unwrap_or(1));
    let from_end = total(axis).filter(|_| start < 0).map_or(0, |total| total as i64);
    match (usize::try_from(start + from_end), usize::try_from(step)) {
        (Ok(start), Ok(step)) if step > 0 => Ok(Part { axis, start, step }),
        _ => Err(Fault::new(
            format!("cannot take every number {step} apart from {start} on"),
            "start inside of the axis, with a step of 1 or more",
        )),
    }
}

impl Operation for Slice {
    fn name(&self) -> &'static str {
        "slice"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let mut shape = inputs[0].clone();
        let Part { axis, start, step } = part(op, shape.rank(), |axis| inputs[0].0[axis])?;
        let available = shape.0[axis].map(|total| total.saturating_sub(start).div_ceil(step));
        let asked = op.int("size").and_then(|size| usize::try_from(size).ok());
        if asked.zip(available).is_some_and(|(asked, available)| asked > available) {
            return Err(Fault::new(
                format!("cannot take {} numbers from {start} on along axis {axis} of {shape}", asked.unwrap_or(0)),
                "a slice ends where the axis ends",
            ));
        }
        shape.0[axis] = asked.or(available);
        Ok(shape)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let shape = backward.shape(backward.input(0));
        let Ok(Part { axis, start, step }) = part(backward.op, shape.len(), |axis| Some(shape[axis])) else {
            return vec![None];
        };
        let op = Op::new("place").with("axis", Attr::Int(axis as i64)).with("start", Attr::Int(start as i64));
        let op = op.with("step", Attr::Int(step as i64)).with("total", Attr::Int(shape[axis] as i64));
        vec![Some(backward.emit(op, &[backward.output_gradient()]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let part = part(op, output.len(), |axis| Some(inputs[0][axis])).ok()?;
        let copy = BlockCopy::new(output, part.side(inputs[0]), Side::whole(output));
        Some(copies::kernel("slice", None, vec![copy]))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

struct Place;

impl Operation for Place {
    fn name(&self) -> &'static str {
        "place"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let total = op.int("total").and_then(|total| usize::try_from(total).ok());
        let mut shape = inputs[0].clone();
        let Part { axis, start, step } = part(op, shape.rank(), |_| total)?;
        let end = shape.0[axis].map_or(0, |size| if size == 0 { 0 } else { start + (size - 1) * step + 1 });
        match total {
            Some(total) if end <= total => shape.0[axis] = Some(total),
            _ => return Err(Fault::new(format!("{shape} reaches beyond {total:?}"), "check how the graph was built")),
        }
        Ok(shape)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let shape = backward.shape(backward.input(0));
        let axis = shapes::axis(backward.op.int("axis").unwrap_or(0), shape.len()).unwrap_or_default();
        let mut op = Op { name: "slice".into(), attrs: backward.op.attrs.clone() };
        op.attrs.retain(|(name, _)| name != "total");
        vec![Some(backward.emit(op.with("size", Attr::Int(shape[axis] as i64)), &[backward.output_gradient()]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let part = part(op, output.len(), |axis| Some(output[axis])).ok()?;
        let copy = BlockCopy::new(inputs[0], Side::whole(inputs[0]), part.side(output));
        Some(copies::kernel("place", Some(0.0), vec![copy]))
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

    fn op(name: &str, attributes: &[(&str, i64)]) -> Op {
        attributes.iter().fold(Op::new(name), |op, (name, value)| op.with(name, Attr::Int(*value)))
    }

    #[test]
    fn numbers_and_gradients() {
        let x: (&[usize], &[f32]) = (&[2, 4], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        type Case = (&'static [(&'static str, i64)], &'static [f32]);
        let cases: &[Case] = &[
            (&[("axis", 1), ("start", 1), ("size", 2)], &[2.0, 3.0, 6.0, 7.0]),
            (&[("axis", -1), ("start", -1)], &[4.0, 8.0]),
            (&[("axis", 1), ("start", 1), ("step", 2)], &[2.0, 4.0, 6.0, 8.0]),
            (&[("axis", 0), ("start", 1), ("size", 1)], &[5.0, 6.0, 7.0, 8.0]),
        ];
        for (attributes, expected) in cases {
            assert_eq!(evaluate(&op("slice", attributes), &[x]), *expected);
            check_gradients(&op("slice", attributes), &[x.0]);
        }
        let place = op("place", &[("axis", 0), ("start", 1), ("step", 2), ("total", 4)]);
        assert_eq!(evaluate(&place, &[(&[2, 1], &[3.0, 4.0])]), [0.0, 3.0, 0.0, 4.0]);
        check_gradients(&place, &[&[2, 3]]);
    }

    #[test]
    fn shapes_and_faults() {
        let infer = |attributes: &[(&str, i64)]| {
            let shape = infer_shape(&op("slice", attributes), &[Shape::batch_of(&[5])], "slice");
            shape.map(|shape| shape.to_string())
        };
        assert_eq!(infer(&[("axis", 1), ("start", 1)]).unwrap(), "(None, 4)");
        assert_eq!(infer(&[("axis", 0), ("start", 1)]).unwrap(), "(None, 5)");
        assert_eq!(infer(&[("axis", 0), ("size", 2)]).unwrap(), "(2, 5)");
        assert_eq!(
            infer(&[("axis", 1), ("start", 3), ("size", 3)]).unwrap_err().to_string(),
            "slice: cannot take 3 numbers from 3 on along axis 1 of (None, 5)\n  hint: a slice ends where the axis ends"
        );
    }
}
