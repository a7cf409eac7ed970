//! `repeat`: each part along the attribute `axis` so often as `repeats` says, one behind the other: twice
//! on two axes is nearest-neighbour upsampling. `tile`: the whole array, so often along each axis as the
//! attribute `repeats` says.

use super::{Operation, Value, copies, reshape, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::cpu::copy::{BlockCopy, Side};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Repeat, &Tile];

/// The output with an axis more for every repetition: the sizes, and which axes repeat.
struct Expanded {
    sizes: Vec<usize>,
    repeats: Vec<usize>,
}

impl Expanded {
    fn of(input: &[usize], repetitions: impl Fn(usize) -> Option<(usize, Order)>) -> Self {
        let mut expanded = Self { sizes: Vec::new(), repeats: Vec::new() };
        for (axis, &size) in input.iter().enumerate() {
            let place = expanded.sizes.len();
            match repetitions(axis) {
                None => expanded.sizes.push(size),
                Some((count, Order::Inside)) => {
                    expanded.sizes.extend([size, count]);
                    expanded.repeats.push(place + 1);
                }
                Some((count, Order::Outside)) => {
                    expanded.sizes.extend([count, size]);
                    expanded.repeats.push(place);
                }
            }
        }
        expanded
    }

    fn kernel(&self, name: &'static str) -> Kernel {
        let kept = |(axis, &size): (usize, &usize)| if self.repeats.contains(&axis) { 1 } else { size };
        let kept: Vec<usize> = self.sizes.iter().enumerate().map(kept).collect();
        let mut from = Side::whole(&kept);
        self.repeats.iter().for_each(|&axis| from.steps[axis] = 0);
        copies::kernel(name, None, vec![BlockCopy::new(&self.sizes, from, Side::whole(&self.sizes))])
    }

    /// Adds up what arrives at all repetitions.
    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let gradient = reshape::emit_view(backward, backward.output_gradient(), &self.sizes);
        let axes = Attr::Ints(self.repeats.iter().map(|&axis| axis as i64).collect());
        vec![Some(backward.emit(Op::new("sum").with("axes", axes), &[gradient]))]
    }
}

/// Where the repetitions of a part lie.
enum Order {
    /// Behind the part itself.
    Inside,
    /// Behind the whole axis.
    Outside,
}

struct Repeat;

impl Repeat {
    fn attributes(op: &Op, rank: usize) -> Result<(usize, usize), Fault> {
        let axis = shapes::axis(op.int("axis").unwrap_or(-1), rank)?;
        let repeats = op.int("repeats").and_then(|repeats| usize::try_from(repeats).ok());
        Ok((axis, repeats.ok_or_else(|| Fault::new("the attribute `repeats` is missing", "a whole number"))?))
    }

    fn expanded(op: &Op, input: &[usize]) -> Option<Expanded> {
        let (repeated, count) = Self::attributes(op, input.len()).ok()?;
        Some(Expanded::of(input, |axis| (axis == repeated).then_some((count, Order::Inside))))
    }
}

impl Operation for Repeat {
    fn name(&self) -> &'static str {
        "repeat"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let (axis, repeats) = Self::attributes(op, inputs[0].rank())?;
        let mut shape = inputs[0].clone();
        shape.0[axis] = shape.0[axis].map(|size| size * repeats);
        Ok(shape)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let input = backward.shape(backward.input(0));
        Self::expanded(backward.op, &input).map_or_else(|| vec![None], |expanded| expanded.gradient(backward))
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(Self::expanded(op, inputs[0])?.kernel("repeat"))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

struct Tile;

impl Tile {
    fn repeats(op: &Op, rank: usize) -> Result<Vec<usize>, Fault> {
        let asked = op.ints("repeats").unwrap_or_default();
        let repeats: Option<Vec<usize>> = asked.iter().map(|&count| usize::try_from(count).ok()).collect();
        repeats.filter(|repeats| repeats.len() == rank).ok_or_else(|| {
            Fault::new(
                format!("expected a whole number for each of the {rank} axes, received {asked:?}"),
                "1 for an axis that stays",
            )
        })
    }

    fn expanded(op: &Op, input: &[usize]) -> Option<Expanded> {
        let repeats = Self::repeats(op, input.len()).ok()?;
        Some(Expanded::of(input, |axis| (repeats[axis] != 1).then_some((repeats[axis], Order::Outside))))
    }
}

impl Operation for Tile {
    fn name(&self) -> &'static str {
        "tile"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 1..=1)?;
        let repeats = Self::repeats(op, inputs[0].rank())?;
        Ok(Shape(inputs[0].0.iter().zip(repeats).map(|(size, count)| size.map(|size| size * count)).collect()))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let input = backward.shape(backward.input(0));
        Self::expanded(backward.op, &input).map_or_else(|| vec![None], |expanded| expanded.gradient(backward))
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(Self::expanded(op, inputs[0])?.kernel("tile"))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let x: (&[usize], &[f32]) = (&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let repeat = |axis: i64| Op::new("repeat").with("axis", Attr::Int(axis)).with("repeats", Attr::Int(2));
        assert_eq!(evaluate(&repeat(-1), &[x]), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
        assert_eq!(evaluate(&repeat(0), &[x]), [1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 4.0]);
        let tile = |repeats: &[i64]| Op::new("tile").with("repeats", Attr::Ints(repeats.to_vec()));
        assert_eq!(evaluate(&tile(&[1, 2]), &[x]), [1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 4.0]);
        assert_eq!(evaluate(&tile(&[2, 1]), &[x]), [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
        for op in [repeat(1), repeat(0), tile(&[1, 3]), tile(&[2, 2]), tile(&[1, 1])] {
            check_gradients(&op, &[&[2, 3]]);
        }
    }
}
