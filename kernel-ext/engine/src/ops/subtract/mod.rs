//! `subtract`: `a - b`, with NumPy's broadcasting.

use super::{Operation, Value, affine, broadcasting::Binary};
use crate::autodiff::Backward;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Binary { name: "subtract", function: |a: f32, b: f32| a - b, gradient: Some(gradient) }];

fn gradient(backward: &mut Backward) -> [Value; 2] {
    let gradient = backward.output_gradient();
    [gradient, affine::emit(backward, gradient, -1.0, 0.0)]
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_pairs;

    #[test]
    fn numbers_and_gradients_with_broadcasting() {
        check_pairs("subtract", &[(1.0, 2.0, -1.0), (4.0, -0.5, 4.5)], 0.0, 0.5..2.0);
    }
}
