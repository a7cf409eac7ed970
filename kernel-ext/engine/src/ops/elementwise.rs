//! Kernels of ops that treat every number alike.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::{WideWork, run_wide};
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use engine_api::{Op, Shape};

/// What one number of a transcendental function costs, in the unit of `Pool::split`.
pub const COST: u64 = 8;

/// An op that applies one function to every number of its only input.
pub struct Unary<F> {
    pub name: &'static str,
    pub function: F,
    /// Writes the gradient with respect to the input.
    pub gradient: fn(&mut Backward) -> Value,
}

impl<F: Fn(f32) -> f32 + Copy + Send + Sync + 'static> Operation for Unary<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        vec![Some((self.gradient)(backward))]
    }

    fn kernel(&self, _: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        Some(unary(self.name, self.function))
    }
}

/// A function of the numbers at one place of `N` arrays. Closures are such functions if they are short;
/// a longer one is a type of its own whose `at` is `#[inline(always)]`, so that its loop has vectors.
pub trait Pointwise<const N: usize>: Copy + Send + Sync + 'static {
    fn at(self, numbers: [f32; N]) -> f32;
}

impl<const N: usize, F: Fn([f32; N]) -> f32 + Copy + Send + Sync + 'static> Pointwise<N> for F {
    #[inline(always)]
    fn at(self, numbers: [f32; N]) -> f32 {
        self(numbers)
    }
}

/// `output[i] = f(input[i])`.
pub fn unary(name: &'static str, f: impl Fn(f32) -> f32 + Copy + Send + Sync + 'static) -> Kernel {
    map(name, move |[x]: [f32; 1]| f(x))
}

/// `output[i] = f(a[i], b[i])` for inputs of the same length.
pub fn binary(name: &'static str, f: impl Fn(f32, f32) -> f32 + Copy + Send + Sync + 'static) -> Kernel {
    map(name, move |[a, b]: [f32; 2]| f(a, b))
}

/// `output[i] = function(inputs[i])` for inputs of the same length.
pub fn map<const N: usize>(name: &'static str, function: impl Pointwise<N>) -> Kernel {
    Kernel::new(name, move |work: &mut Work<'_>| map_all::<_, N, false>(function, work))
        .with_in_place(move |work: &mut Work<'_>| map_all::<_, N, true>(function, work))
}

/// Applies a function at all places; with `IN_PLACE` the first input is the output, and `work` has the others only.
fn map_all<P: Pointwise<N>, const N: usize, const IN_PLACE: bool>(function: P, work: &mut Work<'_>) {
    let inputs = inputs_of::<N, IN_PLACE>(work);
    let (len, output) = (work.output.len(), SharedSlice::new(work.output));
    work.pool.split(len, 1024, COST * len as u64, &|range| {
        // SAFETY: the ranges of a split do not overlap.
        let output = unsafe { output.range(range.clone()) };
        let part = |input: usize| if IN_PLACE && input == 0 { &[] } else { &inputs[input][range.clone()] };
        run_wide(Map::<P, N, IN_PLACE> { function, inputs: std::array::from_fn(part), output });
    });
}

/// The inputs of a function; with `IN_PLACE` the first is empty, since its numbers are in the output.
pub fn inputs_of<'a, const N: usize, const IN_PLACE: bool>(work: &Work<'a>) -> [&'a [f32]; N] {
    std::array::from_fn(|input| match (IN_PLACE, input) {
        (true, 0) => [].as_slice(),
        (true, _) => work.inputs[input - 1],
        (false, _) => work.inputs[input],
    })
}

/// The loop over one part of all arrays, which are equally long; with `IN_PLACE` the first is the output.
pub struct Map<'a, P, const N: usize, const IN_PLACE: bool> {
    pub function: P,
    pub inputs: [&'a [f32]; N],
    pub output: &'a mut [f32],
}

impl<P: Pointwise<N>, const N: usize, const IN_PLACE: bool> WideWork for Map<'_, P, N, IN_PLACE> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let len = self.output.len();
        let inputs: [&[f32]; N] =
            std::array::from_fn(|input| if IN_PLACE && input == 0 { &[] } else { &self.inputs[input][..len] });
        for (place, y) in self.output.iter_mut().enumerate() {
            let number = |input: usize| if IN_PLACE && input == 0 { *y } else { inputs[input][place] };
            *y = self.function.at(std::array::from_fn(number));
        }
    }
}

/// The gradient of a step function: 0 everywhere.
pub fn flat(backward: &mut Backward) -> Value {
    let shape = shapes::to_attribute(&backward.shape(backward.input(0)));
    let zero = backward.emit(Op::constant(&[], vec![0.0]), &[]);
    backward.emit(Op::new("broadcast_to").with("shape", shape), &[zero])
}
