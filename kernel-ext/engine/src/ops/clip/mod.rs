//! `clip`: keeps numbers between the attributes `min` and `max`, each optional. The gradient flows where
//! nothing was cut off.

use super::Operation;
use super::function::{Forward, Function, Gradient, Parameters};

pub const OPERATIONS: &[&dyn Operation] = &[&Forward(Clip), &Gradient(Clip)];

#[derive(Clone, Copy)]
struct Clip;

impl Function for Clip {
    const NAME: &'static str = "clip";
    const GRADIENT: &'static str = "clip_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("min", f64::NEG_INFINITY), ("max", f64::INFINITY)];

    #[inline(always)]
    fn value(x: f32, [min, max, _]: Parameters) -> f32 {
        let x = if x < min { min } else { x };
        if x > max { max } else { x }
    }

    #[inline(always)]
    fn slope(x: f32, [min, max, _]: Parameters) -> f32 {
        if x >= min && x <= max { 1.0 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        let op = Op::new("clip").with("min", Attr::Float(-0.5)).with("max", Attr::Float(1.0));
        let x = [-3.0, -0.5, 0.25, 7.0, f32::NAN];
        assert_close(&evaluate(&op, &[(&[5], &x)]), &[-0.5, -0.5, 0.25, 1.0, f32::NAN], 0.0);
        let from_below = Op::new("clip").with("min", Attr::Float(0.0));
        assert_close(&evaluate(&from_below, &[(&[5], &x)]), &[0.0, 0.0, 0.25, 7.0, f32::NAN], 0.0);
        check_gradients(&op, &[&[3, 5]]);
        check_gradients(&Op { name: "clip_gradient".into(), ..op }, &[&[3, 5], &[3, 5]]);
    }
}
