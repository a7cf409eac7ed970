//! What is made of weights after each step of training, so that they stay in bounds.

use crate::config::{ConfigValue, object};
use crate::error::{Error, Report};
use crate::named::{NamedFunction, names_of};
use crate::{Result, Tensor, ops};
use engine_api::{Attr, Json, Op};
use std::sync::Arc;

/// Keeps weights in bounds: after each step of the optimizer they are replaced by what this makes of them.
///
/// With the norm n = √Σ w² along `axes`:
///
/// | name | what becomes of w |
/// | --- | --- |
/// | `"max_norm"` | w c / (n + 10⁻⁷), with c the norm cut off at `max_value` |
/// | `"min_max_norm"` | the same, with c = rate · n cut off on both sides + (1 - rate) n |
/// | `"unit_norm"` | w / (n + 10⁻⁷) |
/// | `"non_neg"` | max(w, 0) |
///
/// The norms are those along axis 0, of what leads to one unit of a dense layer. For the filters of a `Conv2D` give
/// `axes(&[0, 1, 2])`.
///
/// Source: `keras/src/constraints/constraints.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([2]));
/// model.add(Dense::new(1).kernel_initializer("ones").kernel_constraint(Constraint::max_norm(1.0)));
/// model.compile(Sgd::new(0.1), "mse", ());
/// // The residual is 3 + 4 - 5 = 2, the gradient (2 · 2 · 3, 2 · 2 · 4): (1, 1) goes to (-0.2, -0.6), shorter than 1.
/// model.train_on_batch(&array![[3.0, 4.0]], &array![[5.0]]);
/// let kernel = &model.get_weights()[0];
/// assert!((kernel[[0, 0]] + 0.2).abs() < 1e-6 && (kernel[[1, 0]] + 0.6).abs() < 1e-6);
/// // The next step is longer: what comes of it is brought back to the length 1.
/// model.train_on_batch(&array![[3.0, 4.0]], &array![[5.0]]);
/// let kernel = &model.get_weights()[0];
/// assert!((kernel.mapv(|w| w * w).sum() - 1.0).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    NonNeg,
    UnitNorm { axes: Vec<i64> },
    MaxNorm { max_value: f64, axes: Vec<i64> },
    MinMaxNorm { min_value: f64, max_value: f64, rate: f64, axes: Vec<i64> },
    Own(NamedFunction<Function>),
}

type Function = dyn Fn(&Tensor) -> Tensor + Send + Sync;

names_of! {
    Constraint, "constraint" {
        "non_neg" | "nonneg" => Constraint::non_neg(),
        "max_norm" | "maxnorm" => Constraint::max_norm(2.0),
        "unit_norm" | "unitnorm" => Constraint::unit_norm(),
        "min_max_norm" | "minmaxnorm" => Constraint::min_max_norm(0.0, 1.0),
    }
}

/// What keeps a division by a norm finite.
const EPSILON: f64 = 1e-7;

impl Constraint {
    /// No weight is below 0.
    pub fn non_neg() -> Self {
        Self(Kind::NonNeg)
    }

    /// The weights of each unit have the norm 1.
    pub fn unit_norm() -> Self {
        Self(Kind::UnitNorm { axes: vec![0] })
    }

    /// The weights of each unit have at most this norm.
    pub fn max_norm(max_value: f64) -> Self {
        Self(Kind::MaxNorm { max_value, axes: vec![0] })
    }

    /// The weights of each unit have a norm between these.
    pub fn min_max_norm(min_value: f64, max_value: f64) -> Self {
        Self(Kind::MinMaxNorm { min_value, max_value, rate: 1.0, axes: vec![0] })
    }

