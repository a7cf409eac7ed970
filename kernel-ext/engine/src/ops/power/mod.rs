//! `power`: `a` to the power of `b`, with NumPy's broadcasting; NaN for negative numbers to the power of a
//! broken one.

use super::broadcasting::Binary;
use super::{Operation, Value, select};
use crate::autodiff::Backward;
use engine_api::Op;

pub const OPERATIONS: &[&dyn Operation] = &[&Binary { name: "power", function: f32::powf, gradient: Some(gradient) }];

fn gradient(backward: &mut Backward) -> [Value; 2] {
    let (a, b, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
    let (zero, one) = (select::emit_number(backward, 0.0), select::emit_number(backward, 1.0));
    // The slope is b a^(b - 1); for b = 0 the power is taken as 1 lest 0 meet infinity.
    let is_power = backward.emit(Op::new("not_equal"), &[b, zero]);
    let less = backward.emit(Op::new("subtract"), &[b, is_power]);
    let power = backward.emit(Op::new("power"), &[a, less]);
    let slope = backward.emit(Op::new("multiply"), &[power, b]);
    let to_a = backward.emit(Op::new("multiply"), &[gradient, slope]);
    // As in JAX, 0 to any power does not change with the power.
    let is_zero = backward.emit(Op::new("equal"), &[a, zero]);
    let base = select::emit(backward, is_zero, one, a);
    let log = backward.emit(Op::new("log"), &[base]);
    let slope = backward.emit(Op::new("multiply"), &[backward.output(), log]);
    [to_a, backward.emit(Op::new("multiply"), &[gradient, slope])]
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_pairs, gradient_at};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradients() {
        let cases = [(2.0, 3.0, 8.0), (4.0, -0.5, 0.5), (-2.0, 3.0, -8.0), (0.0, 0.0, 1.0), (-1.0, 0.5, f32::NAN)];
        check_pairs("power", &cases, 1e-6, 0.5..2.0);
    }

    #[test]
    fn gradients_at_zero_are_finite() {
        let inputs: [(&[usize], &[f32]); 2] = [(&[3], &[0.0, 0.0, 0.0]), (&[3], &[0.0, 1.0, 2.0])];
        assert_close(&gradient_at(&Op::new("power"), &inputs, 0), &[0.0, 1.0, 0.0], 0.0);
        assert_close(&gradient_at(&Op::new("power"), &inputs, 1), &[0.0, 0.0, 0.0], 0.0);
    }
}
