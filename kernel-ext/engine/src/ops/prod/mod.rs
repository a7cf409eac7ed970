//! `prod`: the product over the axes in the attribute `axes` (all without it), kept with size 1 if
//! `keepdims`. The gradient is right where numbers are 0; its own gradient takes them for constants.

use super::folding::{Fold, Reduction};
use super::{Operation, Value, select, sum};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Reduction { name: "prod", fold: Product, gradient }];

#[derive(Clone, Copy)]
struct Product;

impl Fold for Product {
    const START: f32 = 1.0;
    #[inline(always)]
    fn step(self, total: f32, number: f32, _: f32) -> f32 {
        total * number
    }
    #[inline(always)]
    fn join(self, a: f32, b: f32) -> f32 {
        a * b
    }
}

/// The product of all others: that of the numbers that are not 0, without the number itself, if no
/// other number is 0.
fn gradient(backward: &mut Backward) -> Value {
    let x = backward.input(0);
    let (zero, one) = (select::emit_number(backward, 0.0), select::emit_number(backward, 1.0));
    let is_zero = backward.emit(Op::new("equal"), &[x, zero]);
    let factor = select::emit(backward, is_zero, one, x);
    let product = sum::emit_kept(backward, "prod", factor);
    let zeros = sum::emit_kept(backward, "sum", is_zero);
    let other_zeros = backward.emit(Op::new("subtract"), &[zeros, is_zero]);
    let others = backward.emit(Op::new("divide"), &[product, factor]);
    let slope = select::emit(backward, other_zeros, zero, others);
    let gradient = sum::with_reduced_axes(backward, backward.output_gradient());
    backward.emit(Op::new("multiply"), &[gradient, slope])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_reduction, gradient_at};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let cases: &[(Option<&[i64]>, &[f32])] = &[
            (None, &[720.0]),
            (Some(&[0]), &[4.0, 10.0, 18.0]),
            (Some(&[-1]), &[6.0, 120.0]),
            (Some(&[0, 1]), &[720.0]),
        ];
        check_reduction("prod", cases, 0.0);
    }

    #[test]
    fn zeros_have_gradients_too() {
        let op = Op::new("prod").with("axes", Attr::Ints(vec![1]));
        let x = [2.0, 0.0, 5.0, 0.0, 0.0, 5.0];
        assert_close(&gradient_at(&op, &[(&[2, 3], &x)], 0), &[0.0, 10.0, 0.0, 0.0, 0.0, 0.0], 0.0);
    }
}
