//! The form that activations and other smooth functions share: a function of one number, and its slope in
//! terms of the number or of the result; the gradient's op is made of the slope.

use super::elementwise::{Pointwise, map};
use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Attr, Op, Shape};

/// The values of a function's attributes, in the order of [`Function::PARAMETERS`].
pub type Parameters = [f32; 3];

/// What a slope is computed from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SlopeOf {
    Input,
    Output,
}

/// A function of one number.
pub trait Function: Copy + Send + Sync + 'static {
    const NAME: &'static str;
    const GRADIENT: &'static str;
    /// The real attributes, at most three, with their defaults.
    const PARAMETERS: &'static [(&'static str, f64)] = &[];
    const SLOPE_OF: SlopeOf = SlopeOf::Input;
    /// Writes the derivative of the slope with respect to its own argument; without it the slope is
    /// constant in pieces.
    const CURVATURE: Option<fn(&mut Backward, Value) -> Value> = None;

    /// The function.
    fn value(x: f32, parameters: Parameters) -> f32;

    /// The derivative of the function, from its argument or its result.
    fn slope(at: f32, parameters: Parameters) -> f32;
}

/// The op of a function.
pub struct Forward<F>(pub F);

/// The op of its gradient: inputs are the arriving gradient, and the function's input or output.
pub struct Gradient<F>(pub F);

/// The attribute of a function, or its default; a switch counts as 1 or 0.
pub fn parameter<F: Function>(op: &Op, index: usize) -> f64 {
    let Some((name, default)) = F::PARAMETERS.get(index) else { return 0.0 };
    match op.attr(name) {
        Some(Attr::Float(value)) => *value,
        Some(Attr::Bool(value)) => f64::from(u8::from(*value)),
        _ => *default,
    }
}

fn parameters<F: Function>(op: &Op) -> Parameters {
    std::array::from_fn(|index| parameter::<F>(op, index) as f32)
}

impl<F: Function> Operation for Forward<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let at = if F::SLOPE_OF == SlopeOf::Input { backward.input(0) } else { backward.output() };
        let op = Op { name: F::GRADIENT.into(), attrs: backward.op.attrs.clone() };
        vec![Some(backward.emit(op, &[backward.output_gradient(), at]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(map(F::NAME, ValueOf(self.0, parameters::<F>(op))))
    }
}

impl<F: Function> Operation for Gradient<F> {
    fn name(&self) -> &'static str {
        F::GRADIENT
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 0 || F::CURVATURE.is_some()
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, gradient, at) = (backward.output_gradient(), backward.input(0), backward.input(1));
        let to_gradient = backward.emit(backward.op.clone(), &[incoming, at]);
        let Some(curvature) = F::CURVATURE else { return vec![Some(to_gradient), None] };
        let curvature = curvature(backward, at);
        let product = backward.emit(Op::new("multiply"), &[incoming, gradient]);
        vec![Some(to_gradient), Some(backward.emit(Op::new("multiply"), &[product, curvature]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(map(F::GRADIENT, TimesSlope(self.0, parameters::<F>(op))))
    }
}

/// The function itself, in a loop.
#[derive(Clone, Copy)]
struct ValueOf<F>(F, Parameters);

impl<F: Function> Pointwise<1> for ValueOf<F> {
    #[inline(always)]
    fn at(self, [x]: [f32; 1]) -> f32 {
        F::value(x, self.1)
    }
}

/// The arriving gradient times the slope, in a loop.
#[derive(Clone, Copy)]
struct TimesSlope<F>(F, Parameters);

impl<F: Function> Pointwise<2> for TimesSlope<F> {
    #[inline(always)]
    fn at(self, [gradient, at]: [f32; 2]) -> f32 {
        gradient * F::slope(at, self.1)
    }
}
