//! `argmax`, `argmin`: the place of the first extreme along the attribute `axis`, kept with size 1 if
//! `keepdims`; without `axis` the place among all numbers, row-major. Places are whole numbers in `f32`,
//! exact up to 16 million. The first NaN counts as the extreme. No gradient flows through them.

use super::{Operation, shapes, sum};
use crate::cpu::pool::SharedSlice;
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] =
    &[&ArgExtreme { name: "argmax", sign: 1.0 }, &ArgExtreme { name: "argmin", sign: -1.0 }];

/// The place of the largest number times `sign`.
struct ArgExtreme {
    name: &'static str,
    sign: f32,
}

/// The same op as a reduction over axes.
fn over_axes(op: &Op) -> Op {
    let mut op = op.clone();
    if let Some(axis) = op.int("axis") {
        op = op.with("axes", Attr::Ints(vec![axis]));
    }
    op
}

impl Operation for ArgExtreme {
    fn name(&self) -> &'static str {
        self.name
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        sum::reduced(&over_axes(op), inputs)
    }

    fn differentiable(&self, _: usize) -> bool {
        false
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let shape = inputs[0];
        let (size, inner) = match op.int("axis").map(|axis| shapes::axis(axis, shape.len())) {
            Some(axis) => {
                let axis = axis.ok()?;
                (shape[axis], shapes::len(&shape[axis + 1..]))
            }
            None => (shapes::len(shape), 1),
        };
        let sign = self.sign;
        Some(Kernel::new(self.name, move |work: &mut Work<'_>| {
            let (x, len, places) = (work.inputs[0], work.output.len(), SharedSlice::new(work.output));
            work.pool.split(len, 16, x.len() as u64, &|range| {
                // SAFETY: the ranges of a split do not overlap.
                let part = unsafe { places.range(range.clone()) };
                for (group, place) in range.zip(part) {
                    let start = group / inner * size * inner + group % inner;
                    *place = first_extreme(sign, x[start..].iter().step_by(inner).take(size)) as f32;
                }
            });
        }))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        shapes::len(inputs[0]) as u64
    }
}

fn first_extreme<'a>(sign: f32, numbers: impl Iterator<Item = &'a f32>) -> usize {
    let (mut best, mut extreme) = (0, f32::NEG_INFINITY);
    for (place, number) in numbers.enumerate() {
        let number = sign * number;
        if number > extreme || (number.is_nan() && !extreme.is_nan()) {
            (best, extreme) = (place, number);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn places_of_first_extremes() {
        let x = [1.0, 3.0, 3.0, 0.0, 9.0, f32::NAN];
        let cases: &[(&str, Option<i64>, &[f32])] = &[
            ("argmax", Some(-1), &[1.0, 2.0]),
            ("argmax", Some(0), &[0.0, 1.0, 1.0]),
            ("argmax", None, &[5.0]),
            ("argmin", Some(1), &[0.0, 2.0]),
            ("argmin", Some(0), &[1.0, 0.0, 1.0]),
        ];
        for (name, axis, expected) in cases {
            let mut op = Op::new(name);
            if let Some(axis) = axis {
                op = op.with("axis", Attr::Int(*axis));
            }
            assert_close(&evaluate(&op, &[(&[2, 3], &x)]), expected, 0.0);
        }
        let middle = Op::new("argmax").with("axis", Attr::Int(1));
        assert_eq!(evaluate(&middle, &[(&[1, 3, 2], &[1.0, 3.0, 3.0, 0.0, 9.0, 4.0])]), [2.0, 2.0]);
    }
}
