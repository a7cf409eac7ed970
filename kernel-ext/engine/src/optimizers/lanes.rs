//! One pass of an optimizer over all weights and what it keeps for each of them.

use crate::cpu::Pool;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::{WideWork, run_wide};

/// How many weights are treated beside each other, so that the compiler makes vectors of them.
const LANES: usize = 16;

/// What one step does to one weight, given its gradient and what is kept for it. A trait and no closure, since
/// the compiler would not inline long closures into loops over wide vectors.
pub trait Formula<const N: usize>: Copy + Sync {
    fn apply(self, weight: &mut f32, gradient: f32, state: &mut [f32; N]);
}

/// Applies a formula to each weight, its gradient and what is kept for it.
pub fn for_each_block<const N: usize>(
    values: &mut [f32],
    gradients: &[f32],
    state: &mut [Vec<f32>; N],
    pool: &Pool,
    formula: impl Formula<N>,
) {
    let (len, cost) = (values.len(), (4 + 6 * N as u64) * values.len() as u64);
    assert!(gradients.len() >= len && state.iter().all(|state| state.len() >= len), "an optimizer for fewer weights");
    let values = SharedSlice::new(values);
    let state = state.each_mut().map(|state| SharedSlice::new(state));
    pool.split(len, 1024, cost, &|range| {
        // SAFETY: the ranges of a split do not overlap.
        let values = unsafe { values.range(range.clone()) };
        // SAFETY: as above.
        let state = state.each_ref().map(|state| unsafe { state.range(range.clone()) });
        run_wide(Pass { values, gradients: &gradients[range], state, formula });
    });
}

/// A pass over neighbouring weights.
struct Pass<'a, const N: usize, F> {
    values: &'a mut [f32],
    gradients: &'a [f32],
    state: [&'a mut [f32]; N],
    formula: F,
}

impl<const N: usize, F: Formula<N>> WideWork for Pass<'_, N, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let whole = self.values.len() / LANES * LANES;
        for first in (0..whole).step_by(LANES) {
            self.block(first, LANES);
        }
        if whole < self.values.len() {
            self.block(whole, self.values.len() - whole);
        }
    }
}

impl<const N: usize, F: Formula<N>> Pass<'_, N, F> {
    #[inline(always)]
    fn block(&mut self, first: usize, count: usize) {
        let mut w = read(self.values, first, count);
        let g = read(self.gradients, first, count);
        let mut s = [[0.0; LANES]; N];
        for (lanes, state) in s.iter_mut().zip(&self.state) {
            *lanes = read(state, first, count);
        }
        for lane in 0..LANES {
            let mut own = [0.0; N];
            for slot in 0..N {
                own[slot] = s[slot][lane];
            }
            self.formula.apply(&mut w[lane], g[lane], &mut own);
            for slot in 0..N {
                s[slot][lane] = own[slot];
            }
        }
        self.values[first..first + count].copy_from_slice(&w[..count]);
        for (state, s) in self.state.iter_mut().zip(&s) {
            state[first..first + count].copy_from_slice(&s[..count]);
        }
    }
}

#[inline(always)]
fn read(from: &[f32], first: usize, count: usize) -> [f32; LANES] {
    let mut lanes = [0.0; LANES];
    lanes[..count].copy_from_slice(&from[first..first + count]);
    lanes
}
