//! `subtract`: `a - b`, with NumPy's broadcasting.

use super::{Operation, Value, affine, elementwise::Binary};
use crate::autodiff::Backward;

pub const OPERATIONS: &[&dyn Operation] =
    &[&Binary { name: "subtract", function: |a: f32, b: f32| a - b, gradient: Some(gradient) }];

fn gradient(backward: &mut Backward) -> [Value; 2] {
    let gradient = backward.output_gradient();
    [gradient, affine::emit(backward, gradient, -1.0, 0.0)]
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients_with_broadcasting() {
        let op = Op::new("subtract");
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let y = evaluate(&op, &[(&[2, 3], &a), (&[3], &[1.0, 2.0, 4.0])]);
        assert_eq!(y, a.iter().zip([1.0, 2.0, 4.0, 1.0, 2.0, 4.0]).map(|(a, b)| a - b).collect::<Vec<f32>>());
        for shapes in [[&[2, 3][..], &[2, 3]], [&[2, 3], &[3]], [&[2, 1], &[1, 4]], [&[3], &[2, 1, 3]]] {
            check_gradients(&op, &shapes);
        }
    }
}
