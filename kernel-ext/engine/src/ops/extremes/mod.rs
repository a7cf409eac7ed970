//! `max`, `min`: the extreme over the axes in the attribute `axes` (all without it), kept with size 1 if
//! `keepdims`. Equal extremes share the gradient equally, as in JAX.
//!
//! `maximum`, `minimum`: the larger and the smaller of two numbers, with NumPy's broadcasting; each of two
//! equal numbers gets half of the gradient.
//!
//! A NaN among the numbers is the result.

use super::broadcasting::Binary;
use super::folding::{Fold, Reduction};
use super::{Operation, Value, affine, sum};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[
    &Reduction { name: "max", fold: Largest, gradient: share_among_extremes },
    &Reduction { name: "min", fold: Smallest, gradient: share_among_extremes },
    &Binary { name: "maximum", function: larger, gradient: Some(|backward| to_winner(backward, "greater")) },
    &Binary { name: "minimum", function: smaller, gradient: Some(|backward| to_winner(backward, "less")) },
];

/// The larger number, or NaN if one of them is.
#[inline(always)]
pub fn larger(a: f32, b: f32) -> f32 {
    let larger = if a > b { a } else { b };
    if a.is_nan() { a } else { larger }
}

#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    let smaller = if a < b { a } else { b };
    if a.is_nan() { a } else { smaller }
}

/// The largest number of each group.
#[derive(Clone, Copy)]
pub struct Largest;

impl Fold for Largest {
    const START: f32 = f32::NEG_INFINITY;
    #[inline(always)]
    fn step(self, total: f32, number: f32, _: f32) -> f32 {
        larger(total, number)
    }
    #[inline(always)]
    fn join(self, a: f32, b: f32) -> f32 {
        larger(a, b)
    }
}

#[derive(Clone, Copy)]
struct Smallest;

impl Fold for Smallest {
    const START: f32 = f32::INFINITY;
    #[inline(always)]
    fn step(self, total: f32, number: f32, _: f32) -> f32 {
        smaller(total, number)
    }
    #[inline(always)]
    fn join(self, a: f32, b: f32) -> f32 {
        smaller(a, b)
    }
}

fn share_among_extremes(backward: &mut Backward) -> Value {
    let extreme = sum::with_reduced_axes(backward, backward.output());
    let gradient = sum::with_reduced_axes(backward, backward.output_gradient());
    let is_extreme = backward.emit(Op::new("equal"), &[backward.input(0), extreme]);
    let count = sum::emit_kept(backward, "sum", is_extreme);
    let share = backward.emit(Op::new("divide"), &[gradient, count]);
    backward.emit(Op::new("multiply"), &[is_extreme, share])
}

fn to_winner(backward: &mut Backward, wins: &str) -> [Value; 2] {
    let (a, b, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
    let equal = backward.emit(Op::new("equal"), &[a, b]);
    let tie = affine::emit(backward, equal, 0.5, 0.0);
    [[a, b], [b, a]].map(|pair| {
        let win = backward.emit(Op::new(wins), &pair);
        let share = backward.emit(Op::new("add"), &[win, tie]);
        backward.emit(Op::new("multiply"), &[gradient, share])
    })
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_pairs, check_reduction, evaluate, gradient_at};
    use engine_api::{Attr, Op};

    #[test]
    fn reductions_and_their_gradients() {
        let largest: &[(Option<&[i64]>, &[f32])] =
            &[(None, &[6.0]), (Some(&[0]), &[4.0, 5.0, 6.0]), (Some(&[-1]), &[3.0, 6.0]), (Some(&[0, 1]), &[6.0])];
        check_reduction("max", largest, 0.0);
        let smallest: &[(Option<&[i64]>, &[f32])] =
            &[(None, &[1.0]), (Some(&[0]), &[1.0, 2.0, 3.0]), (Some(&[-1]), &[1.0, 4.0]), (Some(&[0, 1]), &[1.0])];
        check_reduction("min", smallest, 0.0);
    }

    #[test]
    fn equal_extremes_share_the_gradient() {
        let x = [2.0, 5.0, 5.0, 1.0, 1.0, 0.0];
        let op = |name: &str| Op::new(name).with("axes", Attr::Ints(vec![1]));
        assert_close(&gradient_at(&op("max"), &[(&[2, 3], &x)], 0), &[0.0, 0.5, 0.5, 0.5, 0.5, 0.0], 0.0);
        assert_close(&gradient_at(&op("min"), &[(&[2, 3], &x)], 0), &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0], 0.0);
        let pair: [(&[usize], &[f32]); 2] = [(&[3], &[1.0, 2.0, 3.0]), (&[], &[2.0])];
        assert_close(&gradient_at(&Op::new("maximum"), &pair, 0), &[0.0, 0.5, 1.0], 0.0);
        assert_close(&gradient_at(&Op::new("minimum"), &pair, 1), &[1.5], 0.0);
    }

    #[test]
    fn pairs_and_their_gradients() {
        check_pairs("maximum", &[(1.0, 2.0, 2.0), (3.0, -1.0, 3.0)], 0.0, -1.0..1.0);
        check_pairs("minimum", &[(1.0, 2.0, 1.0), (3.0, -1.0, -1.0)], 0.0, -1.0..1.0);
    }

    #[test]
    fn nan_is_never_lost() {
        let x = [1.0, f32::NAN, 2.0];
        for name in ["max", "min"] {
            assert!(evaluate(&Op::new(name), &[(&[3], &x)])[0].is_nan());
        }
        for name in ["maximum", "minimum"] {
            let swapped = [f32::NAN, 1.0, 2.0];
            assert_close(&evaluate(&Op::new(name), &[(&[3], &x), (&[3], &swapped)]), &[f32::NAN, f32::NAN, 2.0], 0.0);
        }
    }
}
