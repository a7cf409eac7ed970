//! Losses as formulas of symbolic tensors, which can be differentiated as often as one likes.
//!
//! Source of all: `keras/src/losses/losses.py`.

use super::{EPSILON, LABEL, Loss, LossKind};
use crate::{Result, Tensor, ops};
use engine_api::{Attr, Op};

/// What a formula computes with: targets t and predictions p of one shape.
pub struct Pair {
    pub t: Tensor,
    pub p: Tensor,
}

/// The arithmetic of formulas. Each is an op of the engine.
fn unary(name: &str, x: &Tensor) -> Result<Tensor> {
    ops::unary(name, x, LABEL)
}

fn binary(name: &str, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    ops::binary(name, a, b, LABEL)
}

/// scale x + shift
fn affine(x: &Tensor, scale: f64, shift: f64) -> Result<Tensor> {
    ops::affine(x, scale, shift, LABEL)
}

fn at_least(x: &Tensor, least: f64) -> Result<Tensor> {
    Tensor::apply(Op::new("clip").with("min", Attr::Float(least)), &[x], LABEL)
}

fn between(x: &Tensor, least: f64, most: f64) -> Result<Tensor> {
    let op = Op::new("clip").with("min", Attr::Float(least)).with("max", Attr::Float(most));
    Tensor::apply(op, &[x], LABEL)
}

fn choose(condition: &Tensor, yes: &Tensor, no: &Tensor) -> Result<Tensor> {
    Tensor::apply(Op::new("where"), &[condition, yes, no], LABEL)
}

/// A reduction over the last axis, or of a row of single numbers over nothing.
fn over_last(name: &str, x: &Tensor, keepdims: bool) -> Result<Tensor> {
    if x.shape().rank() < 2 { Ok(x.clone()) } else { ops::reduce(name, x, &[-1], keepdims, LABEL) }
}

fn mean(x: &Tensor) -> Result<Tensor> {
    over_last("mean", x, false)
}

fn sum(x: &Tensor) -> Result<Tensor> {
    over_last("sum", x, false)
}

impl Pair {
    /// p - t
    fn error(&self) -> Result<Tensor> {
        binary("subtract", &self.p, &self.t)
    }

    /// 100 mean(|p - t| / max(|t|, ε))
    pub fn mean_absolute_percentage_error(&self) -> Result<Tensor> {
        let size = at_least(&unary("abs", &self.t)?, EPSILON)?;
        affine(&mean(&binary("divide", &unary("abs", &self.error()?)?, &size)?)?, 100.0, 0.0)
    }

    /// mean((ln(max(p, ε) + 1) - ln(max(t, ε) + 1))²)
    pub fn mean_squared_logarithmic_error(&self) -> Result<Tensor> {
        let log = |x: &Tensor| unary("log1p", &at_least(x, EPSILON)?);
        mean(&unary("square", &binary("subtract", &log(&self.p)?, &log(&self.t)?)?)?)
    }

    /// mean(e² / 2 where |e| ≤ δ, else δ |e| - δ² / 2)
    pub fn huber(&self, delta: f64) -> Result<Tensor> {
        let error = self.error()?;
        let size = unary("abs", &error)?;
        let near = affine(&unary("square", &error)?, 0.5, 0.0)?;
        let far = affine(&size, delta, -0.5 * delta * delta)?;
        let is_near = binary("less_equal", &affine(&size, 1.0, -delta)?, &affine(&size, 0.0, 0.0)?)?;
        mean(&choose(&is_near, &near, &far)?)
    }

    /// mean(ln(cosh(e))) = mean(e + softplus(-2e) - ln 2)
    pub fn log_cosh(&self) -> Result<Tensor> {
        let error = self.error()?;
        let rest = affine(&unary("softplus", &affine(&error, -2.0, 0.0)?)?, 1.0, -std::f64::consts::LN_2)?;
        mean(&binary("add", &error, &rest)?)
    }

