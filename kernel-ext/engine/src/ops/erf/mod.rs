//! `erf`: the error function, `2 / sqrt(pi)` times the integral of `exp(-t t)` from 0 to `x`.

use super::function::{Forward, Function, Gradient, Parameters};
use super::{Operation, Value, affine};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;
use std::f32::consts::FRAC_2_SQRT_PI;

pub const OPERATIONS: &[&dyn Operation] = &[&Forward(Erf), &Gradient(Erf)];

#[derive(Clone, Copy)]
struct Erf;

impl Function for Erf {
    const NAME: &'static str = "erf";
    const GRADIENT: &'static str = "erf_gradient";
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(curvature);

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        math::erf(x)
    }

    #[inline(always)]
    fn slope(x: f32, _: Parameters) -> f32 {
        FRAC_2_SQRT_PI * math::exp(-x * x)
    }
}

/// `-2 x` times the slope.
fn curvature(backward: &mut Backward, x: Value) -> Value {
    let factor = affine::emit(backward, x, -2.0, 0.0);
    backward.emit(Op::new("erf_gradient"), &[factor, x])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        // Abramowitz and Stegun, table 7.1.
        let pairs = [(0.0, 0.0), (0.5, 0.520_499_9), (-1.0, -0.842_700_8), (9.0, 1.0)];
        check_activation(&Op::new("erf"), &pairs, 1e-7, &[-1.5..1.5]);
    }
}
