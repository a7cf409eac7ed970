//! `gelu`: `x` times the probability that a standard normal number is below `x` (Hendrycks and
//! Gimpel, 2016).

use super::{Operation, Value, elementwise, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Gelu, &GeluGradient];

/// The distribution function of the standard normal distribution; formula 7.1.26 of Abramowitz and
/// Stegun, error below 1e-7.
#[inline(always)]
fn below(x: f32) -> f32 {
    const TERMS: [f64; 5] = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let z = f64::from(x.abs()) * std::f64::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let tail = TERMS.iter().rev().fold(0.0, |sum, term| (sum + term) * t) * (-z * z).exp() / 2.0;
    (if x < 0.0 { tail } else { 1.0 - tail }) as f32
}

#[inline(always)]
fn density(x: f32) -> f32 {
    (-0.5 * x * x).exp() * 0.398_942_3
}

struct Gelu;

impl Operation for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, x) = (backward.output_gradient(), backward.input(0));
        vec![Some(backward.emit(Op::new("gelu_gradient"), &[gradient, x]))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::unary("gelu", |x| x * below(x)))
    }
}

/// The incoming gradient times the slope, from the gradient and the input.
struct GeluGradient;

impl Operation for GeluGradient {
    fn name(&self) -> &'static str {
        "gelu_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        backward.refuse()
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(elementwise::binary("gelu_gradient", |gradient, x| gradient * (below(x) + x * density(x))))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("gelu"), &[(&[3], &[1.0, 0.0, -1.0])]);
        assert_close(&y, &[0.841_344_7, 0.0, -0.158_655_26], 1e-6);
        check_gradients(&Op::new("gelu"), &[&[3, 5]]);
    }
}
