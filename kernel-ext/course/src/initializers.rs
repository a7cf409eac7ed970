//! The numbers that weights begin with.

use crate::named::names_of;
use crate::seed::next_generator;
use engine_api::Philox;

/// How the first values of a weight are chosen.
///
/// With fan_in and fan_out of a kernel (its inputs and outputs for one number):
///
/// | kind | values |
/// | --- | --- |
/// | `GlorotUniform` | uniform in ±sqrt(6 / (fan_in + fan_out)) |
/// | `GlorotNormal` | truncated normal, variance 2 / (fan_in + fan_out) |
/// | `HeUniform`, `HeNormal` | the same with 2 · 3 / fan_in and 2 / fan_in |
/// | `LecunUniform`, `LecunNormal` | with 3 / fan_in and 1 / fan_in |
///
/// Sources: Glorot and Bengio 2010; He et al. 2015; LeCun et al. 1998;
/// `keras/src/initializers/random_initializers.py`.
///
/// ```
/// use course::prelude::*;
/// let kernel = Initializer::GlorotUniform.values(&[784, 10]);
/// let limit = (6.0_f32 / 794.0).sqrt();
/// assert_eq!(kernel.len(), 7840);
/// assert!(kernel.iter().all(|value| value.abs() <= limit));
/// assert!(kernel.iter().any(|value| value.abs() > 0.99 * limit));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Initializer {
    /// Uniform, for layers followed by tanh or softmax; the usual one.
    #[default]
    GlorotUniform,
    /// Normal, for layers followed by tanh or softmax.
    GlorotNormal,
    /// Uniform, for layers followed by relu.
    HeUniform,
    /// Normal, for layers followed by relu.
    HeNormal,
    /// Uniform, for layers followed by selu.
    LecunUniform,
    /// Normal, for layers followed by selu.
    LecunNormal,
    /// Uniform between two numbers.
    RandomUniform {
        /// The least number.
        minval: f32,
        /// The greatest number.
        maxval: f32,
    },
    /// Normal.
    RandomNormal {
        /// The mean.
        mean: f32,
        /// The standard deviation.
        stddev: f32,
    },
    /// Normal, drawn again when farther than two standard deviations from the mean.
    TruncatedNormal {
        /// The mean.
        mean: f32,
        /// The standard deviation before values are drawn again.
        stddev: f32,
    },
    /// Drawn with a variance that follows from the fans: of what Glorot's, He's and LeCun's are special cases.
    ///
    /// ```
    /// use course::prelude::*;
    /// use course::{Distribution, Fan};
    /// let he = Initializer::VarianceScaling { scale: 2.0, mode: Fan::In, distribution: Distribution::Uniform };
    /// let limit = (6.0_f32 / 784.0).sqrt();
    /// assert!(he.values(&[784, 10]).iter().all(|value| value.abs() <= limit));
    /// ```
    VarianceScaling {
        /// By what the variance is multiplied.
        scale: f32,
        /// By what it is divided.
        mode: Fan,
        /// How numbers of this variance are drawn.
        distribution: Distribution,
    },
    /// Rows or columns, whichever are fewer, at right angles to each other and of this length.
    Orthogonal {
        /// The length.
        gain: f32,
    },
    /// A matrix with this number on its diagonal and 0 elsewhere: what goes in comes out.
    Identity {
        /// The number.
        gain: f32,
    },
    /// All 0.
    Zeros,
    /// All 1.
    Ones,
    /// All the same.
    Constant(f32),
}

names_of! {
    Initializer, "initializer" {
        "glorot_uniform" => Initializer::GlorotUniform,
        "glorot_normal" => Initializer::GlorotNormal,
        "he_uniform" => Initializer::HeUniform,
        "he_normal" => Initializer::HeNormal,
        "lecun_uniform" => Initializer::LecunUniform,
        "lecun_normal" => Initializer::LecunNormal,
        "random_uniform" | "uniform" => Initializer::RandomUniform { minval: -0.05, maxval: 0.05 },
        "random_normal" | "normal" => Initializer::RandomNormal { mean: 0.0, stddev: 0.05 },
        "truncated_normal" => Initializer::TruncatedNormal { mean: 0.0, stddev: 0.05 },
        "variance_scaling" => Initializer::VarianceScaling {
            scale: 1.0,
            mode: Fan::In,
            distribution: Distribution::TruncatedNormal,
        },
        "orthogonal" => Initializer::Orthogonal { gain: 1.0 },
        "identity" => Initializer::Identity { gain: 1.0 },
        "zeros" | "zero" => Initializer::Zeros,
        "ones" | "one" => Initializer::Ones,
    }
}