    /// mean(p - t ln(p + ε))
    pub fn poisson(&self) -> Result<Tensor> {
        let log = unary("log", &affine(&self.p, 1.0, EPSILON)?)?;
        mean(&binary("subtract", &self.p, &binary("multiply", &self.t, &log)?)?)
    }

    /// Σ t ln(t / p) with both between ε and 1.
    pub fn kl_divergence(&self) -> Result<Tensor> {
        let (t, p) = (between(&self.t, EPSILON, 1.0)?, between(&self.p, EPSILON, 1.0)?);
        sum(&binary("multiply", &t, &unary("log", &binary("divide", &t, &p)?)?)?)
    }

    /// max(1 - t p, 0), where targets that are all 0 or 1 count as -1 or 1.
    fn missing(&self) -> Result<Tensor> {
        let is = |value: f64| {
            let distance = affine(&self.t, 1.0, -value)?;
            binary("equal", &distance, &affine(&distance, 0.0, 0.0)?)
        };
        let either = binary("logical_or", &is(0.0)?, &is(1.0)?)?;
        let t = choose(&unary("min", &either)?, &affine(&self.t, 2.0, -1.0)?, &self.t)?;
        at_least(&affine(&binary("multiply", &t, &self.p)?, -1.0, 1.0)?, 0.0)
    }

    /// The mean of max(1 - t p, 0).
    pub fn hinge(&self) -> Result<Tensor> {
        mean(&self.missing()?)
    }

    /// The mean of max(1 - t p, 0)².
    pub fn squared_hinge(&self) -> Result<Tensor> {
        mean(&unary("square", &self.missing()?)?)
    }

    /// max(max((1 - t) p) - Σ t p + 1, 0)
    pub fn categorical_hinge(&self) -> Result<Tensor> {
        let right = sum(&binary("multiply", &self.t, &self.p)?)?;
        let wrong = over_last("max", &binary("multiply", &affine(&self.t, -1.0, 1.0)?, &self.p)?, false)?;
        at_least(&affine(&binary("subtract", &wrong, &right)?, 1.0, 1.0)?, 0.0)
    }

    /// -Σ t p / (|t| |p|)
    pub fn cosine_similarity(&self) -> Result<Tensor> {
        let unit = |x: &Tensor| {
            let length = unary("rsqrt", &over_last("sum", &unary("square", x)?, true)?)?;
            let length = Tensor::apply(Op::new("clip").with("max", Attr::Float(1.0 / EPSILON)), &[&length], LABEL)?;
            binary("multiply", x, &length)
        };
        affine(&sum(&binary("multiply", &unit(&self.t)?, &unit(&self.p)?)?)?, -1.0, 0.0)
    }

    /// The mean of (1 - q)^γ times the cross-entropy, where q is the probability of the right answer.
    pub fn binary_focal_crossentropy(&self, loss: &Loss) -> Result<Tensor> {
        let p = if loss.options.from_logits { unary("sigmoid", &self.p)? } else { self.p.clone() };
        let p = between(&p, EPSILON, 1.0 - EPSILON)?;
        let (not_t, not_p) = (affine(&self.t, -1.0, 1.0)?, affine(&p, -1.0, 1.0)?);
        let pick =
            |a: &Tensor, b: &Tensor| binary("add", &binary("multiply", &self.t, a)?, &binary("multiply", &not_t, b)?);
        let crossentropy = affine(&pick(&unary("log", &p)?, &unary("log", &not_p)?)?, -1.0, 0.0)?;
        let doubt = affine(&pick(&p, &not_p)?, -1.0, 1.0)?;
        let focal = binary("multiply", &power(&doubt, loss.options.gamma)?, &crossentropy)?;
        if !loss.options.apply_class_balancing {
            return mean(&focal);
        }
        // α of class 1, and 1 - α of class 0.
        let alpha = loss.alpha_or_usual();
        let weight = affine(&self.t, 2.0 * alpha - 1.0, 1.0 - alpha)?;
        mean(&binary("multiply", &weight, &focal)?)
    }

