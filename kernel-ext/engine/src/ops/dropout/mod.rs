//! `dropout`: each number becomes 0 with the probability in the attribute `rate`, the others are
//! divided by `1 - rate`, so that the mean stays (Srivastava et al., 2014; `keras/src/layers/
//! regularization/dropout.py`).
//!
//! What is dropped depends on the attribute `seed`, the number of the run and the place alone: the
//! gradient, which is the same op on what arrives, drops the same places. The attribute
//! `noise_shape` has a 1 for each axis along which all numbers share their fate, and -1 elsewhere.

use super::{Operation, Value, broadcasting, shapes};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;
use crate::cpu::{Kernel, Work};
use crate::fault::Fault;
use engine_api::{Op, Philox, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Dropout];

struct Dropout;

/// What one random word costs, in the unit of `Pool::split`.
const COST: u64 = 16;

/// The words that a run of the op with this seed draws for four numbers.
#[inline(always)]
pub fn words(seed: u64, run: u64, block: u64) -> [u32; 4] {
    Philox::block(
        [block as u32, (block >> 32) as u32, run as u32, (run >> 32) as u32],
        [seed as u32, (seed >> 32) as u32],
    )
}

pub fn seed_of(op: &Op) -> u64 {
    op.int("seed").unwrap_or(0) as u64
}

impl Operation for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        let rate = op.float("rate").unwrap_or(f64::NAN);
        if !(0.0..1.0).contains(&rate) {
            return Err(Fault::new(
                format!("expected a rate from 0 to below 1, received {rate}"),
                "the rate is the part of the numbers that is dropped: 0.5 drops half of them",
            ));
        }
        let shape = shapes::same(inputs)?;
        match op.ints("noise_shape") {
            Some(noise) if noise.len() != shape.rank() => Err(Fault::new(
                format!("expected one number an axis in `noise_shape`, received {noise:?} for the shape {shape}"),
                "1 for an axis along which all numbers share their fate, -1 elsewhere",
            )),
            _ => Ok(shape),
        }
    }

    fn is_random(&self) -> bool {
        true
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let gradient = backward.output_gradient();
        vec![Some(backward.emit(backward.op.clone(), &[gradient]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let (seed, rate) = (seed_of(op), op.float("rate").unwrap_or(0.0));
        let scale = (1.0 / (1.0 - rate)) as f32;
        // A word below the threshold drops its number.
        let threshold = (rate * f64::from(u32::MAX)) as u32;
        let factor = move |word: u32| if word < threshold { 0.0 } else { scale };
        match op.ints("noise_shape") {
            Some(noise) if noise.contains(&1) => Some(shared(inputs[0], noise, seed, factor)),
            _ => Some(single(seed, factor)),
        }
    }
}

/// Each number has a word of its own.
fn single(seed: u64, factor: impl Fn(u32) -> f32 + Copy + Send + Sync + 'static) -> Kernel {
    Kernel::new("dropout", move |work: &mut Work<'_>| {
        let (x, output, run) = (work.inputs[0], SharedSlice::new(work.output), work.moment.run);
        work.pool.split(x.len(), 1024, COST * x.len() as u64, &|range| {
            // SAFETY: the ranges of a split do not overlap.
            let output = unsafe { output.range(range.clone()) };
            let first = range.start as u64 / 4;
            with_wide_vectors(|| {
                let pairs = output.chunks_mut(4 * LANES).zip(x[range].chunks(4 * LANES));
                for ((output, x), group) in pairs.zip(0_u64..) {
                    let words = many_words(seed, run, first + group * LANES as u64);
                    for ((y, x), word) in output.iter_mut().zip(x).zip(words.as_flattened()) {
                        *y = x * factor(*word);
                    }
                }
            });
        });
    })
}

/// How many blocks are drawn beside each other.
const LANES: usize = 16;

/// The words of consecutive blocks, one after the other.
#[inline(always)]
fn many_words(seed: u64, run: u64, first: u64) -> [[u32; 4]; LANES] {
    let mut words = [[0; 4]; LANES];
    for (lane, words) in words.iter_mut().enumerate() {
        *words = self::words(seed, run, first + lane as u64);
    }
    words
}

/// Numbers that differ only in axes of size 1 of the noise share a word.
fn shared(
    shape: &[usize],
    noise: &[i64],
    seed: u64,
    factor: impl Fn(u32) -> f32 + Copy + Send + Sync + 'static,
) -> Kernel {
    let noise: Vec<usize> = noise.iter().zip(shape).map(|(&noise, &size)| if noise == 1 { 1 } else { size }).collect();
    let (strides, sizes) = (broadcasting::strides(&noise, shape), shape.to_vec());
    Kernel::new("dropout", move |work: &mut Work<'_>| {
        let mut numbers = work.output.iter_mut().zip(work.inputs[0]);
        broadcasting::walk(&sizes, [&strides], |[at]| {
            let word = words(seed, work.moment.run, at as u64 / 4)[at % 4];
            if let Some((y, x)) = numbers.next() {
                *y = x * factor(word);
            }
        });
    })
}

#[cfg(test)]
mod tests {
    use crate::ops::infer_shape;
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::{Attr, Op, Shape};

    fn dropout(rate: f64, seed: i64) -> Op {
        Op::new("dropout").with("rate", Attr::Float(rate)).with("seed", Attr::Int(seed))
    }

    #[test]
    fn the_stated_part_is_dropped_and_the_rest_scaled() {
        let ones = vec![1.0; 10_000];
        for rate in [0.0, 0.2, 0.5, 0.9] {
            let y = evaluate(&dropout(rate, 3), &[(&[100, 100], &ones)]);
            let dropped = y.iter().filter(|&&y| y == 0.0).count() as f64 / 1e4;
            assert!((dropped - rate).abs() < 0.02, "rate {rate}: {dropped} dropped");
            assert!(y.iter().all(|&y| y == 0.0 || (f64::from(y) - 1.0 / (1.0 - rate)).abs() < 1e-6));
        }
    }

    #[test]
    fn seeds_differ_and_channels_share_their_fate() {
        let ones = vec![1.0; 2 * 9 * 4];
        let x: (&[usize], &[f32]) = (&[2, 9, 4], &ones);
        assert_eq!(evaluate(&dropout(0.5, 1), &[x]), evaluate(&dropout(0.5, 1), &[x]));
        assert_ne!(evaluate(&dropout(0.5, 1), &[x]), evaluate(&dropout(0.5, 2), &[x]));
        let spatial = dropout(0.5, 1).with("noise_shape", Attr::Ints(vec![-1, 1, -1]));
        let y = evaluate(&spatial, &[x]);
        for (sample, first) in y.chunks(36).map(|sample| (sample, &sample[..4])) {
            assert!(sample.chunks(4).all(|row| row == first));
        }
        assert!(y.contains(&0.0) && y.contains(&2.0));
    }

    #[test]
    fn gradients_drop_the_same_places() {
        check_gradients(&dropout(0.5, 7), &[&[3, 5]]);
        check_gradients(&dropout(0.5, 7).with("noise_shape", Attr::Ints(vec![-1, 1])), &[&[3, 5]]);
    }

    #[test]
    fn a_rate_of_1_is_refused() {
        let error = infer_shape(&dropout(1.0, 0), &[Shape::batch_of(&[4])], "dropout").unwrap_err().to_string();
        assert!(error.starts_with("dropout: expected a rate from 0 to below 1, received 1"), "{error}");
    }
}
