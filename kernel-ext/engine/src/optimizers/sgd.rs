//! Stochastic gradient descent, as `keras/src/optimizers/sgd.py`.
//!
//! Without momentum `w -= learning_rate * g`; with it `v = momentum * v - learning_rate * g` and
//! `w += v`, or with Nesterov's look ahead `w += momentum * v - learning_rate * g`.

use super::{Optimizer, flush};
use crate::cpu::Pool;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;

pub struct Sgd {
    learning_rate: f32,
    momentum: f32,
    nesterov: bool,
    velocity: Vec<f32>,
}

impl Sgd {
    pub fn new(len: usize) -> Self {
        Self { learning_rate: 0.01, momentum: 0.0, nesterov: false, velocity: vec![0.0; len] }
    }
}

impl Optimizer for Sgd {
    fn step(&mut self, values: &mut [f32], gradients: &[f32], pool: &Pool) {
        let (rate, momentum, nesterov) = (self.learning_rate, self.momentum, self.nesterov);
        let (len, cost) = (values.len(), 4 * values.len() as u64);
        let (values, velocity) = (SharedSlice::new(values), SharedSlice::new(&mut self.velocity));
        pool.split(len, 1024, cost, &|range| {
            // SAFETY: the ranges of a split do not overlap.
            let (values, velocity) = unsafe { (values.range(range.clone()), velocity.range(range.clone())) };
            let gradients = &gradients[range];
            with_wide_vectors(|| {
                if momentum == 0.0 {
                    values.iter_mut().zip(gradients).for_each(|(w, g)| *w -= rate * g);
                    return;
                }
                for ((w, v), g) in values.iter_mut().zip(velocity).zip(gradients) {
                    *v = flush(momentum * *v - rate * g);
                    *w += if nesterov { momentum * *v - rate * g } else { *v };
                }
            });
        });
    }

    fn set(&mut self, option: &str, value: f64) -> bool {
        match option {
            "learning_rate" => self.learning_rate = value as f32,
            "momentum" => self.momentum = value as f32,
            "nesterov" => self.nesterov = value != 0.0,
            _ => return false,
        }
        true
    }

    fn plain_scale(&self) -> Option<f32> {
        (self.momentum == 0.0).then_some(-self.learning_rate)
    }
}
