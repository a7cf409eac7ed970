//! Graphs without layers: numbers and gradients.

use course::prelude::*;

#[test]
fn operators_take_tensors_and_numbers_in_either_order() {
    let x = placeholder(());
    let at = |tensor: Tensor| tensor.eval(&[(&x, &4.0)]).sum();
    assert_eq!(at(&x + 1.0), 5.0);
    assert_eq!(at(1.0 + &x), 5.0);
    assert_eq!(at(1.0 - &x), -3.0);
    assert_eq!(at(&x - 1.0), 3.0);
    assert_eq!(at(2.0 / &x), 0.5);
    assert_eq!(at(&x / 2.0), 2.0);
    assert_eq!(at(-&x), -4.0);
    assert_eq!(at(&x * &x - &x / 4.0 + 2.0 * x.sqrt()), 19.0);
    assert_eq!(at(x.power(&(&x / 2.0))), 16.0);
    assert_eq!(at(x.greater(&(&x - 1.0)) + x.less(&x) + x.equal(&x)), 2.0);
    assert_eq!(at(x.maximum(&(&x * 2.0)) - x.minimum(&(&x * 2.0))), 4.0);
}

#[test]
fn reductions_and_shapes() {
    let x = placeholder([2, 3]);
    let numbers = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    let at = |tensor: Tensor| tensor.eval(&[(&x, &numbers)]);
    assert_eq!(at(x.sum(&[])).into_raw_vec_and_offset().0, [21.0]);
    assert_eq!(at(x.mean(&[0])), array![2.5, 3.5, 4.5].into_dyn());
    assert_eq!(at(x.max(&[-1])), array![3.0, 6.0].into_dyn());
    assert_eq!(at(x.min(&[0]) + x.prod(&[0])), array![5.0, 12.0, 21.0].into_dyn());
    assert_eq!(at(x.transpose(&[1, 0]).dot(&x))[[2, 2]], 45.0);
    assert_eq!(at(x.reshape(&[3, 2])), array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]].into_dyn());
    let softmax = at(x.softmax());
    assert!((softmax.sum() - 2.0).abs() < 1e-6 && (softmax[[0, 2]] - 0.665_240_96).abs() < 1e-6);
}

/// The derivatives of the course's second lesson on graphs, at a million points.
#[test]
fn derivatives_at_many_points() {
    let x = placeholder(());
    let line = Array1::linspace(-10.0, 10.0, 1_000_000);
    let slope = &gradients(&(&x * 2.0), &[&x])[0];
    assert!(slope.eval(&[(&x, &line)]).iter().all(|&number| number == 2.0));
    let turn = Array1::linspace(-6.0, 6.0, 10_000);
    let slope = &gradients(&(2.0 * &x).sin(), &[&x])[0];
    let expected = turn.mapv(|x: f64| 2.0 * (2.0 * x).cos());
    let computed = slope.eval(&[(&x, &turn)]);
    let largest = computed.iter().zip(&expected).map(|(a, b)| (f64::from(*a) - b).abs());
    assert!(largest.fold(0.0, f64::max) < 1e-5);
    // And the derivative of the derivative.
    let second = &gradients(slope, &[&x])[0];
    assert!((second.eval(&[(&x, &0.3)]).sum() + 4.0 * 0.6_f32.sin()).abs() < 1e-5);
}

#[test]
fn own_losses_and_layers_are_made_of_the_same_functions() {
    let mut model = Sequential::new();
    model.add(Input::new([2]));
    model.add(Lambda::new(|x| x.square().sum(&[-1]).reshape(&[-1, 1]).sqrt()));
    model.compile(
        Sgd::new(0.1),
        Loss::new("log_cosh", |p, t| ((p - t).exp() + (t - p).exp()).log() - 2.0_f64.ln()),
        (),
    );
    let loss = model.evaluate(&array![[3.0, 4.0]], &array![[4.0]]).loss();
    assert!((loss - 1.0_f64.cosh().ln()).abs() < 1e-6, "{loss}");
}

#[test]
fn what_is_wrong_is_explained() {
    let (x, y) = (placeholder([2, 2]), placeholder([3]));
    let error = (&x * 2.0).try_eval(&[]).expect_err("no numbers").to_string();
    assert!(error.contains("has no numbers") && error.contains("hint: give them: `y.eval(&[(&x"), "{error}");
    let error = (&x * 2.0).try_eval(&[(&x, &array![1.0, 2.0])]).expect_err("another shape").to_string();
    assert!(error.contains("have another shape\n  expected: (2, 2)\n  received: (2,)"), "{error}");
    let sum = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| &x + &y))
        .expect_err("shapes that cannot be broadcast");
    let text = sum.downcast_ref::<String>().expect("a text");
    assert!(text.starts_with("add"), "{text}");
}
