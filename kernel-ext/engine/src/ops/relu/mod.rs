//! `relu`: `max(x, 0)`; its gradient at 0 is 0, as in Keras.
//!
//! `relu6`: the same, and at most 6. `bounded_relu`: Keras's `relu` with its attributes: `x` from
//! `threshold` (0) on, at most `max_value`, and `negative_slope` (0) times the distance below the threshold.

use super::Operation;
use super::function::{Forward, Function, Gradient, Parameters, SlopeOf};

pub const OPERATIONS: &[&dyn Operation] = &[
    &Forward(Relu),
    &Gradient(Relu),
    &Forward(Relu6),
    &Gradient(Relu6),
    &Forward(BoundedRelu),
    &Gradient(BoundedRelu),
];

#[derive(Clone, Copy)]
struct Relu;

impl Function for Relu {
    const NAME: &'static str = "relu";
    const GRADIENT: &'static str = "relu_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        if x > 0.0 { x } else { 0.0 }
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        if y > 0.0 { 1.0 } else { 0.0 }
    }
}

#[derive(Clone, Copy)]
struct Relu6;

impl Function for Relu6 {
    const NAME: &'static str = "relu6";
    const GRADIENT: &'static str = "relu6_gradient";
    const SLOPE_OF: SlopeOf = SlopeOf::Output;

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        let x = if x > 0.0 { x } else { 0.0 };
        if x < 6.0 { x } else { 6.0 }
    }

    #[inline(always)]
    fn slope(y: f32, _: Parameters) -> f32 {
        if y > 0.0 && y < 6.0 { 1.0 } else { 0.0 }
    }
}

#[derive(Clone, Copy)]
struct BoundedRelu;

impl Function for BoundedRelu {
    const NAME: &'static str = "bounded_relu";
    const GRADIENT: &'static str = "bounded_relu_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] =
        &[("negative_slope", 0.0), ("max_value", f64::INFINITY), ("threshold", 0.0)];

    #[inline(always)]
    fn value(x: f32, [negative_slope, max_value, threshold]: Parameters) -> f32 {
        let above = if x > max_value { max_value } else { x };
        if x >= threshold { above } else { negative_slope * (x - threshold) }
    }

    #[inline(always)]
    fn slope(x: f32, [negative_slope, max_value, threshold]: Parameters) -> f32 {
        let above = if x < max_value { 1.0 } else { 0.0 };
        if x >= threshold { above } else { negative_slope }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        check_activation(
            &Op::new("relu"),
            &[(-1.0, 0.0), (0.0, 0.0), (2.0, 2.0), (-0.5, 0.0)],
            0.0,
            &[-1.0..-0.1, 0.1..1.0],
        );
        check_activation(
            &Op::new("relu6"),
            &[(-1.0, 0.0), (2.0, 2.0), (7.0, 6.0)],
            0.0,
            &[-1.0..-0.1, 0.1..1.0, 6.1..7.0],
        );
        let bounded =
            Op::new("bounded_relu").with("negative_slope", Attr::Float(0.5)).with("max_value", Attr::Float(3.0));
        let bounded = bounded.with("threshold", Attr::Float(1.0));
        let pairs = [(0.0, -0.5), (1.0, 1.0), (2.0, 2.0), (4.0, 3.0)];
        check_activation(&bounded, &pairs, 0.0, &[0.0..0.9, 1.1..2.9, 3.1..4.0]);
    }
}
