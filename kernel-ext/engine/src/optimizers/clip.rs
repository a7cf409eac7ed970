//! Gradients that are shortened before an optimizer follows them.

use std::ops::Range;

/// What is limited; at most one of the limits is in force, in this order, as in Keras.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clip {
    /// The norm of each variable's gradient.
    pub norm: f32,
    /// The norm of all gradients together.
    pub global_norm: f32,
    /// The size of each number.
    pub value: f32,
}

impl Clip {
    pub fn is_off(&self) -> bool {
        self.norm <= 0.0 && self.global_norm <= 0.0 && self.value <= 0.0
    }

    pub fn apply(&self, gradients: &mut [f32], variables: &[Range<usize>]) {
        if self.norm > 0.0 {
            for variable in variables {
                shorten(&mut gradients[variable.clone()], self.norm);
            }
        } else if self.global_norm > 0.0 {
            // What lies between variables is 0.
            shorten(gradients, self.global_norm);
        } else if self.value > 0.0 {
            gradients.iter_mut().for_each(|gradient| *gradient = gradient.clamp(-self.value, self.value));
        }
    }
}

fn shorten(gradients: &mut [f32], most: f32) {
    let norm = gradients.iter().map(|&gradient| f64::from(gradient).powi(2)).sum::<f64>().sqrt() as f32;
    if norm > most {
        gradients.iter_mut().for_each(|gradient| *gradient *= most / norm);
    }
}