    /// Σ α (1 - p)^γ times the cross-entropy of each class.
    pub fn categorical_focal_crossentropy(&self, loss: &Loss) -> Result<Tensor> {
        let p = if loss.options.from_logits {
            unary("softmax", &self.p)?
        } else {
            binary("divide", &self.p, &over_last("sum", &self.p, true)?)?
        };
        let p = between(&p, EPSILON, 1.0 - EPSILON)?;
        let crossentropy = affine(&binary("multiply", &self.t, &unary("log", &p)?)?, -1.0, 0.0)?;
        let doubt = affine(&power(&affine(&p, -1.0, 1.0)?, loss.options.gamma)?, loss.alpha_or_usual(), 0.0)?;
        sum(&binary("multiply", &doubt, &crossentropy)?)
    }

    /// 1 - Σ t p / (Σ t p + α Σ t (1 - p) + β Σ (1 - t) p + ε), with sums over these axes, or over all. Samples whose
    /// sums are one have that one's loss.
    pub fn tversky(&self, axes: Option<&[i64]>, alpha: f64, beta: f64) -> Result<Tensor> {
        let all: Vec<i64> = (0..self.p.shape().rank() as i64).collect();
        let sum = |x: &Tensor| ops::reduce("sum", x, axes.unwrap_or(&all), true, LABEL);
        let both = sum(&binary("multiply", &self.t, &self.p)?)?;
        let missed = binary("subtract", &sum(&self.t)?, &both)?;
        let too_much = binary("subtract", &sum(&self.p)?, &both)?;
        let wrong = binary("add", &affine(&missed, alpha, 0.0)?, &affine(&too_much, beta, EPSILON)?)?;
        let index = binary("divide", &both, &binary("add", &both, &wrong)?)?;
        let values = ops::mean_of_samples(&affine(&index, -1.0, 1.0)?, LABEL)?;
        binary("add", &values, &affine(&ops::mean_of_samples(&self.p, LABEL)?, 0.0, 0.0)?)
    }
}

/// The cross-entropy of the class that each place names: the mean over the places of each sample, where those of
/// one class are 0. A number that is no class makes the loss infinite.
pub fn of_other_classes(class: i64, prediction: &Tensor, target: &Tensor, from_logits: bool) -> Result<Tensor> {
    let has_axis = prediction.shape().rank() > 1 && target.shape().rank() == prediction.shape().rank();
    let target = if has_axis { over_last("max", target, false)? } else { target.clone() };
    let counts = differs(&target, class)?;
    let named = binary("multiply", &one_hot(&target, prediction)?, &ops::expand_dims(&counts, -1, LABEL)?)?;
    let name = LossKind::CategoricalCrossentropy.name();
    let values = ops::crossentropy(name, &named, prediction, from_logits, LABEL)?;
    let nameless = ops::mean_of_samples(&binary("subtract", &counts, &sum(&named)?)?, LABEL)?;
    binary("divide", &values, &binary("equal", &nameless, &ops::number(0.0, LABEL)?)?)
}

/// 1 at the class that a target names, on a new last axis.
fn one_hot(target: &Tensor, prediction: &Tensor) -> Result<Tensor> {
    let classes = prediction.shape().0.last().copied().flatten().unwrap_or(1);
    ops::one_hot(target, classes, LABEL)
}

/// 1 where a target is not this number, else 0.
pub fn differs(target: &Tensor, number: i64) -> Result<Tensor> {
    binary("not_equal", target, &ops::number(number as f64, LABEL)?)
}

/// (1 - p^q) / q of the class that each place names.
pub fn generalized(prediction: &Tensor, target: &Tensor, q: f64) -> Result<Tensor> {
    let t = one_hot(target, prediction)?;
    ops::compare(LossKind::MeanSquaredError.name(), &t, prediction, LABEL)?;
    let p = sum(&binary("multiply", &t, prediction)?)?;
    affine(&power(&p, q)?, -1.0 / q, 1.0 / q)
}

fn power(x: &Tensor, exponent: f64) -> Result<Tensor> {
    if exponent == 2.0 { unary("square", x) } else { binary("power", x, &affine(x, 0.0, exponent)?) }
}
