//! `softsign`: `x / (1 + |x|)`.

use super::function::{Forward, Function, Gradient, Parameters, SlopeOf};
use super::{Operation, Value, affine};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Forward(Softsign), &Gradient(Softsign)];

#[derive(Clone, Copy)]
struct Softsign;

impl Function for Softsign {
    const NAME: &'static str = "softsign";
    const GRADIENT: &'static str = "softsign_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(curvature);

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        x / (1.0 + x.abs())
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        (1.0 - y.abs()) * (1.0 - y.abs())
    }
}

/// `-2 sign(y) (1 - |y|) = 2 y - 2 sign(y)`.
fn curvature(backward: &mut Backward, y: Value) -> Value {
    let sign = backward.emit(Op::new("sign"), &[y]);
    let difference = backward.emit(Op::new("subtract"), &[y, sign]);
    affine::emit(backward, difference, 2.0, 0.0)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        check_activation(&Op::new("softsign"), &[(1.0, 0.5), (0.0, 0.0), (-3.0, -0.75)], 1e-7, &[-1.5..-0.1, 0.1..1.5]);
    }
}
