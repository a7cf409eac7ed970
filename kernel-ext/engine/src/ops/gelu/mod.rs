//! `gelu`: `x` times the probability that a standard normal number is below `x` (Hendrycks and
//! Gimpel, 2016); with the attribute `approximate` the probability is taken as
//! `(1 + tanh(u)) / 2` with `u = sqrt(2 / pi) (x + 0.044715 x x x)`.

use super::function::{Forward, Function, Gradient, Parameters, parameter};
use super::{Operation, Value, affine};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

pub const OPERATIONS: &[&dyn Operation] = &[&Forward(Gelu), &Gradient(Gelu)];

#[derive(Clone, Copy)]
struct Gelu;

/// The square root of 2 / pi.
const SCALE: f32 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
const CUBE: f32 = 0.044_715;

/// The distribution function of the standard normal distribution.
#[inline(always)]
fn below(x: f32) -> f32 {
    0.5 + 0.5 * math::erf(x * FRAC_1_SQRT_2)
}

#[inline(always)]
fn approximately_below(x: f32) -> f32 {
    0.5 + 0.5 * math::tanh(SCALE * (x + CUBE * x * x * x))
}

impl Function for Gelu {
    const NAME: &'static str = "gelu";
    const GRADIENT: &'static str = "gelu_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("approximate", 0.0)];
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(|backward, x| {
        if parameter::<Self>(backward.op, 0) == 0.0 {
            curvature(backward, x)
        } else {
            approximate_curvature(backward, x)
        }
    });

    #[inline(always)]
    fn value(x: f32, [approximate, ..]: Parameters) -> f32 {
        x * if approximate == 0.0 { below(x) } else { approximately_below(x) }
    }

    #[inline(always)]
    fn slope(x: f32, [approximate, ..]: Parameters) -> f32 {
        if approximate == 0.0 {
            return below(x) + x * math::exp(-0.5 * x * x) * (0.5 * SCALE);
        }
        let share = approximately_below(x);
        share + 2.0 * x * share * (1.0 - share) * SCALE * (1.0 + 3.0 * CUBE * x * x)
    }
}

/// `(2 - x x)` times the density of the normal distribution.
fn curvature(backward: &mut Backward, x: Value) -> Value {
    let square = backward.emit(Op::new("square"), &[x]);
    let half = affine::emit(backward, square, -0.5, 0.0);
    let bell = backward.emit(Op::new("exp"), &[half]);
    let rest = affine::emit(backward, square, -f64::from(SCALE) / 2.0, f64::from(SCALE));
    backward.emit(Op::new("multiply"), &[bell, rest])
}

/// `(1 - t t) (u' - x t u' u' + x u'' / 2)` with `t = tanh(u)`.
fn approximate_curvature(backward: &mut Backward, x: Value) -> Value {
    let (scale, cube) = (f64::from(SCALE), f64::from(CUBE));
    let square = backward.emit(Op::new("square"), &[x]);
    let bend = affine::emit(backward, square, scale * cube, scale);
    let u = backward.emit(Op::new("multiply"), &[x, bend]);
    let t = backward.emit(Op::new("tanh"), &[u]);
    let slope = affine::emit(backward, square, 3.0 * scale * cube, scale);
    let xt = backward.emit(Op::new("multiply"), &[x, t]);
    let slope_square = backward.emit(Op::new("square"), &[slope]);
    let second = backward.emit(Op::new("multiply"), &[xt, slope_square]);
    // u' + x u'' / 2.
    let first = affine::emit(backward, square, 6.0 * scale * cube, scale);
    let sum = backward.emit(Op::new("subtract"), &[first, second]);
    backward.emit(Op::new("tanh_gradient"), &[sum, t])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let pairs = [(1.0, 0.841_344_7), (0.0, 0.0), (-1.0, -0.158_655_26)];
        check_activation(&Op::new("gelu"), &pairs, 1e-6, &[-1.5..1.5]);
        // By hand from the formula.
        let approximate = Op::new("gelu").with("approximate", Attr::Bool(true));
        let pairs = [(1.0, 0.841_191_95), (0.0, 0.0), (-1.0, -0.158_808_01)];
        check_activation(&approximate, &pairs, 1e-6, &[-1.5..1.5]);
    }
}
