//! Models as a whole: parameters, tables, weights, training that goes on.

use course::prelude::*;

fn mlp(units: usize) -> Sequential {
    let mut model = Sequential::named("sequential");
    model.add(Input::new([28, 28, 1]));
    model.add(Flatten::new());
    if units > 0 {
        model.add(Dense::new(units).activation("relu"));
    }
    model.add(Dense::new(10).activation("softmax"));
    model
}

/// 7850 = 784 · 10 + 10, and so on: the counts of the course documents.
#[test]
fn parameters_are_counted_as_in_the_course_documents() {
    for (units, count) in [(0, 7_850), (256, 203_530), (64, 50_890)] {
        assert_eq!(mlp(units).count_params(), count, "{units} hidden units");
    }
}

/// The table is what Keras 3.15.1 prints for this model.
#[test]
fn the_summary_is_that_of_keras() {
    let mut model = Sequential::named("sequential");
    model.add(Input::new([60]));
    model.add(Dense::new(128).named("dense"));
    model.add(Activation::new("relu").named("activation"));
    model.add(Dense::new(10).named("dense_1"));
    model.add(Activation::new("softmax").named("activation_1"));
    let text = "\
Model: \"sequential\"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ dense (Dense)                   │ (None, 128)            │         7,808 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ activation (Activation)         │ (None, 128)            │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ (None, 10)             │         1,290 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ activation_1 (Activation)       │ (None, 10)             │             0 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 9,098 (35.54 KB)
 Trainable params: 9,098 (35.54 KB)
 Non-trainable params: 0 (0.00 B)";
    assert_eq!(model.summary().to_string(), text);
}

/// The table of the course document, which Keras 2 printed.
#[test]
fn the_classic_summary_is_that_of_keras_2() {
    let mut model = Sequential::new();
    model.add(Input::new([28, 28, 1]));
    model.add(Conv2D::new(64, 3).activation("relu").named("conv2d_1"));
    model.add(Conv2D::new(32, 3).activation("relu").named("conv2d_2"));
    model.add(Flatten::new().named("flatten_1"));
    model.add(Dense::new(10).activation("softmax").named("dense_1"));
    let rules = ["_".repeat(65), "=".repeat(65)];
    let rows = [
        &rules[0],
        "Layer (type)                 Output Shape              Param #   ",
        &rules[1],
        "conv2d_1 (Conv2D)            (None, 26, 26, 64)        640       ",
        &rules[0],
        "conv2d_2 (Conv2D)            (None, 24, 24, 32)        18464     ",
        &rules[0],
        "flatten_1 (Flatten)          (None, 18432)             0         ",
        &rules[0],
        "dense_1 (Dense)              (None, 10)                184330    ",
        &rules[1],
        "Total params: 203,434",
        "Trainable params: 203,434",
        "Non-trainable params: 0",
        &rules[0],
    ];
    assert_eq!(model.summary().classic(), rows.join("\n"));
}

