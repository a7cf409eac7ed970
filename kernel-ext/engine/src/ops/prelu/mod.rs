//! `prelu`: `x` where positive, else `alpha x`. Inputs: `x` and `alpha`, with NumPy's broadcasting.

use super::broadcasting::Binary;
use super::{Operation, Value, select};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Binary {
    name: "prelu",
    function: |x: f32, alpha: f32| if x > 0.0 { x } else { alpha * x },
    gradient: Some(gradient),
}];

fn gradient(backward: &mut Backward) -> [Value; 2] {
    let (x, alpha, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
    let (zero, one) = (select::emit_number(backward, 0.0), select::emit_number(backward, 1.0));
    let is_positive = backward.emit(Op::new("greater"), &[x, zero]);
    let slope = select::emit(backward, is_positive, one, alpha);
    let negative_part = backward.emit(Op::new("minimum"), &[x, zero]);
    [
        backward.emit(Op::new("multiply"), &[gradient, slope]),
        backward.emit(Op::new("multiply"), &[gradient, negative_part]),
    ]
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::check_pairs;

    #[test]
    fn numbers_and_gradients() {
        let cases = [(2.0, 0.5, 2.0), (-2.0, 0.5, -1.0), (0.0, 0.5, 0.0)];
        check_pairs("prelu", &cases, 0.0, 0.1..1.0);
        check_pairs("prelu", &cases, 0.0, -1.0..-0.1);
    }
}
