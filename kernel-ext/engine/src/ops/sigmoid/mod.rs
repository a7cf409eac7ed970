//! `sigmoid`: `1 / (1 + exp(-x))`. `log_sigmoid`: its logarithm, `-log(1 + exp(-x))`.

use super::function::{Forward, Function, Gradient, Parameters, SlopeOf};
use super::{Operation, Value, affine};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Forward(Sigmoid), &Gradient(Sigmoid), &Forward(LogSigmoid), &Gradient(LogSigmoid)];

#[derive(Clone, Copy)]
struct Sigmoid;

impl Function for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const GRADIENT: &'static str = "sigmoid_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> =
        Some(|backward, y| affine::emit(backward, y, -2.0, 1.0));

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        math::sigmoid(x)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        y * (1.0 - y)
    }
}

#[derive(Clone, Copy)]
struct LogSigmoid;

impl Function for LogSigmoid {
    const NAME: &'static str = "log_sigmoid";
    const GRADIENT: &'static str = "log_sigmoid_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(|backward, y| {
        let exponential = backward.emit(Op::new("exp"), &[y]);
        affine::emit(backward, exponential, -1.0, 0.0)
    });

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        -math::softplus(-x)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        -math::exp_m1(y)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        // By hand: sigmoid(1.52) = 0.82053848.
        check_activation(&Op::new("sigmoid"), &[(0.0, 0.5), (1.52, 0.820_538_48), (-100.0, 0.0)], 1e-7, &[-1.5..1.5]);
        let pairs = [(0.0, -std::f32::consts::LN_2), (-100.0, -100.0), (100.0, 0.0)];
        check_activation(&Op::new("log_sigmoid"), &pairs, 1e-7, &[-1.5..-0.1]);
    }
}
