//! `max_pool1d`, `max_pool2d`, `average_pool1d`, `average_pool2d`: reduce windows of sequences (batch,
//! steps, channels) or images (batch, height, width, channels) to one number a channel.
//!
//! Attributes: `pool_size`, `strides`, `padding` (`valid` or `same`). What lies beyond the edges counts
//! for neither maxima nor means, as in TensorFlow.
//!
//! Their gradients are ops too: that of a maximum goes to the first of the largest numbers, that of a
//! mean is shared. Both are linear in what arrives, so each has the reverse as its own gradient:
//! `..._gradient` spreads numbers of windows over inputs, `max_pool..._pick` takes from an array what
//! lies where the maxima of another one are.

mod average;
mod max;
mod windows;

use super::Operation;

pub const OPERATIONS: &[&dyn Operation] = &[
    &max::Max { names: &max::SEQUENCES },
    &max::Max { names: &max::IMAGES },
    &max::Gradient { names: &max::SEQUENCES },
    &max::Gradient { names: &max::IMAGES },
    &max::Pick { names: &max::SEQUENCES },
    &max::Pick { names: &max::IMAGES },
    &average::Average { names: &average::SEQUENCES },
    &average::Average { names: &average::IMAGES },
    &average::Gradient { names: &average::SEQUENCES },
    &average::Gradient { names: &average::IMAGES },
];

#[cfg(test)]
mod tests {
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::{Attr, Op};

    fn pool(name: &str, size: &[i64], strides: &[i64], padding: &str) -> Op {
        Op::new(name)
            .with("pool_size", Attr::Ints(size.to_vec()))
            .with("strides", Attr::Ints(strides.to_vec()))
            .with("padding", Attr::Text(padding.into()))
    }

    #[test]
    fn numbers_by_hand() {
        let x: (&[usize], &[f32]) = (&[1, 3, 3, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        let cases: &[(&str, &str, &[f32])] = &[
            ("max_pool2d", "valid", &[5.0]),
            ("average_pool2d", "valid", &[3.0]),
            ("max_pool2d", "same", &[5.0, 6.0, 8.0, 9.0]),
            // Windows at the edges have two cells or one.
            ("average_pool2d", "same", &[3.0, 4.5, 7.5, 9.0]),
        ];
        for (name, padding, expected) in cases {
            assert_close(&evaluate(&pool(name, &[2, 2], &[2, 2], padding), &[x]), expected, 1e-6);
        }
        let negative: (&[usize], &[f32]) = (&[1, 2, 1], &[-3.0, -1.0]);
        assert_close(&evaluate(&pool("max_pool1d", &[3], &[1], "same"), &[negative]), &[-1.0, -1.0], 0.0);
    }

    #[test]
    fn the_first_of_equals_gets_the_gradient() {
        let op = pool("max_pool1d_gradient", &[2], &[2], "valid");
        let y = evaluate(&op, &[(&[1, 4, 1], &[5.0, 5.0, 1.0, 2.0]), (&[1, 2, 1], &[10.0, 20.0])]);
        assert_close(&y, &[10.0, 0.0, 0.0, 20.0], 0.0);
    }

    #[test]
    fn gradients_of_every_form() {
        for padding in ["valid", "same"] {
            check_gradients(&pool("average_pool2d", &[2, 3], &[2, 1], padding), &[&[2, 5, 4, 3]]);
            check_gradients(&pool("average_pool1d", &[3], &[2], padding), &[&[2, 7, 2]]);
            // So few numbers that no two are so near that a difference's step changes which is larger.
            check_gradients(&pool("max_pool2d", &[2, 2], &[1, 1], padding), &[&[1, 2, 3, 1]]);
            check_gradients(&pool("max_pool1d", &[2], &[1], padding), &[&[1, 4, 1]]);
        }
        let gradient = pool("average_pool1d_gradient", &[3], &[2], "same").with("size", Attr::Ints(vec![6]));
        check_gradients(&gradient, &[&[2, 3, 2]]);
    }
}
