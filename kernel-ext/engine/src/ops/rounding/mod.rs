//! `floor`, `ceil`, `round`: to the whole number below, above, or nearest, of two equally near ones to the
//! even one, as NumPy; their gradients are 0.

use super::Operation;
use super::elementwise::{Unary, flat};

pub const OPERATIONS: &[&dyn Operation] = &[
    &Unary { name: "floor", function: f32::floor, gradient: flat },
    &Unary { name: "ceil", function: f32::ceil, gradient: flat },
    &Unary { name: "round", function: f32::round_ties_even, gradient: flat },
];

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;

    #[test]
    fn numbers_and_gradients() {
        check_function("floor", &[(1.5, 1.0), (-1.5, -2.0), (2.0, 2.0)], 0.0, 0.1..0.4);
        check_function("ceil", &[(1.5, 2.0), (-1.5, -1.0), (2.0, 2.0)], 0.0, 0.1..0.4);
        check_function("round", &[(0.5, 0.0), (1.5, 2.0), (-2.5, -2.0), (2.6, 3.0)], 0.0, 0.1..0.4);
    }
}
