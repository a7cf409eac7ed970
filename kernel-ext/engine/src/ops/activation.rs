//! The form that activations share: a function of one number, and its slope in terms of the number or
//! of the result; the gradient's op is made of the slope.

use super::elementwise::{binary, unary};
use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use engine_api::{Attr, Op, Shape};

/// The values of an activation's attributes, in the order of [`Activation::PARAMETERS`].
pub type Parameters = [f32; 3];

/// What a slope is computed from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SlopeOf {
    Input,
    Output,
}

/// A function of one number.
pub trait Activation: Sync + 'static {
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

/// The op of an activation.
pub struct Forward<A>(pub A);

/// The op of its gradient: inputs are the arriving gradient, and the activation's input or output.
pub struct Gradient<A>(pub A);

/// The attribute of an activation, or its default; a switch counts as 1 or 0.
pub fn parameter<A: Activation>(op: &Op, index: usize) -> f64 {
    let Some((name, default)) = A::PARAMETERS.get(index) else { return 0.0 };
    match op.attr(name) {
        Some(Attr::Float(value)) => *value,
        Some(Attr::Bool(value)) => f64::from(u8::from(*value)),
        _ => *default,
    }
}

fn parameters<A: Activation>(op: &Op) -> Parameters {
    std::array::from_fn(|index| parameter::<A>(op, index) as f32)
}

impl<A: Activation> Operation for Forward<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let at = if A::SLOPE_OF == SlopeOf::Input { backward.input(0) } else { backward.output() };
        let op = Op { name: A::GRADIENT.into(), attrs: backward.op.attrs.clone() };
        vec![Some(backward.emit(op, &[backward.output_gradient(), at]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let parameters = parameters::<A>(op);
        Some(unary(A::NAME, move |x| A::value(x, parameters)))
    }
}

impl<A: Activation> Operation for Gradient<A> {
    fn name(&self) -> &'static str {
        A::GRADIENT
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::all_same(inputs, 2)
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 0 || A::CURVATURE.is_some()
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (incoming, gradient, at) = (backward.output_gradient(), backward.input(0), backward.input(1));
        let to_gradient = backward.emit(backward.op.clone(), &[incoming, at]);
        let Some(curvature) = A::CURVATURE else { return vec![Some(to_gradient), None] };
        let curvature = curvature(backward, at);
        let product = backward.emit(Op::new("multiply"), &[incoming, gradient]);
        vec![Some(to_gradient), Some(backward.emit(Op::new("multiply"), &[product, curvature]))]
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let parameters = parameters::<A>(op);
        Some(binary(A::GRADIENT, move |gradient, at| gradient * A::slope(at, parameters)))
    }
}
