//! In which range the options of optimizers must be.

/// A set of numbers, and how messages describe it.
#[derive(Clone, Copy)]
pub struct Range {
    pub text: &'static str,
    holds: fn(f64) -> bool,
}

impl Range {
    pub fn holds(self, value: f64) -> bool {
        (self.holds)(value)
    }
}

pub const ANY: Range = Range { text: "a number", holds: |_| true };
pub const NOT_NEGATIVE: Range = Range { text: "0 or more, finite", holds: |value| value >= 0.0 && value.is_finite() };
pub const NOT_POSITIVE: Range = Range { text: "0 or less, finite", holds: |value| value <= 0.0 && value.is_finite() };
pub const POSITIVE: Range = Range { text: "more than 0", holds: |value| value > 0.0 };
pub const UP_TO_1: Range = Range { text: "0 to 1", holds: |value| (0.0..=1.0).contains(&value) };
pub const BELOW_1: Range = Range { text: "0 or more, below 1", holds: |value| (0.0..1.0).contains(&value) };
