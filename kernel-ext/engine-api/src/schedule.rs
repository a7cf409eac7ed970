//! Learning rates that change with the steps of training.

use crate::wire::wire_enum;

/// A learning rate as a function of the number of steps that have been made.
///
/// Source: `keras/src/optimizers/schedules/learning_rate_schedule.py`, whose names and defaults these
/// are; cosine decay is of Loshchilov and Hutter, *SGDR*, ICLR 2017.
///
/// ```
/// use engine_api::Schedule;
/// let halving = Schedule::ExponentialDecay {
///     initial_learning_rate: 0.1, decay_steps: 5.0, decay_rate: 0.5, staircase: true,
/// };
/// assert_eq!((halving.at(4), halving.at(5), halving.at(10)), (0.1, 0.05, 0.025));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// initial · rate^(step / steps); in whole steps with `staircase`.
    ExponentialDecay {
        /// The rate at step 0.
        initial_learning_rate: f64,
        /// After how many steps the rate has been multiplied once.
        decay_steps: f64,
        /// By what it is multiplied.
        decay_rate: f64,
        /// Whether it changes only once every `decay_steps`.
        staircase: bool,
    },
    /// initial / (1 + rate · step / steps); in whole steps with `staircase`.
    InverseTimeDecay {
        /// The rate at step 0.
        initial_learning_rate: f64,
        /// The steps by which time is measured.
        decay_steps: f64,
        /// How fast it falls.
        decay_rate: f64,
        /// Whether it changes only once every `decay_steps`.
        staircase: bool,
    },
    /// From the initial rate to the end rate along (1 - step / steps)^power.
    PolynomialDecay {
        /// The rate at step 0.
        initial_learning_rate: f64,
        /// After how many steps the end is reached.
        decay_steps: f64,
        /// The rate at the end.
        end_learning_rate: f64,
        /// 1 for a straight line.
        power: f64,
        /// Whether to begin anew over a longer time once the end is reached.
        cycle: bool,
    },
    /// The first value up to the first boundary inclusively, then the second, and so on.
    PiecewiseConstantDecay {
        /// The last steps of all values but the last.
        boundaries: Vec<f64>,
        /// One value more than there are boundaries.
        values: Vec<f64>,
    },
    /// A linear rise to the target, if there is one, then half a cosine down to alpha times the top.
    CosineDecay {
        /// The rate at step 0.
        initial_learning_rate: f64,
        /// How many steps the fall takes.
        decay_steps: f64,
        /// The end as a part of the top.
        alpha: f64,
        /// To where the rate rises first.
        warmup_target: Option<f64>,
        /// How many steps the rise takes.
        warmup_steps: f64,
    },
    /// Cosine decays after each other, each longer and lower than the one before.
    CosineDecayRestarts {
        /// The rate at step 0.
        initial_learning_rate: f64,
        /// How many steps the first fall takes.
        first_decay_steps: f64,
        /// How much longer each fall is.
        t_mul: f64,
        /// How much lower each begins.
        m_mul: f64,
        /// The end as a part of the top.
        alpha: f64,
    },
}

wire_enum!(Schedule {
    0 => ExponentialDecay { initial_learning_rate: initial_learning_rate, decay_steps: decay_steps, decay_rate: decay_rate, staircase: staircase },
    1 => InverseTimeDecay { initial_learning_rate: initial_learning_rate, decay_steps: decay_steps, decay_rate: decay_rate, staircase: staircase },
    2 => PolynomialDecay { initial_learning_rate: initial_learning_rate, decay_steps: decay_steps, end_learning_rate: end_learning_rate, power: power, cycle: cycle },
    3 => PiecewiseConstantDecay { boundaries: boundaries, values: values },
    4 => CosineDecay { initial_learning_rate: initial_learning_rate, decay_steps: decay_steps, alpha: alpha, warmup_target: warmup_target, warmup_steps: warmup_steps },
    5 => CosineDecayRestarts { initial_learning_rate: initial_learning_rate, first_decay_steps: first_decay_steps, t_mul: t_mul, m_mul: m_mul, alpha: alpha },
});

impl Schedule {
    /// The learning rate for the step that follows `step` others.
    pub fn at(&self, step: u64) -> f64 {
        let step = step as f64;
        let passed = |steps: f64, staircase: bool| if staircase { (step / steps).floor() } else { step / steps };
        match *self {
            Self::ExponentialDecay { initial_learning_rate, decay_steps, decay_rate, staircase } => {
                initial_learning_rate * decay_rate.powf(passed(decay_steps, staircase))
            }
            Self::InverseTimeDecay { initial_learning_rate, decay_steps, decay_rate, staircase } => {
                initial_learning_rate / (1.0 + decay_rate * passed(decay_steps, staircase))
            }
            Self::PolynomialDecay { initial_learning_rate, decay_steps, end_learning_rate, power, cycle } => {
                let steps = if cycle { decay_steps * (step / decay_steps).ceil().max(1.0) } else { decay_steps };
                let left = 1.0 - step.min(steps) / steps;
                (initial_learning_rate - end_learning_rate) * left.powf(power) + end_learning_rate
            }
            Self::PiecewiseConstantDecay { ref boundaries, ref values } => {
                let place = boundaries.iter().filter(|&&boundary| step > boundary).count();
                values.get(place).or(values.last()).copied().unwrap_or(f64::NAN)
            }
            Self::CosineDecay { initial_learning_rate, decay_steps, alpha, warmup_target, warmup_steps } => {
                let top = warmup_target.unwrap_or(initial_learning_rate);
                let rise = if warmup_target.is_some() { warmup_steps } else { 0.0 };
                if step < rise {
                    return initial_learning_rate + (top - initial_learning_rate) * step / rise;
                }
                top * cosine((step - rise).min(decay_steps) / decay_steps, alpha)
            }
            Self::CosineDecayRestarts { initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha } => {
                let (falls, part) = restart(step / first_decay_steps, t_mul);
                initial_learning_rate * cosine_from(m_mul.powf(falls), part, alpha)
            }
        }
    }
}

/// Half a cosine from 1 to `alpha`, as `part` goes from 0 to 1.
fn cosine(part: f64, alpha: f64) -> f64 {
    cosine_from(1.0, part, alpha)
}

fn cosine_from(top: f64, part: f64, alpha: f64) -> f64 {
    (1.0 - alpha) * 0.5 * top * (1.0 + (std::f64::consts::PI * part).cos()) + alpha
}

/// How many falls are over, and which part of the present one, when each is `longer` times as long as
/// the one before and the first has length 1.
fn restart(time: f64, longer: f64) -> (f64, f64) {
    if longer == 1.0 {
        return (time.floor(), time - time.floor());
    }
    let falls = ((1.0 - time * (1.0 - longer)).ln() / longer.ln()).floor();
    let begin = (1.0 - longer.powf(falls)) / (1.0 - longer);
    (falls, (time - begin) / longer.powf(falls))
}
