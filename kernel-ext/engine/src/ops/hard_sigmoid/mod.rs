//! `hard_sigmoid`: `x / 6 + 1/2`, kept between 0 and 1. `sparse_sigmoid`: `x / 2 + 1/2`, kept the same.
//! `hard_tanh`: `x`, kept between -1 and 1.

use super::Operation;
use super::function::{Forward, Function, Gradient, Parameters, SlopeOf};

pub const OPERATIONS: &[&dyn Operation] = &[
    &Forward(HardSigmoid),
    &Gradient(HardSigmoid),
    &Forward(SparseSigmoid),
    &Gradient(SparseSigmoid),
    &Forward(HardTanh),
    &Gradient(HardTanh),
];

#[derive(Clone, Copy)]
struct HardSigmoid;

impl Function for HardSigmoid {
    const NAME: &'static str = "hard_sigmoid";
    const GRADIENT: &'static str = "hard_sigmoid_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        (x / 6.0 + 0.5).clamp(0.0, 1.0)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        if y > 0.0 && y < 1.0 { 1.0 / 6.0 } else { 0.0 }
    }
}

#[derive(Clone, Copy)]
struct SparseSigmoid;

impl Function for SparseSigmoid {
    const NAME: &'static str = "sparse_sigmoid";
    const GRADIENT: &'static str = "sparse_sigmoid_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        (0.5 * x + 0.5).clamp(0.0, 1.0)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        if y > 0.0 && y < 1.0 { 0.5 } else { 0.0 }
    }
}

#[derive(Clone, Copy)]
struct HardTanh;

impl Function for HardTanh {
    const NAME: &'static str = "hard_tanh";
    const GRADIENT: &'static str = "hard_tanh_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        x.clamp(-1.0, 1.0)
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        if y > -1.0 && y < 1.0 { 1.0 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        let third = 1.0 / 3.0;
        check_activation(
            &Op::new("hard_sigmoid"),
            &[(-1.0, third), (4.0, 1.0), (-4.0, 0.0)],
            1e-7,
            &[-1.0..1.0, 3.1..4.0],
        );
        check_activation(
            &Op::new("sparse_sigmoid"),
            &[(-0.5, 0.25), (2.0, 1.0), (-2.0, 0.0)],
            1e-7,
            &[-0.8..0.8, 1.1..2.0],
        );
        check_activation(&Op::new("hard_tanh"), &[(-0.5, -0.5), (4.0, 1.0), (-4.0, -1.0)], 0.0, &[-0.8..0.8, 1.1..2.0]);
    }
}