    /// A constraint of one's own: what becomes of a weight, in the same shape.
    ///
    /// ```
    /// use course::prelude::*;
    /// let bound = Constraint::new("at_most_one", |w| w.clip(f64::NEG_INFINITY, 1.0));
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Dense::new(1).kernel_initializer("zeros").kernel_constraint(bound));
    /// model.compile(Sgd::new(1.0), "mse", ());
    /// model.train_on_batch(&array![[1.0]], &array![[5.0]]);
    /// assert_eq!(model.get_weights()[0][[0, 0]], 1.0);
    /// ```
    pub fn new(name: &str, function: impl Fn(&Tensor) -> Tensor + Send + Sync + 'static) -> Self {
        Self(Kind::Own(NamedFunction { name: name.into(), function: Arc::new(function) }))
    }

    /// Along which axes norms are taken, for constraints of norms.
    #[must_use]
    pub fn axes(mut self, along: &[i64]) -> Self {
        if let Kind::UnitNorm { axes } | Kind::MaxNorm { axes, .. } | Kind::MinMaxNorm { axes, .. } = &mut self.0 {
            *axes = along.to_vec();
        }
        self
    }

    /// How much of the way into the bounds is gone after each step, for `min_max_norm`.
    #[must_use]
    pub fn rate(mut self, part: f64) -> Self {
        if let Kind::MinMaxNorm { rate, .. } = &mut self.0 {
            *rate = part;
        }
        self
    }

    /// What becomes of a weight.
    ///
    /// # Errors
    /// When the weight has no such axes, or a function of the user's own changes the shape.
    pub(crate) fn apply(&self, weight: &Tensor) -> Result<Tensor> {
        let name = weight.label();
        match &self.0 {
            Kind::NonNeg => ops::unary("relu", weight, name),
            Kind::UnitNorm { axes } => scaled(weight, axes, |_| ops::number(1.0, name)),
            Kind::MaxNorm { max_value, axes } => scaled(weight, axes, |norm| clipped(norm, 0.0, *max_value)),
            Kind::MinMaxNorm { min_value, max_value, rate, axes } => scaled(weight, axes, |norm| {
                let inside = ops::affine(&clipped(norm, *min_value, *max_value)?, *rate, 0.0, name)?;
                ops::binary("add", &inside, &ops::affine(norm, 1.0 - rate, 0.0, name)?, name)
            }),
            Kind::Own(own) => {
                let made = (own.function)(weight);
                if made.shape() == weight.shape() {
                    return Ok(made);
                }
                let report = Report::new(format!("`{}`", own.name), "a constraint must leave a weight its shape");
                Err(Error::shape(report.expected(weight.shape(), made.shape())))
            }
        }
    }
}

/// A weight, scaled to the norm that is wanted in the place of its own.
fn scaled(weight: &Tensor, axes: &[i64], wanted: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let name = weight.label();
    let squares = ops::reduce("sum", &ops::unary("square", weight, name)?, axes, true, name)?;
    let norm = ops::unary("sqrt", &squares, name)?;
    let factor = ops::binary("divide", &wanted(&norm)?, &ops::affine(&norm, 1.0, EPSILON, name)?, name)?;
    ops::binary("multiply", weight, &factor, name)
}

fn clipped(norm: &Tensor, min: f64, max: f64) -> Result<Tensor> {
    let op = Op::new("clip").with("min", Attr::Float(min)).with("max", Attr::Float(max));
    Tensor::apply(op, &[norm], norm.label())
}

impl ConfigValue for Constraint {
    const EXPECTED: &'static str = "a constraint: NonNeg, UnitNorm, MaxNorm or MinMaxNorm";

    fn to_json(&self) -> Json {
        // A single axis is a number in Keras.
        let along = |axes: &[i64]| if let &[axis] = axes { axis.into() } else { axes.to_vec().to_json() };
        let (class_name, options): (&str, Vec<(&str, Json)>) = match &self.0 {
            Kind::NonNeg => ("NonNeg", Vec::new()),
            Kind::UnitNorm { axes } => ("UnitNorm", vec![("axis", along(axes))]),
            Kind::MaxNorm { max_value, axes } => {
                ("MaxNorm", vec![("max_value", (*max_value).into()), ("axis", along(axes))])
            }
            Kind::MinMaxNorm { min_value, max_value, rate, axes } => {
                let [min_value, max_value, rate] = [*min_value, *max_value, *rate].map(Json::from);
                let options = vec![("min_value", min_value), ("max_value", max_value), ("rate", rate)];
                ("MinMaxNorm", [options, vec![("axis", along(axes))]].concat())
            }
            Kind::Own(own) => return own.name.as_str().into(),
        };
        object("keras.constraints", class_name, Json::object(options))
    }

    fn from_json(json: &Json) -> Option<Self> {
        if let Some(name) = json.as_str() {
            return name.parse().ok();
        }
        let config = &json["config"];
        let number = |option: &str, usual: f64| config[option].as_f64().unwrap_or(usual);
        let constraint = match json["class_name"].as_str()? {
            "NonNeg" => Self::non_neg(),
            "UnitNorm" => Self::unit_norm(),
            "MaxNorm" => Self::max_norm(number("max_value", 2.0)),
            "MinMaxNorm" => {
                Self::min_max_norm(number("min_value", 0.0), number("max_value", 1.0)).rate(number("rate", 1.0))
            }
            _ => return None,
        };
        Some(match Vec::from_json(&config["axis"]) {
            Some(axes) => constraint.axes(&axes),
            None => constraint,
        })
    }
}
