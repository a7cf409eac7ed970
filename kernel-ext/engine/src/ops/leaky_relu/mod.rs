//! `leaky_relu`: `x` where positive, else `x` times the attribute `negative_slope`, 0.2 without it as in
//! Keras's function.

use super::Operation;
use super::function::{Forward, Function, Gradient, Parameters};

pub const OPERATIONS: &[&dyn Operation] = &[&Forward(LeakyRelu), &Gradient(LeakyRelu)];

#[derive(Clone, Copy)]
struct LeakyRelu;

impl Function for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const GRADIENT: &'static str = "leaky_relu_gradient";
    const PARAMETERS: &'static [(&'static str, f64)] = &[("negative_slope", 0.2)];

    #[inline(always)]
    fn value(x: f32, [slope, ..]: Parameters) -> f32 {
        if x >= 0.0 { x } else { slope * x }
    }

    #[inline(always)]
    fn slope(x: f32, [slope, ..]: Parameters) -> f32 {
        if x >= 0.0 { 1.0 } else { slope }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::{Attr, Op};

    #[test]
    fn numbers_and_gradients() {
        check_activation(&Op::new("leaky_relu"), &[(-1.0, -0.2), (3.0, 3.0)], 1e-7, &[-1.0..-0.1, 0.1..1.0]);
        let steep = Op::new("leaky_relu").with("negative_slope", Attr::Float(2.0));
        check_activation(&steep, &[(-1.0, -2.0), (3.0, 3.0)], 0.0, &[-1.0..-0.1]);
    }
}