/// By what a variance is divided: see [`Initializer::VarianceScaling`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// The number of inputs.
    In,
    /// The number of outputs.
    Out,
    /// The mean of both.
    Average,
}

names_of! {
    Fan, "fan" {
        "fan_in" => Fan::In,
        "fan_out" => Fan::Out,
        "fan_avg" => Fan::Average,
    }
}

/// How numbers of a variance are drawn: see [`Initializer::VarianceScaling`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Normal, drawn again when farther than two standard deviations from 0.
    TruncatedNormal,
    /// Normal.
    UntruncatedNormal,
    /// Uniform.
    Uniform,
}

names_of! {
    Distribution, "distribution" {
        "truncated_normal" | "normal" => Distribution::TruncatedNormal,
        "untruncated_normal" => Distribution::UntruncatedNormal,
        "uniform" => Distribution::Uniform,
    }
}

/// The standard deviation of a standard normal number that lies within two of its own.
const TRUNCATED_STDDEV: f64 = 0.879_625_661_034_239_8;

impl Initializer {
    /// Draws the values for a weight of this shape, row-major, from a stream of the seed.
    pub fn values(&self, shape: &[usize]) -> Vec<f32> {
        let (fan_in, fan_out) = fans(shape);
        let count = shape.iter().product();
        match *self {
            Self::GlorotUniform => uniform_of_variance(2.0 / (fan_in + fan_out), count),
            Self::GlorotNormal => normal_of_variance(2.0 / (fan_in + fan_out), count),
            Self::HeUniform => uniform_of_variance(2.0 / fan_in, count),
            Self::HeNormal => normal_of_variance(2.0 / fan_in, count),
            Self::LecunUniform => uniform_of_variance(1.0 / fan_in, count),
            Self::LecunNormal => normal_of_variance(1.0 / fan_in, count),
            Self::RandomUniform { minval, maxval } => uniform(minval, maxval, count),
            Self::RandomNormal { mean, stddev } => draw(count, |random| mean + stddev * random.normal()),
            Self::TruncatedNormal { mean, stddev } => draw(count, |random| mean + stddev * truncated(random)),
            Self::VarianceScaling { scale, mode, distribution } => {
                let fan = match mode {
                    Fan::In => fan_in,
                    Fan::Out => fan_out,
                    Fan::Average => 0.5 * (fan_in + fan_out),
                };
                let variance = f64::from(scale) / fan;
                match distribution {
                    Distribution::TruncatedNormal => normal_of_variance(variance, count),
                    Distribution::UntruncatedNormal => draw(count, |random| variance.sqrt() as f32 * random.normal()),
                    Distribution::Uniform => uniform_of_variance(variance, count),
                }
            }
            Self::Orthogonal { gain } => orthogonal(shape, gain),
            Self::Identity { gain } => identity(shape, gain),
            Self::Zeros => vec![0.0; count],
            Self::Ones => vec![1.0; count],
            Self::Constant(value) => vec![value; count],
        }
    }
}

/// The diagonal of what are rows and columns when all axes but the last are one.
fn identity(shape: &[usize], gain: f32) -> Vec<f32> {
    let columns = shape.last().copied().unwrap_or(1).max(1);
    let at = |place: usize| if place / columns == place % columns { gain } else { 0.0 };
    (0..shape.iter().product()).map(at).collect()
}

/// As the orthogonal factor of a normal matrix with its signs put right (Saxe et al., 2014): vectors are
/// drawn one by one, and what they share with those before is taken away.
fn orthogonal(shape: &[usize], gain: f32) -> Vec<f32> {
    let columns = shape.last().copied().unwrap_or(1);
    let rows = shape.iter().product::<usize>() / columns.max(1);
    let (count, len) = (rows.min(columns), rows.max(columns));
    let mut random = next_generator();
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    while vectors.len() < count {
        let mut vector: Vec<f64> = (0..len).map(|_| f64::from(random.normal())).collect();
        // Twice, since the first pass leaves rounding errors behind.
        for other in vectors.iter().chain(&vectors) {
            let shared: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
            vector.iter_mut().zip(other).for_each(|(number, other)| *number -= shared * other);
        }
        let norm = vector.iter().map(|number| number * number).sum::<f64>().sqrt();
        if norm > 1e-6 {
            vectors.push(vector.into_iter().map(|number| number / norm).collect());
        }
    }
    let at = |row: usize, column: usize| if rows < columns { vectors[row][column] } else { vectors[column][row] };
    (0..rows * columns).map(|place| gain * at(place / columns, place % columns) as f32).collect()
}

