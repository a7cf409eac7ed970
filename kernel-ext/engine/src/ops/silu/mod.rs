//! `silu`: `x sigmoid(x)`, also called swish. `hard_silu`: `x` times the hard sigmoid `x / 6 + 1/2`, which is
//! kept between 0 and 1. `mish`: `x tanh(softplus(x))` (Misra, 2019).

use super::function::{Forward, Function, Gradient, Parameters};
use super::{Operation, Value, affine, select};
use crate::autodiff::Backward;
use crate::cpu::math;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Forward(Silu), &Gradient(Silu), &Forward(HardSilu), &Gradient(HardSilu), &Forward(Mish), &Gradient(Mish)];

#[derive(Clone, Copy)]
struct Silu;

impl Function for Silu {
    const NAME: &'static str = "silu";
    const GRADIENT: &'static str = "silu_gradient";
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(silu_curvature);

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        x * math::sigmoid(x)
    }

    #[inline(always)]
    fn slope(x: f32, _: Parameters) -> f32 {
        let gate = math::sigmoid(x);
        gate * (1.0 + x * (1.0 - gate))
    }
}

#[derive(Clone, Copy)]
struct HardSilu;

impl Function for HardSilu {
    const NAME: &'static str = "hard_silu";
    const GRADIENT: &'static str = "hard_silu_gradient";
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(hard_silu_curvature);

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        x * (x / 6.0 + 0.5).clamp(0.0, 1.0)
    }

    #[inline(always)]
    fn slope(x: f32, _: Parameters) -> f32 {
        let inside = if x > -3.0 { x / 3.0 + 0.5 } else { 0.0 };
        if x < 3.0 { inside } else { 1.0 }
    }
}

#[derive(Clone, Copy)]
struct Mish;

impl Function for Mish {
    const NAME: &'static str = "mish";
    const GRADIENT: &'static str = "mish_gradient";
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = Some(mish_curvature);

    #[inline(always)]
    fn value(x: f32, _: Parameters) -> f32 {
        x * math::tanh(math::softplus(x))
    }

    #[inline(always)]
    fn slope(x: f32, _: Parameters) -> f32 {
        let gate = math::tanh(math::softplus(x));
        gate + x * math::sigmoid(x) * (1.0 - gate * gate)
    }
}

/// `s' (2 + x (1 - 2 s))` with the sigmoid `s` and its slope `s' = s (1 - s)`.
fn silu_curvature(backward: &mut Backward, x: Value) -> Value {
    let gate = backward.emit(Op::new("sigmoid"), &[x]);
    let bend = affine::emit(backward, gate, -2.0, 1.0);
    let product = backward.emit(Op::new("multiply"), &[x, bend]);
    let sum = affine::emit(backward, product, 1.0, 2.0);
    backward.emit(Op::new("sigmoid_gradient"), &[sum, gate])
}

/// 1/3 between -3 and 3.
fn hard_silu_curvature(backward: &mut Backward, x: Value) -> Value {
    let (size, three) = (backward.emit(Op::new("abs"), &[x]), select::emit_number(backward, 3.0));
    let inside = backward.emit(Op::new("less"), &[size, three]);
    affine::emit(backward, inside, 1.0 / 3.0, 0.0)
}

/// `w s (2 + x (1 - s - 2 t s))` with the sigmoid `s`, `t = tanh(softplus(x))` and `w = 1 - t t`.
fn mish_curvature(backward: &mut Backward, x: Value) -> Value {
    let gate = backward.emit(Op::new("sigmoid"), &[x]);
    let softplus = backward.emit(Op::new("softplus"), &[x]);
    let t = backward.emit(Op::new("tanh"), &[softplus]);
    let twice = affine::emit(backward, t, 2.0, 1.0);
    let product = backward.emit(Op::new("multiply"), &[twice, gate]);
    let bend = affine::emit(backward, product, -1.0, 1.0);
    let product = backward.emit(Op::new("multiply"), &[x, bend]);
    let sum = affine::emit(backward, product, 1.0, 2.0);
    let product = backward.emit(Op::new("multiply"), &[gate, sum]);
    backward.emit(Op::new("tanh_gradient"), &[product, t])
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_activation;
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        check_activation(
            &Op::new("silu"),
            &[(1.0, 0.731_058_6), (0.0, 0.0), (-1.0, -0.268_941_43)],
            1e-7,
            &[-1.5..1.5],
        );
        let pairs = [(-4.0, 0.0), (-1.0, -1.0 / 3.0), (5.0, 5.0)];
        check_activation(&Op::new("hard_silu"), &pairs, 1e-7, &[-2.5..2.5, 3.1..4.0]);
        check_activation(
            &Op::new("mish"),
            &[(1.0, 0.865_098_4), (0.0, 0.0), (-1.0, -0.303_401_47)],
            1e-6,
            &[-1.5..1.5],
        );
    }
}
