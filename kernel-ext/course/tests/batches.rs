//! Training on batches that are made on the way.

#![allow(clippy::unwrap_used, reason = "these helpers are tests as well")]

use course::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn model() -> Sequential {
    let mut model = Sequential::named("line");
    model.add(Input::new([1]));
    model.add(Dense::new(1).kernel_initializer("zeros"));
    model.compile(Sgd::new(0.05), "mse", ["mae"]);
    model
}

fn data() -> (Array2<f32>, Array2<f32>) {
    let x = Array2::from_shape_fn((20, 1), |(sample, _)| sample as f32 / 10.0 - 1.0);
    let y = x.mapv(|x| 3.0 * x - 1.0);
    (x, y)
}

/// The samples in batches of eight, the last one of four.
fn batches() -> Vec<(Array2<f32>, Array2<f32>)> {
    let (x, y) = data();
    let of = |array: &Array2<f32>, begin: usize| array.slice(s![begin..(begin + 8).min(20), ..]).to_owned();
    (0..20).step_by(8).map(|begin| (of(&x, begin), of(&y, begin))).collect()
}

#[test]
fn batches_train_as_the_array_that_they_make() {
    let (x, y) = data();
    let (mut whole, mut parts) = (model(), model());
    let options = || Fit::new().epochs(3).batch_size(8).shuffle(false).verbose(0);
    let expected = whole.fit(&x, &y, options().validation_data(&x, &y));
    let logs = parts.fit_batches(|_| batches(), options().validation_data(&x, &y));
    for key in ["loss", "mae", "val_loss", "val_mae"] {
        assert_eq!(logs[key], expected[key], "{key}");
    }
    assert_eq!(whole.get_weights(), parts.get_weights());
}

#[test]
fn endless_batches_end_with_the_steps_and_each_epoch_knows_its_number() {
    let mut epochs = Vec::new();
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = seen.clone();
    let mut model = model();
    let endless = |epoch: usize| {
        epochs.push(epoch);
        std::iter::repeat_with(data)
    };
    let mut counting = LambdaCallback::new().on_train_batch_end(move |_, _, _| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let options = Fit::new().initial_epoch(1).epochs(4).steps_per_epoch(5).verbose(0).callback(&mut counting);
    assert_eq!(model.fit_batches(endless, options).epoch(), [1, 2, 3]);
    assert_eq!((epochs, seen.load(Ordering::Relaxed)), (vec![1, 2, 3], 15));
}

#[test]
fn what_batches_cannot_do_is_said() {
    let options = || Fit::new().epochs(2).verbose(0);
    for (options, message) in [
        (
            options().steps_per_epoch(5),
            "fit_batches of model `line`: epoch 1 ran out of batches\n  expected: 2 more\n  received: none\n  hint: let the \
             iterator give as many batches as `steps_per_epoch` says, or leave that option out",
        ),
        (
            options().validation_split(0.5),
            "fit_batches of model `line`: `validation_split` needs all samples at once\n  hint: keep some batches and give \
             them as `validation_data`",
        ),
    ] {
        let error = model().try_fit_batches(|_| batches(), options).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let error = model().try_fit_batches(|_| batches().into_iter().filter(|_| true), options()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "fit_batches of model `line`: nobody knows how many batches an epoch has\n  hint: say it: \
         `Fit::new().steps_per_epoch(100)`"
    );
    let error = model().try_fit_batches(|_| Vec::<(Array2<f32>, Array2<f32>)>::new(), options()).unwrap_err();
    assert_eq!(error.to_string(), "fit_batches of model `line`: the first epoch has no batches");

    // A batch that does not fit is refused; what came before it has been learned, and the model goes on.
    let mut model = model();
    let before = model.get_weights();
    let wrong = |_| vec![data(), (Array2::zeros((4, 3)), Array2::zeros((4, 1)))];
    let error = model.try_fit_batches(wrong, options()).unwrap_err().to_string();
    assert!(error.starts_with("fit_batches of model `line`: axis 1 of `x of a batch` has another size"), "{error}");
    assert_ne!(model.get_weights(), before);
    assert_eq!(model.fit_batches(|_| batches(), options()).epoch(), [0, 1]);
}
