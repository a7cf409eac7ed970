//! Kernels of ops that treat every number alike.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;
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

/// `output[i] = f(input[i])`.
pub fn unary(name: &'static str, f: impl Fn(f32) -> f32 + Copy + Send + Sync + 'static) -> Kernel {
    Kernel::new(name, move |work: &mut Work<'_>| {
        let (x, output) = (work.inputs[0], SharedSlice::new(work.output));
        work.pool.split(x.len(), 1024, COST * x.len() as u64, &|range| {
            // SAFETY: the ranges of a split do not overlap.
            let output = unsafe { output.range(range.clone()) };
            with_wide_vectors(|| {
                for (y, &x) in output.iter_mut().zip(&x[range]) {
                    *y = f(x);
                }
            });
        });
    })
}

/// `output[i] = f(a[i], b[i])` for inputs of the same length.
pub fn binary(name: &'static str, f: impl Fn(f32, f32) -> f32 + Copy + Send + Sync + 'static) -> Kernel {
    Kernel::new(name, move |work: &mut Work<'_>| {
        let (a, b, output) = (work.inputs[0], work.inputs[1], SharedSlice::new(work.output));
        work.pool.split(a.len(), 1024, COST * a.len() as u64, &|range| {
            // SAFETY: the ranges of a split do not overlap.
            let output = unsafe { output.range(range.clone()) };
            with_wide_vectors(|| {
                for ((y, &a), &b) in output.iter_mut().zip(&a[range.clone()]).zip(&b[range]) {
                    *y = f(a, b);
                }
            });
        });
    })
}

/// The gradient of a step function: 0 everywhere.
pub fn flat(backward: &mut Backward) -> Value {
    let shape = shapes::to_attribute(&backward.shape(backward.input(0)));
    let zero = backward.emit(Op::constant(&[], vec![0.0]), &[]);
    backward.emit(Op::new("broadcast_to").with("shape", shape), &[zero])
}
