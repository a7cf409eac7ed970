//! What is said about wrong use: the whole text, and that everything stays usable afterwards.

#![allow(clippy::unwrap_used, reason = "these helpers are tests as well")]

use course::prelude::*;
use course::{Arrays, Error};

/// A model for images with ten classes.
fn perceptron() -> Sequential {
    let mut model = Sequential::named("perceptron");
    model.add(Input::new([28, 28, 1]));
    model.add(Flatten::new().named("flatten"));
    model.add(Dense::new(10).activation("softmax").named("scores"));
    model
}

fn compiled() -> Sequential {
    let mut model = perceptron();
    model.compile(Sgd::new(0.01), "categorical_crossentropy", ["accuracy"]);
    model
}

fn images(samples: usize) -> Array4<f32> {
    Array4::zeros((samples, 28, 28, 1))
}

fn targets(samples: usize) -> Array2<f32> {
    to_categorical(&vec![3_u8; samples], 10)
}

/// The error of a `fit` on these arrays, after which a right `fit` must work.
fn fit_error(x: &dyn Arrays, y: &dyn Arrays, options: Fit) -> Error {
    let mut model = compiled();
    let error = model.try_fit(x, y, options.verbose(0)).unwrap_err();
    assert_eq!(model.fit(&images(4), &targets(4), Fit::new().verbose(0)).epoch(), [0]);
    error
}

#[track_caller]
fn check(error: Error, text: &str) {
    assert_eq!(error.to_string(), text);
}

#[test]
fn arrays_that_do_not_fit() {
    let (x, y) = (images(4), targets(4));
    let mut spoiled = images(4);
    spoiled[[2, 3, 4, 0]] = f32::NAN;
    for (error, text) in [
        (
            fit_error(&Array3::<u8>::zeros((4, 28, 28)), &y, Fit::new()),
            "fit of model `perceptron`: `x` has another number of axes than the model's input \
             (before layer `flatten` (Flatten), number 1 of `perceptron`)\
             \n  expected: (None, 28, 28, 1)\n  received: (None, 28, 28)\
             \n  hint: add the channel axis: `x.insert_axis(Axis(3))`",
        ),
        (
            fit_error(&Array4::<u8>::zeros((4, 28, 27, 1)), &y, Fit::new()),
            "fit of model `perceptron`: axis 2 of `x` has another size than the model's input \
             (before layer `flatten` (Flatten), number 1 of `perceptron`)\
             \n  expected: (None, 28, 28, 1)\n  received: (None, 28, 27, 1)\
             \n  hint: give `Input::new` the shape of one sample of `x`, or reshape the array",
        ),
        (
            fit_error(&x, &targets(3), Fit::new()),
            "fit of model `perceptron`: `x` and `y` hold different numbers of samples\
             \n  expected: 4 samples, as in `x`\n  received: 3 in `y`\
             \n  hint: each sample needs its part in every array: cut all at the same place",
        ),
        (
            fit_error(&x, &to_categorical(&[0_u8; 4], 9), Fit::new()),
            "fit of model `perceptron`: `y` does not have the shape of the targets for loss `categorical_crossentropy`\
             \n  expected: (None, 10)\n  received: (None, 9)\
             \n  hint: axis -1: the last layer has 10 outputs and each target 9 numbers",
        ),
        (
            fit_error(&x, &[3_u8; 4], Fit::new()),
            "fit of model `perceptron`: `y` does not have the shape of the targets for loss `categorical_crossentropy`\
             \n  expected: (None, 10)\n  received: (None,)\
             \n  hint: use `to_categorical(&y, 10)`, or the loss `sparse_categorical_crossentropy`",
        ),
        (
            fit_error(&spoiled, &y, Fit::new()),
            "fit of model `perceptron`: `x` holds NaN at index [2, 3, 4, 0]\
             \n  hint: drop or fill such samples first; `x.iter().filter(|v| !v.is_finite()).count()` counts them",
        ),
        (
            fit_error(&images(0), &targets(0), Fit::new()),
            "fit of model `perceptron`: `x` holds no samples\
             \n  expected: at least one sample\n  received: (0, 28, 28, 1)",
        ),
        (
            fit_error(&x, &y, Fit::new().validation_data(&x, &targets(3))),
            "fit of model `perceptron`: `x of validation_data` and `y of validation_data` hold different numbers of \
             samples\n  expected: 4 samples, as in `x of validation_data`\
             \n  received: 3 in `y of validation_data`\
             \n  hint: each sample needs its part in every array: cut all at the same place",
        ),
    ] {
        check(error, text);
    }
}