/// The numbers are what Keras 3.15.1 prints: two for each weight, the step and the learning rate.
#[test]
fn after_training_the_summary_counts_what_the_optimizer_keeps() {
    let mut model = Sequential::named("sequential");
    model.add(Input::new([4]));
    model.add(Dense::new(3).activation("relu"));
    model.add(Dense::new(1).activation("sigmoid"));
    model.compile("adam", "binary_crossentropy", ["accuracy"]);
    let (x, y) = (Array2::<f32>::ones((8, 4)), Array1::<f32>::ones(8));
    assert_eq!(model.summary().total_params(), 19);
    let _ = model.fit(&x, &y, Fit::new().verbose(0));
    let text = model.summary().to_string();
    let end = " Total params: 59 (236.00 B)\n Trainable params: 19 (76.00 B)\
               \n Non-trainable params: 0 (0.00 B)\n Optimizer params: 40 (160.00 B)";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn a_model_without_input_takes_its_shape_from_the_first_data() {
    let mut model = Sequential::named("sequential");
    model.add(Dense::new(2).named("late"));
    assert!(
        model
            .summary()
            .to_string()
            .contains("│ late (Dense)                    │ ?                      │   0 (unbuilt) │")
    );
    assert_eq!(model.predict(&Array2::<f64>::zeros((5, 3))).shape(), [5, 2]);
    assert_eq!(model.count_params(), 8);
}

/// y = 2 x + 1 in every number type.
#[test]
fn data_of_every_number_type_trains_alike() {
    let (x, y) = (array![[0_u8], [1], [2], [3]], array![[1_u8], [3], [5], [7]]);
    let losses = |x: &dyn course::Numbers, y: &dyn course::Numbers| {
        let mut model = Sequential::new();
        model.add(Input::new([1]));
        model.add(Dense::new(1).kernel_initializer("ones"));
        model.compile(Sgd::new(0.1), "mse", ["mae"]);
        model.fit(&x, &y, Fit::new().epochs(5).shuffle(false).verbose(0))["loss"].clone()
    };
    let expected = losses(&x, &y);
    assert!(expected[4] < expected[0]);
    assert_eq!(losses(&x.mapv(i32::from), &y.mapv(i32::from)), expected);
    assert_eq!(losses(&x.mapv(i64::from), &y.mapv(i64::from)), expected);
    assert_eq!(losses(&x.mapv(f32::from), &y.mapv(f32::from)), expected);
    assert_eq!(losses(&x.mapv(f64::from), &y.mapv(f64::from)), expected);
    let turned = x.clone().reversed_axes();
    assert_eq!(losses(&turned.t(), &y), expected);
    let every_second = array![[0.0_f32, 9.0], [1.0, 9.0], [2.0, 9.0], [3.0, 9.0]];
    assert_eq!(losses(&every_second.slice(s![.., ..1]), &y), expected);
}

/// By hand: w ← w - η · mean of 2 (w x - y) x, with momentum 0.9 the step grows in the second epoch.
#[test]
fn training_goes_on_with_the_optimizers_state_and_compile_begins_anew() {
    let (x, y) = (array![[1.0_f32]], array![[0.0_f32]]);
    let mut model = Sequential::new();
    model.add(Input::new([1]));
    model.add(Dense::new(1).use_bias(false).kernel_initializer("ones"));
    model.compile(Sgd::new(0.1).momentum(0.9), "mse", ());
    let weight = |model: &Sequential| model.get_weights()[0][[0, 0]];
    let fit = |model: &mut Sequential| model.fit(&x, &y, Fit::new().verbose(0));
    fit(&mut model);
    assert!((weight(&model) - 0.8).abs() < 1e-6, "1 - 0.1 · 2");
    fit(&mut model);
    assert!((weight(&model) - 0.46).abs() < 1e-6, "the velocity is 0.9 · -0.2 - 0.1 · 1.6 = -0.34");
    model.compile(Sgd::new(0.1).momentum(0.9), "mse", ());
    fit(&mut model);
    assert!((weight(&model) - 0.368).abs() < 1e-6, "0.46 - 0.1 · 0.92: the velocity began anew");
}

#[test]
fn frozen_layers_keep_their_weights_after_the_next_compile() {
    let (x, y) = (Array2::<f32>::ones((8, 3)), Array2::<f32>::zeros((8, 2)));
    let mut model = Sequential::named("sequential");
    model.add(Input::new([3]));
    model.add(Dense::new(4).named("frozen"));
    model.add(Dense::new(2).named("free"));
    model.compile(Sgd::new(0.1), "mse", ());
    let _ = model.fit(&x, &y, Fit::new().verbose(0));
    model.layer("frozen").set_trainable(false);
    model.compile(Sgd::new(0.1), "mse", ());
    let before = (model.layer("frozen").get_weights(), model.layer("free").get_weights());
    let _ = model.fit(&x, &y, Fit::new().verbose(0));
    assert_eq!(model.layer("frozen").get_weights(), before.0);
    assert_ne!(model.layer("free").get_weights(), before.1);
    assert!(model.summary().to_string().contains(" Non-trainable params: 16 "));
}

#[test]
fn two_models_can_share_layers() {
    let inputs = Input::new([3]).tensor();
    let hidden = Dense::new(4).activation("tanh").named("hidden");
    let middle = hidden.call(&inputs);
    let mut whole = Model::new(&inputs, &Dense::new(2).call(&middle));
    let mut part = Model::new(&inputs, &middle);
    let x = Array2::<f32>::ones((2, 3));
    let before = part.predict(&x);
    whole.compile(Sgd::new(0.5), "mse", ());
    let _ = whole.fit(&x, &Array2::<f32>::ones((2, 2)), Fit::new().epochs(3).verbose(0));
    assert_ne!(part.predict(&x), before, "the part sees what the whole has learnt");
    hidden.set_weights(&[Array2::zeros((3, 4)).into_dyn(), Array1::zeros(4).into_dyn()]);
    assert_eq!(part.predict(&x), Array2::<f32>::zeros((2, 4)).into_dyn());
}

#[test]
fn the_learning_rate_can_be_changed_between_fits() {
    let (x, y) = (array![[1.0_f32]], array![[0.0_f32]]);
    let mut model = Sequential::new();
    model.add(Input::new([1]));
    model.add(Dense::new(1).use_bias(false).kernel_initializer("ones"));
    model.compile(Sgd::new(0.1), "mse", ());
    let _ = model.fit(&x, &y, Fit::new().verbose(0));
    model.set_learning_rate(0.0);
    let _ = model.fit(&x, &y, Fit::new().verbose(0));
    assert!((model.get_weights()[0][[0, 0]] - 0.8).abs() < 1e-6);
    assert_eq!(model.learning_rate(), 0.0);
}

#[test]
fn metrics_have_the_names_that_they_were_given() {
    let (x, y) = (Array2::<f32>::ones((4, 2)), to_categorical(&[0_u8, 1, 2, 0], 3));
    let mut model = Sequential::new();
    model.add(Input::new([2]));
    model.add(Dense::new(3).activation("softmax"));
    model.compile(Adam::default(), "categorical_crossentropy", ["acc", "mse"]);
    let logs = model.fit(&x, &y, Fit::new().validation_split(0.5).verbose(0));
    assert_eq!(logs.keys(), ["acc", "loss", "mse", "val_acc", "val_loss", "val_mse"]);
    assert_eq!(logs["val_accuracy"], logs["val_acc"]);
    assert_eq!(model.evaluate(&x, &y).values().len(), 3);
}

/// Cells keep such values between them and may hand them to threads.
#[test]
fn what_cells_keep_is_free_of_borrows_and_can_move_to_threads() {
    fn check<T: Send + 'static>(_: T) {}
    check((mlp(0), History::default(), Figure::new(), Input::new([1]).tensor(), Dense::new(1)));
    let dense = Dense::new(3).named("scores").activation("relu");
    assert!(
        format!("{dense:?}")
            .starts_with("Dense { base: \"scores\", units: 3, kernel: KernelOptions { activation: Relu, ")
    );
}

#[test]
fn a_softmax_along_another_axis_is_not_taken_for_one_along_the_last() {
    let (x, target) = (Input::new([2, 3]).tensor(), Input::new([2, 3]).tensor());
    let loss = "categorical_crossentropy".parse::<Loss>().unwrap();
    let numbers = ArrayD::from_shape_vec(vec![1, 2, 3], vec![1.0, -0.5, 0.2, 0.0, 2.0, 1.0]).unwrap();
    let truth = ArrayD::from_shape_vec(vec![1, 2, 3], vec![1.0, 0.0, 0.0, 0.0, 0.0, 1.0]).unwrap();
    for shares in [Softmax::new().axis(1), Softmax::new().axes(&[1, 2]), Softmax::new().axis(2)] {
        let shares = shares.call(&x);
        let direct = Function::new(&[&x, &target], &[&loss.of_samples(&shares, &target).unwrap()]);
        let values = Function::new(&[&x], &[&shares]).call(&[&numbers]).remove(0);
        let given = Input::new([2, 3]).tensor();
        let apart = Function::new(&[&given, &target], &[&loss.of_samples(&given, &target).unwrap()]);
        let (direct, apart) = (direct.call(&[&numbers, &truth]).remove(0), apart.call(&[&values, &truth]).remove(0));
        assert!((direct[[0]] - apart[[0]]).abs() < 1e-5, "{direct} {apart}");
    }
}
