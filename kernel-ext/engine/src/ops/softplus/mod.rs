//! `softplus`: `log(1 + exp(x))`, without overflow. `squareplus`: `(x + sqrt(x x + b)) / 2` with the attribute
//! `b` (4). `sparse_plus`: 0 up to -1, `(x + 1)^2 / 4` up to 1, then `x`.

use super::function::{Forward, Function, Gradient, Parameters, SlopeOf, parameter};
use super::{Operation, Value, affine, select};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[
    &Forward(Softplus),
    &Gradient(Softplus),
    &Forward(Squareplus),
    &Gradient(Squareplus),
    &Forward(SparsePlus),
    &Gradient(SparsePlus),
];

#[derive(Clone, Copy)]
struct Softplus;

impl Function for Softplus {
    const NAME: &'static str = "softplus";
    const GRADIENT: &'static str = "softplus_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(|backward, y| {
        let minus = affine::emit(backward, y, -1.0, 0.0);
        backward.emit(Op::new("exp"), &[minus])
    });

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        math::softplus(x)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        -math::exp_m1(-y)
    }
}

#[derive(Clone, Copy)]
struct Squareplus;

impl Function for Squareplus {
    const NAME: &'static str = "squareplus";
    const GRADIENT: &'static str = "squareplus_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("b", 4.0)];
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(squareplus_curvature);

    #[inline(always)]
    fn value(x: f32, [b, ..]: Parameters) -> f32 {
        0.5 * (x + (x * x + b).sqrt())
    }

    #[inline(always)]
    fn slope(x: f32, [b, ..]: Parameters) -> f32 {
        0.5 + 0.5 * x / (x * x + b).sqrt()
    }
}

#[derive(Clone, Copy)]
struct SparsePlus;

impl Function for SparsePlus {
    const NAME: &'static str = "sparse_plus";
    const GRADIENT: &'static str = "sparse_plus_gradient";
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(sparse_plus_curvature);

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        let inside = 0.25 * (x + 1.0) * (x + 1.0);
        if x >= 1.0 {
            x
        } else if x > -1.0 {
            inside
        } else {
            0.0
        }
    }

    #[inline(always)]
    fn slope(x: f32, _: Parameters) -> f32 {
        (0.5 * x + 0.5).clamp(0.0, 1.0)
    }
}

/// `b / 2 (x x + b)^(-3/2)`.
fn squareplus_curvature(backward: &mut Backward, x: Value) -> Value {
    let b = parameter::<Squareplus>(backward.op, 0);
    let square = backward.emit(Op::new("square"), &[x]);
    let sum = affine::emit(backward, square, 1.0, b);
    let inverse = backward.emit(Op::new("rsqrt"), &[sum]);
    let over = backward.emit(Op::new("divide"), &[inverse, sum]);
    affine::emit(backward, over, 0.5 * b, 0.0)
}

/// 1/2 between -1 and 1.
fn sparse_plus_curvature(backward: &mut Backward, x: Value) -> Value {
    let (size, one) = (backward.emit(Op::new("abs"), &[x]), select::emit_number(backward, 1.0));
    let inside = backward.emit(Op::new("less"), &[size, one]);
    affine::emit(backward, inside, 0.5, 0.0)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        let pairs = [(0.0, std::f32::consts::LN_2), (100.0, 100.0), (-100.0, 0.0)];
        check_activation(&Op::new("softplus"), &pairs, 1e-7, &[0.1..1.5]);
        check_activation(&Op::new("squareplus"), &[(0.0, 1.0), (1.5, 2.0)], 1e-7, &[-1.5..1.5]);
        let pairs = [(-2.0, 0.0), (0.0, 0.25), (2.0, 2.0)];
        check_activation(&Op::new("sparse_plus"), &pairs, 0.0, &[-0.9..0.9, 1.1..2.0]);
    }
}