#[test]
fn options_out_of_range() {
    let (x, y) = (images(4), targets(4));
    let place = "fit of model `perceptron`:";
    for (options, text) in [
        (Fit::new().batch_size(0), "`batch_size` is out of range\n  expected: 1 or more\n  received: 0"),
        (Fit::new().epochs(0), "`epochs` is out of range\n  expected: 1 or more\n  received: 0"),
        (
            Fit::new().epochs(3).initial_epoch(3),
            "`initial_epoch` is out of range\n  expected: less than `epochs`, which is 3\n  received: 3",
        ),
        (
            Fit::new().validation_split(1.0),
            "`validation_split` is out of range\n  expected: a share from 0 to below 1\n  received: 1",
        ),
        (
            Fit::new().validation_split(0.9999),
            "`validation_split` 0.9999 leaves one side empty\n  expected: at least one sample on each side\
             \n  received: 4\n  hint: give more samples, or use `validation_data`",
        ),
    ] {
        check(fit_error(&x, &y, options), &format!("{place} {text}"));
    }
}

#[test]
fn calls_in_the_wrong_order() {
    let mut model = perceptron();
    let hint = "\n  hint: call `model.compile(Sgd::new(0.01), \"categorical_crossentropy\", [\"accuracy\"])` first";
    let problem = "the model has not been compiled: it knows no optimizer and no loss yet";
    let error = model.try_fit(&images(4), &targets(4), Fit::new()).unwrap_err();
    check(error, &format!("fit of model `perceptron`: {problem}{hint}"));
    let error = model.try_evaluate(&images(4), &targets(4)).unwrap_err();
    check(error, &format!("evaluate of model `perceptron`: {problem}{hint}"));
    assert_eq!(model.predict(&images(4)).shape(), [4, 10], "predicting needs no `compile`");

    let error = Sequential::named("empty").try_predict(&images(1)).unwrap_err();
    let text = "model `empty`: it has no layers yet\n  hint: add some, such as `model.add(Dense::new(10))`";
    check(error, text);
    let error = model.try_add(Input::new([3])).unwrap_err();
    let text = "model `perceptron`: the input must come first\
                \n  hint: make a new model and add the input before the layers";
    check(error, text);
}

#[test]
fn weights_of_samples_that_cannot_be() {
    let error = |options: Fit| fit_error(&images(4), &targets(4), options);
    check(
        error(Fit::new().sample_weight(&vec![1.0; 3])),
        "fit of model `perceptron`: `sample_weight` must have one number a sample\n  expected: (4,)\n  received: (3,)",
    );
    check(
        error(Fit::new().sample_weight(&vec![1.0; 4]).class_weight(&[(0, 2.0)])),
        "fit of model `perceptron`: `sample_weight` and `class_weight` cannot be given together\n  \
         hint: multiply each sample's weight by that of its class, and give the product",
    );
}

#[test]
fn names_that_mean_nothing() {
    let cases: [(Error, &str, &str); 6] = [
        (
            "rleu".parse::<Activation>().unwrap_err(),
            "activation function",
            "relu, elu, selu, gelu, relu6, celu, glu, silu and 23 more\n  hint: did you mean \"relu\"?",
        ),
        (
            "mxe".parse::<Loss>().unwrap_err(),
            "loss",
            "mse, mae, bce, mape, msle, kld, dice, huber and 18 more\n  hint: did you mean \"mse\"?",
        ),
        (
            "acuracy".parse::<Metric>().unwrap_err(),
            "metric",
            "accuracy, acc, auc, tversky, recall, iou, bce, mae and 47 more\n  hint: did you mean \"accuracy\"?",
        ),
        (
            "adm".parse::<Optimizer>().unwrap_err(),
            "optimizer",
            "sgd, adam, adamw, rmsprop, nadam, adamax, adagrad, adadelta, lion, ftrl\n  hint: did you mean \"adam\"?",
        ),
        (
            "glorot".parse::<Initializer>().unwrap_err(),
            "initializer",
            "glorot_uniform, glorot_normal, zeros, zero, normal, ones, one, uniform and 10 more\n  hint: did you mean \"glorot_uniform\"?",
        ),
        ("tru".parse::<course::Fan>().unwrap_err(), "fan", "fan_in, fan_out, fan_avg"),
    ];
    for (error, kind, known) in cases {
        let given = error.to_string().split('`').nth(1).unwrap().to_string();
        check(error, &format!("`{given}` is not the name of a known {kind}\n  known: {known}"));
    }
    assert_eq!(Activation::NAMES[..4], ["linear", "relu", "sigmoid", "tanh"]);
}

