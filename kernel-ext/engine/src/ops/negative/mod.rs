//! `negative`: `-x`.

use super::{Operation, Value, affine, elementwise::Unary};
use crate::autodiff::Backward;

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "negative", function: |x: f32| -x, gradient }];

fn gradient(backward: &mut Backward) -> Value {
    let gradient = backward.output_gradient();
    affine::emit(backward, gradient, -1.0, 0.0)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_function;

    #[test]
    fn numbers_and_gradient() {
        check_function("negative", &[(1.5, -1.5), (-2.0, 2.0)], 0.0, -1.0..1.0);
    }
}
