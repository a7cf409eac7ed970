//! `sign`: -1, 0 or 1, and NaN for NaN, as NumPy; its gradient is 0 everywhere.

use super::Operation;
use super::elementwise::{Unary, flat};

pub const OPERATIONS: &[&dyn Operation] = &[&Unary { name: "sign", function: sign, gradient: flat }];

fn sign(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::Op;

    #[test]
    fn numbers_and_gradient() {
        let y = evaluate(&Op::new("sign"), &[(&[4], &[-3.0, 0.0, -0.0, 0.5])]);
        assert_close(&y, &[-1.0, 0.0, 0.0, 1.0], 0.0);
        check_gradients(&Op::new("sign"), &[&[3, 5]]);
    }
}
