//! `random_normal`: numbers from the standard normal distribution in the shape of the only input,
//! whose values do not matter. They depend on the attribute `seed`, the number of the run and the
//! place alone.

use super::dropout::{seed_of, words};
use super::{Operation, shapes};
use crate::cpu::pool::SharedSlice;
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&RandomNormal];

struct RandomNormal;

/// What one number costs, in the unit of `Pool::split`.
const COST: u64 = 64;

impl Operation for RandomNormal {
    fn name(&self) -> &'static str {
        "random_normal"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        shapes::same(inputs)
    }

    fn differentiable(&self, _: usize) -> bool {
        false
    }

    fn is_random(&self) -> bool {
        true
    }

    fn kernel(&self, op: &Op, _: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let seed = seed_of(op);
        Some(Kernel::new("random normal", move |work: &mut Work<'_>| {
            let (len, output, run) = (work.output.len(), SharedSlice::new(work.output), work.moment.run);
            work.pool.split(len, 1024, COST * len as u64, &|range| {
                let blocks = (range.start as u64 / 4)..;
                // SAFETY: the ranges of a split do not overlap.
                let output = unsafe { output.range(range) };
                for (output, block) in output.chunks_mut(4).zip(blocks) {
                    output.iter_mut().zip(normals(words(seed, run, block))).for_each(|(y, number)| *y = number);
                }
            });
        }))
    }
}

/// Four normal numbers from four uniform words (Box and Muller, 1958).
fn normals(words: [u32; 4]) -> [f32; 4] {
    let uniform = |word: u32| (f64::from(word) + 0.5) / 4_294_967_296.0;
    let pair = |a: u32, b: u32| {
        let (radius, angle) = ((-2.0 * uniform(a).ln()).sqrt(), std::f64::consts::TAU * uniform(b));
        [(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]
    };
    let ([a, b], [c, d]) = (pair(words[0], words[1]), pair(words[2], words[3]));
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::evaluate;
    use engine_api::{Attr, Op};

    #[test]
    fn mean_and_variance_are_those_of_the_distribution() {
        let x = vec![0.0; 40_000];
        let y = evaluate(&Op::new("random_normal").with("seed", Attr::Int(5)), &[(&[200, 200], &x)]);
        let mean = |f: &dyn Fn(f64) -> f64| y.iter().map(|&y| f(f64::from(y))).sum::<f64>() / y.len() as f64;
        assert!(mean(&|y| y).abs() < 0.02);
        assert!((mean(&|y| y * y) - 1.0).abs() < 0.02);
        assert!((mean(&|y| y.powi(4)) - 3.0).abs() < 0.2);
    }
}
