//! `exp`: the exponential function; `expm1`: `exp(x) - 1` with all digits for small numbers.

use super::function::{Forward, Function, Gradient, Parameters, SlopeOf};
use super::{Operation, Value, select};
use crate::autodiff::Backward;
use crate::cpu::math;

pub const OPERATIONS: &[&dyn Operation] = &[&Forward(Exp), &Gradient(Exp), &Forward(Expm1), &Gradient(Expm1)];

#[derive(Clone, Copy)]
struct Exp;

impl Function for Exp {
    const NAME: &'static str = "exp";
    const GRADIENT: &'static str = "exp_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(|backward, _| select::emit_number(backward, 1.0));

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        math::exp(x)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        y
    }
}

#[derive(Clone, Copy)]
struct Expm1;

impl Function for Expm1 {
    const NAME: &'static str = "expm1";
    const GRADIENT: &'static str = "expm1_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(|backward, _| select::emit_number(backward, 1.0));

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        math::exp_m1(x)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        y + 1.0
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;
    use std::f32::consts::E;

    #[test]
    fn numbers_and_gradients() {
        check_activation(&Op::new("exp"), &[(0.0, 1.0), (1.0, E), (-200.0, 0.0)], 1e-6, &[-1.0..1.0]);
        let pairs = [(0.0, 0.0), (1.0, E - 1.0), (-200.0, -1.0), (1e-10, 1e-10)];
        check_activation(&Op::new("expm1"), &pairs, 1e-6, &[-1.0..1.0]);
    }
}
