//! Kernels of ops that treat every number alike.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use engine_api::{Op, Shape};

/// What one number of a transcendental function costs, in the unit of `Pool::split`.
const COST: u64 = 8;

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

/// `output = f(a, b)` with NumPy's broadcasting of the two shapes to that of the output.
pub fn broadcasting(
    name: &'static str,
    a: &[usize],
    b: &[usize],
    output: &[usize],
    f: impl Fn(f32, f32) -> f32 + Copy + Send + Sync + 'static,
) -> Kernel {
    if a == b {
        return binary(name, f);
    }
    let (a, b, sizes) = (strides(a, output), strides(b, output), output.to_vec());
    Kernel::new(name, move |work: &mut Work<'_>| {
        let mut place = 0;
        walk(&sizes, [&a, &b], |[at_a, at_b]| {
            work.output[place] = f(work.inputs[0][at_a], work.inputs[1][at_b]);
            place += 1;
        });
    })
}

/// How far to step in an array of `shape` for one step along each axis of `output`; 0 where it is
/// stretched.
pub fn strides(shape: &[usize], output: &[usize]) -> Vec<usize> {
    let mut strides = vec![0; output.len()];
    let missing = output.len() - shape.len();
    let mut step = 1;
    for axis in (0..shape.len()).rev() {
        strides[missing + axis] = if shape[axis] == 1 { 0 } else { step };
        step *= shape[axis];
    }
    strides
}

/// Visits every place of an array of `sizes` in row-major order, and with it the places of other
/// arrays that are stepped through by their strides.
pub fn walk<const N: usize>(sizes: &[usize], strides: [&[usize]; N], mut visit: impl FnMut([usize; N])) {
    let mut index = vec![0; sizes.len()];
    let mut at = [0; N];
    for _ in 0..sizes.iter().product() {
        visit(at);
        for axis in (0..sizes.len()).rev() {
            index[axis] += 1;
            for (at, strides) in at.iter_mut().zip(strides) {
                *at += strides[axis];
            }
            if index[axis] < sizes[axis] {
                break;
            }
            for (at, strides) in at.iter_mut().zip(strides) {
                *at -= strides[axis] * sizes[axis];
            }
            index[axis] = 0;
        }
    }
}
