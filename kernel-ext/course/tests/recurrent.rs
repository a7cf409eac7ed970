//! What recurrent layers forget at random: the same in all steps of a sequence, as in Gal and Ghahramani, 2016.

use course::prelude::*;

/// What a layer gives in training, and what in use.
fn outputs(layer: &impl Layer, x: &Array3<f32>) -> [Array3<f32>; 2] {
    let input = Input::new([x.dim().1, x.dim().2]).tensor();
    let output = layer.call(&input);
    [true, false].map(|training| {
        let given = Function::new(&[&input], &[&output]).training(training).call(&[x]).remove(0);
        given.into_dimensionality().expect("a sequence for each sample")
    })
}

#[test]
fn all_steps_forget_the_same_of_their_inputs() {
    // Each output counts the features that are seen.
    let layer = SimpleRNN::new(1).activation("linear").kernel_initializer("ones").recurrent_initializer("zeros");
    let layer = layer.dropout(0.5).return_sequences(true).seed(3);
    let [training, used] = outputs(&layer, &Array3::ones((2, 5, 64)));
    assert!(used.iter().all(|&sum| sum == 64.0), "{used}");
    for sample in training.outer_iter() {
        assert!(sample.iter().all(|&sum| sum == sample[[0, 0]]), "{training}");
        assert!((30.0..100.0).contains(&sample[[0, 0]]) && sample[[0, 0]] % 2.0 == 0.0, "{training}");
    }
    assert_ne!(training[[0, 0, 0]], training[[1, 0, 0]], "each sequence forgets something else");
    // A frozen layer does in training what it does in use.
    layer.set_trainable(false);
    assert_eq!(outputs(&layer, &Array3::ones((1, 2, 64)))[0][[0, 1, 0]], 64.0);
}

#[test]
fn all_steps_forget_the_same_of_their_state() {
    // h ← 1 + m h, with m either 0 or 2 for all steps: 1, 1, 1 or 1, 3, 7.
    let layer = SimpleRNN::new(64).activation("linear").kernel_initializer("ones");
    let layer = layer.recurrent_initializer("identity").recurrent_dropout(0.5).return_sequences(true);
    let [training, used] = outputs(&layer, &Array3::ones((1, 3, 1)));
    assert!(used.slice(s![0, 2, ..]).iter().all(|&state| state == 3.0), "{used}");
    let kept: Vec<bool> = training.slice(s![0, 1, ..]).iter().map(|&state| state == 3.0).collect();
    assert!((16..48).contains(&kept.iter().filter(|&&kept| kept).count()), "{training}");
    for (unit, &kept) in kept.iter().enumerate() {
        let states = training.slice(s![0, .., unit]).to_vec();
        assert_eq!(states, if kept { [1.0, 3.0, 7.0] } else { [1.0, 1.0, 1.0] });
    }
}

#[test]
fn a_cell_forgets_as_its_layer_does() {
    let x = Array3::from_shape_fn((2, 4, 6), |(sample, step, feature)| (sample + 2 * step + feature) as f32 / 10.0);
    let layer = GRU::new(5).dropout(0.4).recurrent_dropout(0.4).seed(7).return_sequences(true);
    let with_cell = RNN::new(GRUCell::new(5).dropout(0.4).recurrent_dropout(0.4).seed(7)).return_sequences(true);
    let [_, used] = outputs(&layer, &x);
    outputs(&with_cell, &x);
    with_cell.set_weights(&layer.get_weights());
    let [training, used_by_cell] = outputs(&with_cell, &x);
    assert!((&used - &used_by_cell).iter().all(|difference| difference.abs() < 1e-6));
    assert!((&training - &used).iter().any(|difference| difference.abs() > 1e-2));
}

#[test]
#[should_panic(expected = "`recurrent_dropout` is the part that is dropped")]
fn a_layer_cannot_forget_all() {
    let _ = LSTM::new(2).recurrent_dropout(1.0);
}
