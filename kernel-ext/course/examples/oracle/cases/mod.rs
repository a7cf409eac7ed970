//! The kinds of cases, and whether what they compute is what Keras computed.

mod arrays;
mod compare;
mod fit;
mod layers;
mod losses;
mod optimizers;

use course::config::{Config, Json};
use course::prelude::Optimizer;
use serde_json::{Map, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a case computes, by the keys that must agree, or why it cannot be computed.
type Computed = Result<Map<String, Value>, String>;

/// A kind of case: how it is computed, and how far numbers may lie apart.
pub struct Kind {
    pub name: &'static str,
    compute: fn(&Value) -> Computed,
    tolerance: f64,
}

pub const KINDS: &[Kind] = &[
    Kind { name: "layers", compute: layers::compute, tolerance: 1e-5 },
    Kind { name: "optimizers", compute: optimizers::compute, tolerance: 1e-6 },
    Kind { name: "losses", compute: losses::compute, tolerance: 1e-5 },
    Kind { name: "metrics", compute: losses::compute_metric, tolerance: 1e-5 },
    Kind { name: "schedules", compute: optimizers::compute_schedule, tolerance: 1e-5 },
    Kind { name: "fit", compute: fit::compute, tolerance: 1e-4 },
];

impl Kind {
    /// What a case computes, if it can, and its largest error, or what is wrong.
    pub fn check(&self, case: &Value) -> (Option<Map<String, Value>>, Result<f64, String>) {
        let computed =
            catch_unwind(AssertUnwindSafe(|| (self.compute)(case))).unwrap_or_else(|panic| Err(text_of(&*panic)));
        match computed {
            Err(problem) => (None, Err(problem)),
            Ok(computed) => {
                let verdict = compare::largest_error(&computed, case)
                    .and_then(|error| if error <= self.tolerance { Ok(error) } else { Err(format!("{error:.2e}")) });
                (Some(computed), verdict)
            }
        }
    }
}

/// A description as the crate has it.
fn json(value: &Value) -> Result<Json, String> {
    course::config::parse(&value.to_string()).map_err(said)
}

/// What is wrong; names that mean nothing are what does not exist yet.
fn said(error: course::Error) -> String {
    if matches!(error, course::Error::Name { .. }) { format!("missing: {error}") } else { error.to_string() }
}

/// The optimizer of a description.
fn optimizer(description: &Value) -> Result<Optimizer, String> {
    let class_name = description["class_name"].as_str().unwrap_or_default();
    Optimizer::from_config(&Config::from_json(class_name, &json(&description["config"])?)).map_err(said)
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into())).unwrap_or_else(|| "it panicked".into())
}
