use crate::ops::infer_shape;
use crate::ops::testing::{assert_close, check_gradients_with, evaluate};
use engine_api::{Attr, Op, Philox, Shape};

fn op(fill_mode: &str, interpolation: &str) -> Op {
    Op::new("affine_transform")
        .with("fill_mode", Attr::Text(fill_mode.into()))
        .with("interpolation", Attr::Text(interpolation.into()))
        .with("fill_value", Attr::Float(2.5))
}

const NUMBERS: [f32; 6] = [0.8, -0.3, 0.4, 0.5, 0.9, -1.2];

/// The numbers are those of `keras.ops.image.affine_transform`, Keras 3.15.1 on JAX.
#[test]
fn numbers_of_keras() {
    let image: Vec<f32> = (1..=12).map(|number| number as f32).collect();
    for (fill_mode, interpolation, expected) in [
        ("constant", "bilinear", [2.5, 2.41, 2.9, 5.0, 1.52, 2.7, 5.5, 8.3, 3.22, 6.0, 8.8, 10.33]),
        ("constant", "nearest", [2.5, 2.5, 3.0, 4.0, 1.0, 2.0, 7.0, 8.0, 5.0, 6.0, 10.0, 11.0]),
        ("nearest", "bilinear", [1.4, 2.2, 3.0, 5.0, 1.1, 2.7, 5.5, 8.3, 3.4, 6.0, 8.8, 11.2]),
        ("nearest", "nearest", [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 7.0, 8.0, 5.0, 6.0, 10.0, 11.0]),
        ("reflect", "bilinear", [2.2, 2.2, 3.0, 5.0, 1.1, 2.7, 5.5, 8.3, 3.4, 6.0, 8.8, 11.2]),
        ("reflect", "nearest", [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 7.0, 8.0, 5.0, 6.0, 10.0, 11.0]),
        ("wrap", "bilinear", [8.6, 7.8, 4.6, 5.0, 3.5, 2.7, 5.5, 8.3, 4.0, 6.0, 8.8, 10.4]),
        ("wrap", "nearest", [9.0, 10.0, 3.0, 4.0, 1.0, 2.0, 7.0, 8.0, 5.0, 6.0, 10.0, 11.0]),
    ] {
        // Two images, of which the second stays as it is.
        let images = [image.clone(), image.clone()].concat();
        let numbers = [NUMBERS, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]].concat();
        let both = evaluate(&op(fill_mode, interpolation), &[(&[2, 3, 4, 1], &images), (&[2, 6], &numbers)]);
        assert_close(&both, &[expected.to_vec(), image.clone()].concat(), 2e-6);
    }
}

#[test]
fn gradients() {
    let mut random = Philox::new(5, 0);
    let image: Vec<f32> = (0..2 * 3 * 4 * 2).map(|_| random.normal()).collect();
    let numbers = [NUMBERS, [1.1, 0.2, -0.7, -0.1, 0.6, 0.9]].concat();
    for fill_mode in ["constant", "nearest", "reflect", "wrap"] {
        for name in ["affine_transform", "affine_transform_gradient"] {
            let op = Op { name: name.into(), ..op(fill_mode, "bilinear") };
            check_gradients_with(&op, &[(vec![2, 3, 4, 2], image.clone()), (vec![2, 6], numbers.clone())]);
        }
    }
}

#[test]
fn far_places_and_numbers_that_are_none() {
    let far =
        evaluate(&op("constant", "bilinear"), &[(&[1, 1, 1, 1], &[1.0]), (&[1, 6], &[1.0, 0.0, 1e30, 0.0, 1.0, 0.0])]);
    assert_eq!(far, [2.5]);
    let none = evaluate(&op("reflect", "bilinear"), &[(&[1, 1, 1, 1], &[1.0]), (&[1, 6], &[f32::NAN; 6])]);
    assert!(none[0].is_nan());
}

#[test]
fn shapes_and_faults() {
    let infer = |op: &Op, images: Shape, numbers: Shape| infer_shape(op, &[images, numbers], "test").is_ok();
    let images = Shape::batch_of(&[3, 4, 1]);
    assert!(infer(&op("wrap", "nearest"), images.clone(), Shape::batch_of(&[6])));
    assert!(!infer(&op("wrap", "nearest"), images.clone(), Shape::batch_of(&[8])));
    assert!(!infer(&op("wrap", "nearest"), Shape::batch_of(&[4, 1]), Shape::batch_of(&[6])));
    assert!(!infer(&op("mirror", "nearest"), images.clone(), Shape::batch_of(&[6])));
    assert!(!infer(&op("wrap", "cubic"), images, Shape::batch_of(&[6])));
}
