//! `elu`: `x` where positive, else the attribute `alpha` (1) times `exp(x) - 1`. `celu`: the same with
//! `x / alpha` in the exponential, whose slope at 0 is 1. `selu`: `1.0507 x` where positive, else
//! `1.7581 (exp(x) - 1)` (Klambauer et al., 2017).

use super::function::{Forward, Function, Gradient, Parameters, SlopeOf, parameter};
use super::{Operation, Value, affine};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Forward(Elu), &Gradient(Elu), &Forward(Celu), &Gradient(Celu), &Forward(Selu), &Gradient(Selu)];

#[derive(Clone, Copy)]
struct Elu;

impl Function for Elu {
    const NAME: &'static str = "elu";
    const GRADIENT: &'static str = "elu_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("alpha", 1.0)];
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(where_negative);

    #[inline(always)]
    fn value(x: f32, [alpha, ..]: Parameters) -> f32 {
        if x > 0.0 { x } else { alpha * math::exp_m1(x) }
    }

    #[inline(always)]
    fn slope(y: f32, [alpha, ..]: Parameters) -> f32 {
        if y > 0.0 { 1.0 } else { y + alpha }
    }
}

#[derive(Clone, Copy)]
struct Celu;

impl Function for Celu {
    const NAME: &'static str = "celu";
    const GRADIENT: &'static str = "celu_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("alpha", 1.0)];
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(celu_curvature);

    #[inline(always)]
    fn value(x: f32, [alpha, ..]: Parameters) -> f32 {
        if x > 0.0 { x } else { alpha * math::exp_m1(x / alpha) }
    }

    #[inline(always)]
    fn slope(y: f32, [alpha, ..]: Parameters) -> f32 {
        if y > 0.0 { 1.0 } else { y / alpha + 1.0 }
    }
}

#[derive(Clone, Copy)]
struct Selu;

impl Function for Selu {
    const NAME: &'static str = "selu";
    const GRADIENT: &'static str = "selu_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(where_negative);

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        if x > 0.0 { SCALE * x } else { SCALE * ALPHA * math::exp_m1(x) }
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        if y > 0.0 { SCALE } else { y + SCALE * ALPHA }
    }
}

const SCALE: f32 = 1.050_701;
const ALPHA: f32 = 1.673_263_2;

/// 1 where `y` is negative: there the slope grows with `y`.
fn where_negative(backward: &mut Backward, y: Value) -> Value {
    let zero = super::select::emit_number(backward, 0.0);
    backward.emit(Op::new("less"), &[y, zero])
}

fn celu_curvature(backward: &mut Backward, y: Value) -> Value {
    let alpha = parameter::<Celu>(backward.op, 0);
    let negative = where_negative(backward, y);
    affine::emit(backward, negative, 1.0 / alpha, 0.0)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let curved = [-1.5..-0.2, 0.2..1.5];
        check_activation(&Op::new("elu"), &[(2.0, 2.0), (0.0, 0.0), (-1.0, -0.632_120_56)], 1e-7, &curved);
        let half = |name: &str| Op::new(name).with("alpha", Attr::Float(0.5));
        check_activation(&half("elu"), &[(2.0, 2.0), (-1.0, -0.316_060_28)], 1e-7, &[-1.5..-0.2, 0.2..1.5]);
        check_activation(&half("celu"), &[(2.0, 2.0), (-1.0, -0.432_332_36)], 1e-7, &[-0.8..-0.2, 0.2..1.5]);
        check_activation(&Op::new("selu"), &[(1.0, 1.050_701), (0.0, 0.0), (-1.0, -1.111_330_7)], 1e-6, &curved);
    }
}
