//! The same numbers as Keras: layers with their gradients, optimizers, losses, metrics, schedules, and
//! whole trainings.
//!
//! `tests/data/README.md` says where the numbers come from. Tolerances are
//! |a - b| <= tolerance · max(1, |b|): 1e-6 for optimizers, 1e-4 for trainings, 1e-5 for all else.

#![allow(clippy::unwrap_used, reason = "these helpers are tests as well")]

#[path = "../examples/oracle/cases/mod.rs"]
mod cases;

use cases::KINDS;
use serde_json::Value;

#[test]
fn every_case_of_every_kind() {
    let texts = [
        include_str!("data/layers.json"),
        include_str!("data/optimizers.json"),
        include_str!("data/losses.json"),
        include_str!("data/metrics.json"),
        include_str!("data/schedules.json"),
        include_str!("data/fit.json"),
    ];
    let mut problems = Vec::new();
    for (kind, text) in KINDS.iter().zip(texts) {
        for case in serde_json::from_str::<Vec<Value>>(text).unwrap() {
            if let (_, Err(problem)) = kind.check(&case) {
                problems.push(format!("{} {}: {problem}", kind.name, case["name"]));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A wrong number is found, wherever it stands.
#[test]
fn a_case_with_another_number_fails() {
    let mut case: Value = serde_json::from_str::<Vec<Value>>(include_str!("data/layers.json")).unwrap().remove(0);
    assert!(KINDS[0].check(&case).1.is_ok());
    case["grad_trainable"][1]["data"][0] = 100.0.into();
    assert_eq!(KINDS[0].check(&case).1, Err("1.00e0".into()), "the distance relative to 100");
}
