//! One pass of an optimizer over all weights and what it keeps for each of them.

use crate::cpu::Pool;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;

/// How many weights are treated beside each other, so that the compiler makes vectors of them.
const LANES: usize = 16;

/// Calls `formula` with each weight, its gradient and what is kept for it.
pub fn for_each_block<const N: usize>(
    values: &mut [f32],
    gradients: &[f32],
    state: &mut [Vec<f32>; N],
    pool: &Pool,
    formula: impl Fn(&mut f32, f32, &mut [f32; N]) + Copy + Sync,
) {
    let (len, cost) = (values.len(), (4 + 6 * N as u64) * values.len() as u64);
    assert!(gradients.len() >= len && state.iter().all(|state| state.len() >= len), "an optimizer for fewer weights");
    let values = SharedSlice::new(values);
    let state = state.each_mut().map(|state| SharedSlice::new(state));
    pool.split(len, 1024, cost, &|range| {
        // SAFETY: the ranges of a split do not overlap.
        let values = unsafe { values.range(range.clone()) };
        // SAFETY: as above.
        let mut state = state.each_ref().map(|state| unsafe { state.range(range.clone()) });
        let gradients = &gradients[range];
        with_wide_vectors(|| {
            for first in (0..values.len()).step_by(LANES) {
                let count = LANES.min(values.len() - first);
                let mut w = read(values, first, count);
                let g = read(gradients, first, count);
                let mut s = state.each_ref().map(|state| read(state, first, count));
                for lane in 0..LANES {
                    let mut own = std::array::from_fn(|slot| s[slot][lane]);
                    formula(&mut w[lane], g[lane], &mut own);
                    for slot in 0..N {
                        s[slot][lane] = own[slot];
                    }
                }
                values[first..first + count].copy_from_slice(&w[..count]);
                for (state, s) in state.iter_mut().zip(&s) {
                    state[first..first + count].copy_from_slice(&s[..count]);
                }
            }
        });
    });
}

#[inline(always)]
fn read(from: &[f32], first: usize, count: usize) -> [f32; LANES] {
    let mut lanes = [0.0; LANES];
    lanes[..count].copy_from_slice(&from[first..first + count]);
    lanes
}
