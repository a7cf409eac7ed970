//! Adam, as `keras/src/optimizers/adam.py` (Kingma and Ba, 2014, with the bias corrections folded into
//! the learning rate).

use super::{Optimizer, flush};
use crate::cpu::Pool;
use crate::cpu::pool::SharedSlice;
use crate::cpu::simd::with_wide_vectors;

pub struct Adam {
    learning_rate: f32,
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    steps: i32,
    /// The running mean of gradients, and of their squares.
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Adam {
    pub fn new(len: usize) -> Self {
        Self {
            learning_rate: 0.001,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-7,
            steps: 0,
            first: vec![0.0; len],
            second: vec![0.0; len],
        }
    }
}

impl Optimizer for Adam {
    fn step(&mut self, values: &mut [f32], gradients: &[f32], pool: &Pool) {
        self.steps = self.steps.saturating_add(1);
        let corrections = (1.0 - self.beta_2.powi(self.steps)).sqrt() / (1.0 - self.beta_1.powi(self.steps));
        let rate = self.learning_rate * corrections;
        let (keep_1, keep_2, epsilon) = (1.0 - self.beta_1, 1.0 - self.beta_2, self.epsilon);
        let (len, cost) = (values.len(), 16 * values.len() as u64);
        let values = SharedSlice::new(values);
        let (first, second) = (SharedSlice::new(&mut self.first), SharedSlice::new(&mut self.second));
        pool.split(len, 1024, cost, &|range| {
            // SAFETY: the ranges of a split do not overlap.
            let (values, first, second) =
                unsafe { (values.range(range.clone()), first.range(range.clone()), second.range(range.clone())) };
            let gradients = &gradients[range];
            with_wide_vectors(|| {
                for (((w, m), v), g) in values.iter_mut().zip(first).zip(second).zip(gradients) {
                    *m = flush(*m + keep_1 * (g - *m));
                    *v = flush(*v + keep_2 * (g * g - *v));
                    *w -= rate * *m / (v.sqrt() + epsilon);
                }
            });
        });
    }

    fn set(&mut self, option: &str, value: f64) -> bool {
        match option {
            "learning_rate" => self.learning_rate = value as f32,
            "beta_1" => self.beta_1 = value as f32,
            "beta_2" => self.beta_2 = value as f32,
            "epsilon" => self.epsilon = value as f32,
            _ => return false,
        }
        true
    }
}
