//! `log`: the natural logarithm; `log1p`: `log(1 + x)` with all digits for small numbers.

use super::function::{Forward, Function, Gradient, Parameters};
use super::{Operation, Value, affine};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Forward(Log), &Gradient(Log), &Forward(Log1p), &Gradient(Log1p)];

#[derive(Clone, Copy)]
struct Log;

impl Function for Log {
    const NAME: &'static str = "log";
    const GRADIENT: &'static str = "log_gradient";
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> =
        Some(|backward, x| minus_inverse_square(backward, x, 0.0));

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        math::ln(x)
    }

    #[inline(always)]
    fn slope(x: f32, _: Parameters) -> f32 {
        1.0 / x
    }
}

#[derive(Clone, Copy)]
struct Log1p;

impl Function for Log1p {
    const NAME: &'static str = "log1p";
    const GRADIENT: &'static str = "log1p_gradient";
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> =
        Some(|backward, x| minus_inverse_square(backward, x, 1.0));

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        math::ln_1p(x)
    }

    #[inline(always)]
    fn slope(x: f32, _: Parameters) -> f32 {
        1.0 / (1.0 + x)
    }
}

fn minus_inverse_square(backward: &mut Backward, x: Value, shift: f64) -> Value {
    let sum = affine::emit(backward, x, 1.0, shift);
    let square = backward.emit(Op::new("square"), &[sum]);
    let inverse = backward.emit(Op::new("reciprocal"), &[square]);
    affine::emit(backward, inverse, -1.0, 0.0)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;
    use std::f32::consts::{LN_2, LN_10};

    #[test]
    fn numbers_and_gradients() {
        let pairs = [(1.0, 0.0), (10.0, LN_10), (0.0, f32::NEG_INFINITY), (-1.0, f32::NAN)];
        check_activation(&Op::new("log"), &pairs, 1e-6, &[0.5..2.0]);
        check_activation(&Op::new("log1p"), &[(1.0, LN_2), (9.0, LN_10), (1e-10, 1e-10)], 1e-6, &[0.5..2.0]);
    }
}
