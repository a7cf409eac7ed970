//! What an op's rule finds wrong, before anybody knows which layer asked.

use engine_api::{Error, Op, Shape};

/// A broken rule: what was expected and received, and the likely mend.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub message: String,
    pub hint: String,
}

impl Fault {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// The error that names who asked.
    pub fn at(self, label: &str, op: &Op) -> Error {
        let place = if label.is_empty() { format!("op `{}`", op.name) } else { label.to_string() };
        Error::Shape { place, message: self.message, hint: self.hint }
    }
}

/// Checks that an op received as many inputs as it takes.
pub fn expect_inputs(inputs: &[Shape], counts: std::ops::RangeInclusive<usize>) -> Result<(), Fault> {
    if counts.contains(&inputs.len()) {
        return Ok(());
    }
    let expected = if counts.start() == counts.end() {
        counts.start().to_string()
    } else {
        format!("{} to {}", counts.start(), counts.end())
    };
    Err(Fault::new(format!("expected {expected} inputs, received {}", inputs.len()), "check how the graph was built"))
}