/// The inputs and outputs that one number of a weight touches; at least 1, as the variances divide
/// by them.
fn fans(shape: &[usize]) -> (f64, f64) {
    let (fan_in, fan_out) = match *shape {
        [] => (1, 1),
        [count] => (count, count),
        [ref field @ .., inputs, outputs] => {
            let field: usize = field.iter().product();
            (field * inputs, field * outputs)
        }
    };
    (fan_in.max(1) as f64, fan_out.max(1) as f64)
}

fn uniform_of_variance(variance: f64, count: usize) -> Vec<f32> {
    let limit = (3.0 * variance).sqrt() as f32;
    uniform(-limit, limit, count)
}

fn normal_of_variance(variance: f64, count: usize) -> Vec<f32> {
    let stddev = (variance.sqrt() / TRUNCATED_STDDEV) as f32;
    draw(count, |random| stddev * truncated(random))
}

fn uniform(minval: f32, maxval: f32, count: usize) -> Vec<f32> {
    draw(count, |random| minval + (maxval - minval) * random.uniform())
}

fn truncated(random: &mut Philox) -> f32 {
    loop {
        let value = random.normal();
        if value.abs() <= 2.0 {
            return value;
        }
    }
}

fn draw(count: usize, mut next: impl FnMut(&mut Philox) -> f32) -> Vec<f32> {
    let mut random = next_generator();
    (0..count).map(|_| next(&mut random)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Distribution, Fan, Initializer};

    /// The variances follow from the formulas; 200000 numbers make the estimate good to 1 %.
    #[test]
    fn values_have_the_variance_of_their_formula() {
        let shape = [2, 5, 100, 200];
        let (fan_in, fan_out) = (1000.0, 2000.0);
        for (name, variance) in [
            ("glorot_uniform", 2.0 / (fan_in + fan_out)),
            ("glorot_normal", 2.0 / (fan_in + fan_out)),
            ("he_uniform", 2.0 / fan_in),
            ("he_normal", 2.0 / fan_in),
            ("lecun_uniform", 1.0 / fan_in),
            ("lecun_normal", 1.0 / fan_in),
            ("variance_scaling", 1.0 / fan_in),
            ("random_uniform", 0.1_f64.powi(2) / 12.0),
            ("random_normal", 0.05_f64.powi(2)),
            ("truncated_normal", (0.05 * 0.879_625_661_f64).powi(2)),
        ] {
            let values = Initializer::from(name).values(&shape);
            let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64;
            let found =
                values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / values.len() as f64;
            assert!((found / variance - 1.0).abs() < 0.01, "{name}: {found} is not {variance}");
            assert!(mean.abs() < 0.01 * variance.sqrt(), "{name}: the mean is {mean}");
        }
    }

    #[test]
    fn scaled_variances_have_the_fan_that_is_asked_for() {
        for (mode, fan) in [(Fan::In, 1000.0), (Fan::Out, 2000.0), (Fan::Average, 1500.0)] {
            for distribution in Distribution::NAMES.iter().map(|&name| Distribution::from(name)) {
                let values = Initializer::VarianceScaling { scale: 3.0, mode, distribution }.values(&[10, 100, 200]);
                let squares = values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>();
                let found = squares / values.len() as f64;
                assert!((found / (3.0 / fan) - 1.0).abs() < 0.02, "{mode:?} {distribution:?}: {found}");
            }
        }
    }

    #[test]
    fn fixed_values_are_fixed() {
        assert_eq!(Initializer::Identity { gain: 2.0 }.values(&[2, 3]), [2.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
        for (kind, value) in [(Initializer::Zeros, 0.0), (Initializer::Ones, 1.0), (Initializer::Constant(0.25), 0.25)]
        {
            assert_eq!(kind.values(&[3]), [value; 3]);
        }
    }
}
