//! `tanh`: the hyperbolic tangent.

use super::function::{Forward, Function, Gradient, Parameters, SlopeOf};
use super::{Operation, Value, affine};
use crate::autodiff::Backward;
use crate::cpu::math;

pub const OPERATIONS: &[&dyn Operation] = &[&Forward(Tanh), &Gradient(Tanh)];

#[derive(Clone, Copy)]
struct Tanh;

impl Function for Tanh {
    const NAME: &'static str = "tanh";
    const GRADIENT: &'static str = "tanh_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> =
        Some(|backward, y| affine::emit(backward, y, -2.0, 0.0));

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        math::tanh(x)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        1.0 - y * y
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        check_activation(&Op::new("tanh"), &[(0.0, 0.0), (1.0, 0.761_594_2), (-20.0, -1.0)], 1e-7, &[-1.5..1.5]);
    }
}
