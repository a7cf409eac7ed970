//! The formulas of Keras's optimizers, each as what one step does to one weight.
//!
//! Sources: `keras/src/optimizers/*.py`.

use super::Rule;
use super::lanes::{Formula, for_each_block};
use crate::cpu::Pool;
use crate::cpu::math::{flush, square};

/// A kind of optimizer: its options with their defaults, how many numbers it keeps for each weight, and
/// its step. `prepare` computes once a step what the formula needs besides the options.
macro_rules! rule {
    (
        $(#[$about:meta])*
        $name:ident { $($option:ident: $default:literal),* $(,)? }
        keeps $slots:literal from |$begin:ident| $first:expr;
        prepare $count:literal |$options:ident, $rate:ident, $steps:ident| $prepare:expr;
        step |$constants:pat_param, $w:ident, $g:ident, $state:ident| $formula:expr;
    ) => {
        $(#[$about])*
        pub struct $name {
            $($option: f32,)*
            state: [Vec<f32>; $slots],
            steps: i32,
        }

        impl $name {
            pub fn new() -> Self {
                Self { $($option: $default,)* state: std::array::from_fn(|_| Vec::new()), steps: 0 }
            }
        }

        impl Rule for $name {
            fn begin(&mut self, len: usize) {
                let $begin = &*self;
                let first: [f32; $slots] = $first;
                self.state = first.map(|first| vec![first; len]);
            }

            fn step(&mut self, rate: f32, values: &mut [f32], gradients: &[f32], pool: &Pool) {
                self.steps = self.steps.saturating_add(1);
                /// What the formula needs, by name.
                #[derive(Clone, Copy)]
                struct Step([f32; $count]);
                impl Formula<$slots> for Step {
                    #[inline(always)]
                    fn apply(self, $w: &mut f32, $g: f32, $state: &mut [f32; $slots]) {
                        let $constants = self.0;
                        $formula
                    }
                }
                let constants = |$options: &Self, $rate: f32, $steps: i32| $prepare;
                let step = Step(constants(self, rate, self.steps));
                for_each_block(values, gradients, &mut self.state, pool, step);
            }

            fn option(&mut self, option: &str) -> Option<&mut f32> {
                match option {
                    $(stringify!($option) => Some(&mut self.$option),)*
                    _ => None,
                }
            }

            fn is_plain(&self) -> bool {
                $slots == 0
            }
        }
    };
}

rule! {
    /// w -= rate g.
    Plain {}
    keeps 0 from |_rule| [];
    prepare 1 |_rule, rate, _steps| [rate];
    step |[rate], w, g, _state| *w -= rate * g;
}

rule! {
    /// v = momentum v - rate g; w += v, or with Nesterov's look ahead w += momentum v - rate g.
    Momentum { momentum: 0.0, nesterov: 0.0 }
    keeps 1 from |_rule| [0.0];
    prepare 3 |rule, rate, _steps| [rate, rule.momentum, rule.nesterov];
    step |[rate, momentum, nesterov], w, g, state| {
        let [v] = state;
        *v = flush(momentum * *v - rate * g);
        *w += if nesterov != 0.0 { momentum * *v - rate * g } else { *v };
    };
}

rule! {
    /// a = rho a + (1 - rho) g²; i = rate g / sqrt(a - mean² + epsilon); M = momentum M + i; w -= M. The
    /// mean counts only where it is centered.
    RmsProp { rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: 0.0 }
    keeps 3 from |_rule| [0.0; 3];
    prepare 5 |rule, rate, _steps| [rate, rule.rho, rule.momentum, rule.epsilon, rule.centered];
    step |[rate, rho, momentum, epsilon, centered], w, g, state| {
        let [a, mean, m] = state;
        *a = flush(rho * *a + (1.0 - rho) * square(g));
        *mean = flush(centered * (rho * *mean + (1.0 - rho) * g));
        *m = flush(momentum * *m + rate * g / (*a - *mean * *mean + epsilon).sqrt());
        *w -= *m;
    };
}

rule! {
    /// m += (1 - beta_1)(g - m); v += (1 - beta_2)(g² - v); w -= rate' m / (sqrt(v) + epsilon), where
    /// rate' = rate sqrt(1 - beta_2^t) / (1 - beta_1^t) (Kingma and Ba, 2014).
    Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    keeps 2 from |_rule| [0.0; 2];
    prepare 4 |rule, rate, steps| [corrected(rate, rule.beta_1, rule.beta_2, steps), 1.0 - rule.beta_1, 1.0 - rule.beta_2, rule.epsilon];
    step |[rate, keep_1, keep_2, epsilon], w, g, state| {
        let [m, v] = state;
        *m = flush(*m + keep_1 * (g - *m));
        *v = flush(*v + keep_2 * (square(g) - *v));
        *w -= rate * *m / (v.sqrt() + epsilon);
    };
}

rule! {
    /// Adam measured by the largest v so far.
    AmsGrad { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    keeps 3 from |_rule| [0.0; 3];
    prepare 4 |rule, rate, steps| [corrected(rate, rule.beta_1, rule.beta_2, steps), 1.0 - rule.beta_1, 1.0 - rule.beta_2, rule.epsilon];
    step |[rate, keep_1, keep_2, epsilon], w, g, state| {
        let [m, v, largest] = state;
        *m = flush(*m + keep_1 * (g - *m));
        *v = flush(*v + keep_2 * (square(g) - *v));
        *largest = largest.max(*v);
        *w -= rate * *m / (largest.sqrt() + epsilon);
    };
}

/// Adam's learning rate with the corrections for means that begin at 0.
fn corrected(rate: f32, beta_1: f32, beta_2: f32, steps: i32) -> f32 {
    rate * (1.0 - beta_2.powi(steps)).sqrt() / (1.0 - beta_1.powi(steps))
}

rule! {
    /// u = max(beta_2 u, |g|); w -= rate m / ((1 - beta_1^t)(u + epsilon)).
    Adamax { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    keeps 2 from |_rule| [0.0; 2];
    prepare 4 |rule, rate, steps| [rate / (1.0 - rule.beta_1.powi(steps)), 1.0 - rule.beta_1, rule.beta_2, rule.epsilon];
    step |[rate, keep_1, beta_2, epsilon], w, g, state| {
        let [m, u] = state;
        *m = flush(*m + keep_1 * (g - *m));
        *u = flush((beta_2 * *u).max(g.abs()));
        *w -= rate * *m / (*u + epsilon);
    };
}

rule! {
    /// Adam with a momentum that looks ahead (Dozat, 2015).
    Nadam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    keeps 2 from |_rule| [0.0; 2];
    prepare 7 |rule, rate, steps| {
        let momentum = |step: i32| rule.beta_1 * (1.0 - 0.5 * 0.96_f32.powi(step));
        let product: f32 = (1..=steps).map(momentum).take_while(|&momentum| momentum > 0.0).product();
        let (now, next) = (momentum(steps), momentum(steps + 1));
        let of_mean = next / (1.0 - product * next);
        let of_gradient = (1.0 - now) / (1.0 - product);
        [rate, of_mean, of_gradient, 1.0 - rule.beta_1, 1.0 - rule.beta_2, 1.0 - rule.beta_2.powi(steps), rule.epsilon]
    };
    step |[rate, of_mean, of_gradient, keep_1, keep_2, seen, epsilon], w, g, state| {
        let [m, v] = state;
        *m = flush(*m + keep_1 * (g - *m));
        *v = flush(*v + keep_2 * (square(g) - *v));
        *w -= rate * (of_mean * *m + of_gradient * g) / ((*v / seen).sqrt() + epsilon);
    };
}

rule! {
    /// a += g²; w -= rate g / sqrt(a + epsilon).
    Adagrad { initial_accumulator_value: 0.1, epsilon: 1e-7 }
    keeps 1 from |rule| [rule.initial_accumulator_value];
    prepare 2 |rule, rate, _steps| [rate, rule.epsilon];
    step |[rate, epsilon], w, g, state| {
        let [a] = state;
        *a += square(g);
        *w -= rate * g / (*a + epsilon).sqrt();
    };
}

rule! {
    /// a = rho a + (1 - rho) g²; d = -g sqrt(D + epsilon) / sqrt(a + epsilon); D = rho D + (1 - rho) d²;
    /// w += rate d.
    Adadelta { rho: 0.95, epsilon: 1e-7 }
    keeps 2 from |_rule| [0.0; 2];
    prepare 3 |rule, rate, _steps| [rate, rule.rho, rule.epsilon];
    step |[rate, rho, epsilon], w, g, state| {
        let [a, d] = state;
        *a = flush(rho * *a + (1.0 - rho) * square(g));
        let delta = -g * (*d + epsilon).sqrt() / (*a + epsilon).sqrt();
        *d = flush(rho * *d + (1.0 - rho) * square(delta));
        *w += rate * delta;
    };
}

rule! {
    /// w -= rate sign(beta_1 m + (1 - beta_1) g); m = beta_2 m + (1 - beta_2) g.
    Lion { beta_1: 0.9, beta_2: 0.99 }
    keeps 1 from |_rule| [0.0];
    prepare 3 |rule, rate, _steps| [rate, rule.beta_1, rule.beta_2];
    step |[rate, beta_1, beta_2], w, g, state| {
        let [m] = state;
        let direction = *m * beta_1 + g * (1.0 - beta_1);
        *w -= if direction == 0.0 { 0.0 } else { rate.copysign(direction) };
        *m = flush(*m * beta_2 + g * (1.0 - beta_2));
    };
}

rule! {
    /// Follow the regularised leader (McMahan et al., 2013).
    Ftrl {
        learning_rate_power: -0.5,
        initial_accumulator_value: 0.1,
        l1_regularization_strength: 0.0,
        l2_regularization_strength: 0.0,
        l2_shrinkage_regularization_strength: 0.0,
        beta: 0.0,
    }
    keeps 2 from |rule| [rule.initial_accumulator_value, 0.0];
    prepare 5 |rule, rate, _steps| {
        let l2 = rule.l2_regularization_strength + rule.beta / (2.0 * rate);
        let shrinkage = 2.0 * rule.l2_shrinkage_regularization_strength;
        [rate, -rule.learning_rate_power, rule.l1_regularization_strength, 2.0 * l2, shrinkage]
    };
    step |[rate, power, l1, l2, shrinkage], w, g, state| {
        let [a, linear] = state;
        let sum = *a + square(g);
        let root = sum.powf(power);
        *linear += g + shrinkage * *w - (root - a.powf(power)) / rate * *w;
        *w = (linear.clamp(-l1, l1) - *linear) / (root / rate + l2);
        *a = sum;
    };
}
