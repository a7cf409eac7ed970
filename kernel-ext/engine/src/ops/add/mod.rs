//! `add`: `a + b`, with NumPy's broadcasting.

use super::{Operation, Value, broadcasting::Binary};
use crate::autodiff::Backward;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Binary { name: "add", function: |a: f32, b: f32| a + b, gradient: Some(gradient) }];

fn gradient(backward: &mut Backward) -> [Value; 2] {
    [backward.output_gradient(); 2]
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_pairs;

    #[test]
    fn numbers_and_gradients_with_broadcasting() {
        check_pairs("add", &[(1.0, 2.0, 3.0), (4.0, -0.5, 3.5)], 0.0, 0.5..2.0);
    }
}
