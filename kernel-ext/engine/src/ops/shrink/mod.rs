//! `hard_shrink`: `x`, and 0 within the attribute `threshold` (0.5) of 0. `soft_shrink`: `x` moved towards 0
//! by the threshold. `tanh_shrink`: `x - tanh(x)`.
//!
//! `threshold`: `x` above the attribute `threshold` (0), else the attribute `default_value` (0).

use super::function::{Forward, Function, Gradient, Parameters};
use super::{Operation, Value};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[
    &Forward(HardShrink),
    &Gradient(HardShrink),
    &Forward(SoftShrink),
    &Gradient(SoftShrink),
    &Forward(TanhShrink),
    &Gradient(TanhShrink),
    &Forward(Threshold),
    &Gradient(Threshold),
];

#[derive(Clone, Copy)]
struct HardShrink;

impl Function for HardShrink {
    const NAME: &'static str = "hard_shrink";
    const GRADIENT: &'static str = "hard_shrink_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("threshold", 0.5)];

    #[inline(always)]
    fn value(x: f32, [threshold, ..]: Parameters) -> f32 {
        if x.abs() <= threshold { 0.0 } else { x }
    }

    #[inline(always)]
    fn slope(x: f32, [threshold, ..]: Parameters) -> f32 {
        if x.abs() <= threshold { 0.0 } else { 1.0 }
    }
}

#[derive(Clone, Copy)]
struct SoftShrink;

impl Function for SoftShrink {
    const NAME: &'static str = "soft_shrink";
    const GRADIENT: &'static str = "soft_shrink_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("threshold", 0.5)];

    #[inline(always)]
    fn value(x: f32, [threshold, ..]: Parameters) -> f32 {
        if x.abs() <= threshold { 0.0 } else { x - threshold.copysign(x) }
    }

    #[inline(always)]
    fn slope(x: f32, [threshold, ..]: Parameters) -> f32 {
        if x.abs() <= threshold { 0.0 } else { 1.0 }
    }
}

#[derive(Clone, Copy)]
struct TanhShrink;

impl Function for TanhShrink {
    const NAME: &'static str = "tanh_shrink";
    const GRADIENT: &'static str = "tanh_shrink_gradient";
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(tanh_shrink_curvature);

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        x - math::tanh(x)
    }

    #[inline(always)]
    fn slope(x: f32, _: Parameters) -> f32 {
        let y = math::tanh(x);
        y * y
    }
}

#[derive(Clone, Copy)]
struct Threshold;

impl Function for Threshold {
    const NAME: &'static str = "threshold";
    const GRADIENT: &'static str = "threshold_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("threshold", 0.0), ("default_value", 0.0)];

    #[inline(always)]
    fn value(x: f32, [threshold, default, ..]: Parameters) -> f32 {
        if x > threshold { x } else { default }
    }

    #[inline(always)]
    fn slope(x: f32, [threshold, ..]: Parameters) -> f32 {
        if x > threshold { 1.0 } else { 0.0 }
    }
}

/// The slope is `tanh(x)` squared.
fn tanh_shrink_curvature(backward: &mut Backward, x: Value) -> Value {
    let y = backward.emit(Op::new("tanh"), &[x]);
    let two = backward.emit(Op::new("add"), &[y, y]);
    backward.emit(Op::new("tanh_gradient"), &[two, y])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let (shrunk, outside) = ([(-2.0, -2.0), (0.5, 0.0), (-0.4, 0.0), (0.6, 0.6)], [-0.4..0.4, 0.6..1.0]);
        check_activation(&Op::new("hard_shrink"), &shrunk, 0.0, &outside);
        let shrunk = [(-2.0, -1.5), (0.5, 0.0), (-0.4, 0.0), (0.75, 0.25)];
        check_activation(&Op::new("soft_shrink"), &shrunk, 0.0, &outside);
        check_activation(&Op::new("tanh_shrink"), &[(1.0, 0.238_405_84), (0.0, 0.0)], 1e-7, &[-1.5..1.5]);
        let threshold =
            Op::new("threshold").with("threshold", Attr::Float(1.0)).with("default_value", Attr::Float(7.0));
        check_activation(&threshold, &[(1.0, 7.0), (1.5, 1.5), (-2.0, 7.0)], 0.0, &[0.0..0.9, 1.1..2.0]);
    }
}
