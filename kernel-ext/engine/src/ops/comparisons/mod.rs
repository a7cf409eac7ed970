//! `equal`, `not_equal`, `less`, `less_equal`, `greater`, `greater_equal`: 1 where it holds, else 0, with
//! NumPy's broadcasting. No gradient flows through them.

use super::{Operation, broadcasting::Binary};

pub const OPERATIONS: &[&dyn Operation] = &[
    &Binary { name: "equal", function: |a: f32, b: f32| number(a == b), gradient: None },
    &Binary { name: "not_equal", function: |a: f32, b: f32| number(a != b), gradient: None },
    &Binary { name: "less", function: |a: f32, b: f32| number(a < b), gradient: None },
    &Binary { name: "less_equal", function: |a: f32, b: f32| number(a <= b), gradient: None },
    &Binary { name: "greater", function: |a: f32, b: f32| number(a > b), gradient: None },
    &Binary { name: "greater_equal", function: |a: f32, b: f32| number(a >= b), gradient: None },
];

/// A truth value as the number 1 or 0.
#[inline(always)]
pub fn number(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_pairs;

    #[test]
    fn numbers_of_every_comparison() {
        let pairs = [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (f32::NAN, f32::NAN)];
        let cases = [
            ("equal", [0.0, 1.0, 0.0, 0.0]),
            ("not_equal", [1.0, 0.0, 1.0, 1.0]),
            ("less", [1.0, 0.0, 0.0, 0.0]),
            ("less_equal", [1.0, 1.0, 0.0, 0.0]),
            ("greater", [0.0, 0.0, 1.0, 0.0]),
            ("greater_equal", [0.0, 1.0, 1.0, 0.0]),
        ];
        for (name, expected) in cases {
            let triples: Vec<_> = pairs.iter().zip(expected).map(|(&(a, b), y)| (a, b, y)).collect();
            check_pairs(name, &triples, 0.0, 0.5..2.0);
        }
    }
}
