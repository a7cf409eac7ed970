//! Kernels of ops that treat each row, the numbers along the last axis, alike.

use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::{WideWork, run_wide};
use crate::cpu::{Kernel, Work};

/// What one number costs, in the unit of `Pool::split`.
const COST: u64 = 16;

/// What is computed from the same row of each of `N` inputs.
pub trait RowFunction<const N: usize>: Copy + Send + Sync + 'static {
    fn compute(self, rows: [&[f32]; N], to: &mut [f32]);
}

/// The kernel that treats each row of `width` numbers alike.
pub fn by_rows<const N: usize>(name: &'static str, shape: &[usize], function: impl RowFunction<N>) -> Kernel {
    let width = shape.last().copied().unwrap_or(1).max(1);
    Kernel::new(name, move |work: &mut Work<'_>| {
        let inputs: [&[f32]; N] = std::array::from_fn(|input| work.inputs[input]);
        let (len, output) = (work.output.len(), SharedSlice::new(work.output));
        work.pool.split(len / width, 1, COST * len as u64, &|rows| {
            let range = rows.start * width..rows.end * width;
            // SAFETY: rows lie side by side, and each belongs to one part of the split.
            let output = unsafe { output.range(range.clone()) };
            run_wide(Rows { function, width, inputs: inputs.map(|input| &input[range.clone()]), output });
        });
    })
}

struct Rows<'a, F, const N: usize> {
    function: F,
    width: usize,
    inputs: [&'a [f32]; N],
    output: &'a mut [f32],
}

impl<F: RowFunction<N>, const N: usize> WideWork for Rows<'_, F, N> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (row, to) in self.output.chunks_exact_mut(self.width).enumerate() {
            let rows = self.inputs.map(|input| &input[row * self.width..(row + 1) * self.width]);
            self.function.compute(rows, to);
        }
    }
}