#[test]
fn layers_that_do_not_fit() {
    let mut model = perceptron();
    let error = model.try_add(Reshape::new([5, 5]).named("square")).unwrap_err();
    assert!(error.to_string().starts_with("layer `square` (Reshape), number 3 of `perceptron`: "), "{error}");
    assert_eq!(model.layers().len(), 2, "a layer that does not fit is not added");

    let shared = Dense::new(3).named("shared");
    let _ = shared.call(&Input::new([4]).tensor());
    let error = shared.try_call(&Input::new([5]).tensor()).unwrap_err();
    let text = "layer `shared` (Dense): axis -1 of the input has another size than the kernel\
                \n  expected: (None, ..., 4)\n  received: (None, 5)\
                \n  hint: a layer keeps the kernel of its first call; make a new layer for inputs of another size";
    check(error, text);
}

#[test]
fn weights_that_do_not_fit() {
    let mut model = perceptron();
    let before = model.get_weights();
    let error = model.try_set_weights(&before[..1]).unwrap_err();
    let text = "model `perceptron`: there is not one array for each weight\
                \n  expected: 2 (scores/kernel, scores/bias)\n  received: 1\
                \n  hint: `get_weights()` shows number, order and shapes; a layer has weights once it has been called";
    check(error, text);
    let turned = [before[0].clone(), before[0].clone()];
    let error = model.layer("scores").try_set_weights(&turned).unwrap_err();
    let text = "layer `scores` (Dense), number 2 of `perceptron`: the values for `scores/bias` have another shape\
                \n  expected: (10,)\n  received: (784, 10)\n  hint: `get_weights()` shows the order and the shapes";
    check(error, text);
    assert_eq!(model.get_weights(), before, "a wrong list changes nothing");
}

#[test]
fn class_numbers_that_are_no_class() {
    let mut model = perceptron();
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"]);
    let error = model.try_fit(&images(2), &[3_u8, 10], Fit::new()).unwrap_err();
    let text = "fit of model `perceptron`: `y` holds a label that is no class (sample 1)\
                \n  expected: whole numbers from 0 to 9\n  received: 10\
                \n  hint: the last layer needs as many units as there are classes";
    check(error, text);
}

/// The message with which a cell panics.
fn panic_text<T>(cell: impl FnOnce() -> T + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(cell).err().expect("the cell panics");
    panic.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn pictures_that_cannot_be() {
    let stack = Array3::<u8>::zeros((10, 28, 28));
    for (found, text) in [
        (
            panic_text(|| Figure::new().imshow(&Array3::<u8>::zeros((10, 28, 28)))),
            "Figure::imshow: an image has rows and columns\
             \n  expected: (rows, columns), perhaps with axes of size 1\n  received: (10, 28, 28)\
             \n  hint: take one image of a batch: `images.index_axis(Axis(0), 39)`; many: `show_images`",
        ),
        (
            panic_text(|| Figure::new().plot(&[1.0, 2.0], &[1.0])),
            "Figure::plot: each point needs a horizontal and a vertical place\
             \n  expected: 2 values of y\n  received: 1",
        ),
        (
            panic_text(move || show_images(&stack, &[1_u8, 2])),
            "show_images: each image needs a label\n  expected: 10 labels\n  received: 2\
             \n  hint: `x_train.slice(s![..10, .., ..])` is the first ten images",
        ),
    ] {
        assert_eq!(found, text);
    }
}

#[test]
fn models_without_a_way_from_input_to_output() {
    let (inputs, others) = (Input::new([3]).tensor(), Input::new([3]).tensor());
    let error = Model::try_new(&inputs, &Dense::new(2).call(&others)).unwrap_err().to_string();
    assert!(error.starts_with("Model::new: the output Tensor("), "{error}");
    assert!(error.contains("which is not among the inputs"), "{error}");
}

#[test]
fn options_of_layers_and_optimizers() {
    for (found, text) in [
        (panic_text(|| Dense::new(0)), "Dense: `units` is too small\n  expected: at least 1\n  received: 0"),
        (
            panic_text(|| Sgd::new(-1.0)),
            "Sgd: `learning_rate` is out of range\n  expected: 0 or more, finite\n  received: -1",
        ),
        (
            panic_text(|| Adam::default().beta_2(1.0)),
            "Adam: `beta_2` is out of range\n  expected: 0 or more, below 1\n  received: 1",
        ),
    ] {
        assert_eq!(found, text);
    }
}

/// The panic of the method without `try_` carries the same text and points at this file.
#[test]
fn a_panic_points_at_the_line_of_the_call() {
    let line = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let seen = line.clone();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(place) = panic.location() {
            *seen.lock().unwrap() = place.file().to_string();
        }
    }));
    let caught = std::panic::catch_unwind(|| Dense::new(10).activation("rleu")).unwrap_err();
    std::panic::set_hook(before);
    assert!(caught.downcast_ref::<String>().unwrap().contains("did you mean \"relu\"?"));
    assert!(line.lock().unwrap().ends_with("errors.rs"), "{}", line.lock().unwrap());
}
