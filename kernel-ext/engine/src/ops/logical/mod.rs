//! `logical_and`, `logical_or`, `logical_not` of numbers of which all but 0 are true: 1 or 0, with NumPy's
//! broadcasting. No gradient flows through them.

use super::comparisons::number;
use super::elementwise::{Unary, flat};
use super::{Operation, broadcasting::Binary};

pub const OPERATIONS: &[&dyn Operation] = &[
    &Binary { name: "logical_and", function: |a: f32, b: f32| number((a != 0.0) & (b != 0.0)), gradient: None },
    &Binary { name: "logical_or", function: |a: f32, b: f32| number((a != 0.0) | (b != 0.0)), gradient: None },
    &Unary { name: "logical_not", function: |a: f32| number(a == 0.0), gradient: flat },
];

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_function, check_pairs};

    #[test]
    fn truth_tables() {
        let and = [(0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (2.0, 0.0, 0.0), (2.0, -1.0, 1.0)];
        check_pairs("logical_and", &and, 0.0, 0.5..2.0);
        let or = [(0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (2.0, 0.0, 1.0), (2.0, -1.0, 1.0)];
        check_pairs("logical_or", &or, 0.0, 0.5..2.0);
        check_function("logical_not", &[(0.0, 1.0), (1.0, 0.0), (-3.0, 0.0)], 0.0, 0.5..2.0);
    }
}
