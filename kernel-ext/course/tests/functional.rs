//! Models of tensors: branches, several inputs and outputs, shared layers, models as layers, and what is said about
//! wrong ones.

use course::Error;
use course::prelude::*;

/// Two inputs that meet.
fn two_inputs() -> Model {
    let (a, b) = (Input::new([3]).named("a").tensor(), Input::new([3]).named("b").tensor());
    let (left, right) = (Dense::new(2).named("dense").call(&a), Dense::new(2).named("dense_1").call(&b));
    let both = Concatenate::new().named("concatenate").call([&left, &right]);
    Model::new([&a, &b], &Dense::new(1).named("dense_2").call(&both))
}

#[test]
fn the_summary_says_what_each_layer_is_called_on() {
    // Keras 3.15.1, for the same model on a terminal of 80 columns.
    let expected = "\
┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)        ┃ Output Shape      ┃    Param # ┃ Connected to      ┃
┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩
│ a (InputLayer)      │ (None, 3)         │          0 │ -                 │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ b (InputLayer)      │ (None, 3)         │          0 │ -                 │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dense (Dense)       │ (None, 2)         │          8 │ a[0][0]           │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dense_1 (Dense)     │ (None, 2)         │          8 │ b[0][0]           │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ concatenate         │ (None, 4)         │          0 │ dense[0][0],      │
│ (Concatenate)       │                   │            │ dense_1[0][0]     │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dense_2 (Dense)     │ (None, 1)         │          5 │ concatenate[0][0] │
└─────────────────────┴───────────────────┴────────────┴───────────────────┘
 Total params: 21 (84.00 B)
 Trainable params: 21 (84.00 B)
 Non-trainable params: 0 (0.00 B)";
    let summary = two_inputs().summary().to_string();
    assert_eq!(summary.split_once('\n').map(|(_, table)| table), Some(expected));
}

#[test]
fn layers_stand_in_the_order_of_keras() {
    // The far ones first; at the same distance from the output those that the way back meets first.
    let x = Input::new([4]).tensor();
    let second = Dense::new(6).named("second").call(&x);
    let first = Dense::new(6).named("first").call(&x);
    let pair = Concatenate::new().named("pair").call([&first, &second]);
    let sum = Add::new().named("sum").call([&second, &first]);
    let all = Concatenate::new().named("all").call([&pair, &sum]);
    let names: Vec<String> = Model::new(&x, &all).layers().iter().map(AnyLayer::name).collect();
    assert_eq!(names, ["first", "second", "pair", "sum", "all"]);
}

#[test]
fn a_shared_layer_gets_the_gradients_of_all_its_calls() {
    // y = w (x1 + x2): with w = 1, x = (1, 2), target 0 the loss is 9, its gradient 2 * 3 * 3 = 18.
    let (a, b) = (Input::new([1]).tensor(), Input::new([1]).tensor());
    let shared = Dense::new(1).use_bias(false).kernel_initializer("ones");
    let mut model = Model::new([&a, &b], &Add::new().call([&shared.call(&a), &shared.call(&b)]));
    assert_eq!(model.count_params(), 1);
    model.compile(Sgd::new(0.01), "mse", ());
    let logs = model.fit(&(&array![[1.0]], &array![[2.0]]), &array![[0.0]], Fit::new().verbose(0));
    assert_eq!(logs["loss"], [9.0]);
    assert_eq!(model.get_weights()[0], array![[1.0 - 0.18_f32]].into_dyn());
}

#[test]
fn several_outputs_have_their_own_losses_and_the_weighted_sum_counts() {
    // One weight w = 1 behind each output; x = 2, targets 0: the losses are 4 and 2, the sum 4 + 0.5 * 2.
    let x = Input::new([1]).tensor();
    let unit = |name: &str| Dense::new(1).use_bias(false).kernel_initializer("ones").named(name);
    let (square, size) = (unit("square"), unit("size"));
    let mut model = Model::new(&x, [&square.call(&x), &size.call(&x)]);
    model.compile(Sgd::new(0.1), Losses::from(["mse", "mae"]).weights(&[1.0, 0.5]), ["mae", "mse"]);
    let (x, y) = (array![[2.0]], array![[0.0]]);
    let before = model.evaluate(&x, &(&y, &y));
    let names: Vec<&str> = before.values().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["loss", "square_loss", "size_loss", "square_mae", "size_mse"]);
    assert_eq!(before.values().iter().map(|(_, value)| *value).collect::<Vec<_>>(), [5.0, 4.0, 2.0, 2.0, 4.0]);
    model.fit(&x, &(&y, &y), Fit::new().verbose(0));
    // d/dw w²x² = 8, d/dw 0.5 |w x| = 1.
    assert_eq!(model.get_weights()[0], array![[1.0 - 0.8_f32]].into_dyn());
    assert_eq!(model.get_weights()[1], array![[1.0 - 0.1_f32]].into_dyn());
    let outputs = model.predict_all(&x);
    assert!((outputs[0][[0, 0]] - 0.4).abs() < 1e-6 && (outputs[1][[0, 0]] - 1.8).abs() < 1e-6);
}

#[test]
fn operators_and_inner_tensors_are_parts_of_models() {
    let x = Input::new([2]).tensor();
    let doubled = &x * 2.0;
    let dense = Dense::new(1).use_bias(false).kernel_initializer("ones");
    let y = dense.call(&(&doubled + &x));
    let mut model = Model::new(&x, &y);
    assert_eq!(model.predict(&array![[1.0, 2.0]]), array![[9.0_f32]].into_dyn());
    // From a tensor in the middle to the output.
    let mut tail = Model::new(&doubled, &dense.call(&doubled));
    assert_eq!(tail.predict(&array![[1.0, 2.0]]), array![[3.0_f32]].into_dyn());
}

#[test]
fn a_model_is_a_layer_and_shares_its_weights() {
    let mut inner = Sequential::named("inner");
    inner.add(Dense::new(2));
    inner.add(Dense::new(1));
    let mut outer = Sequential::new();
    outer.add(Input::new([3]));
    outer.add(&inner);
    assert_eq!(outer.count_params(), (3 * 2 + 2) + (2 + 1));
    outer.compile(Sgd::new(0.1), "mse", ());
    let before = inner.layers()[0].get_weights();
    outer.fit(&array![[1.0, 2.0, 3.0]], &array![[10.0]], Fit::new().verbose(0));
    assert_ne!(inner.layers()[0].get_weights(), before);
    assert!(outer.summary().to_string().contains("│ inner (Sequential)"));
    // Frozen as a whole.
    outer.layers()[0].set_trainable(false);
    outer.compile(Sgd::new(0.1), "mse", ());
    let before = outer.get_weights();
    outer.fit(&array![[1.0, 2.0, 3.0]], &array![[10.0]], Fit::new().verbose(0));
    assert_eq!(outer.get_weights(), before);
}

#[test]
fn a_model_with_several_outputs_is_a_layer_too() {
    let x = Input::new([2]).tensor();
    let inner = Model::new(&x, [&(&x + 1.0), &(&x * 3.0)]);
    let a = Input::new([2]).tensor();
    let parts = inner.as_layer().call_all(&a);
    let mut model = Model::new(&a, &Subtract::new().call([&parts[1], &parts[0]]));
    assert_eq!(model.predict(&array![[1.0, 2.0]]), array![[1.0_f32, 3.0]].into_dyn());
}

#[test]
fn thirty_layers_with_skips_are_built_and_compiled_at_once() {
    let make = || {
        let x = Input::new([64]).tensor();
        let mut y = x.clone();
        for _ in 0..15 {
            y = Add::new().call([&y, &Dense::new(64).activation("relu").call(&y)]);
        }
        let mut model = Model::new(&x, &Dense::new(10).activation("softmax").call(&y));
        model.compile("adam", "categorical_crossentropy", ["accuracy"]);
        model
    };
    make();
    let begin = std::time::Instant::now();
    assert_eq!(make().layers().len(), 31);
    // 50 ms is the aim in a release build on a quiet machine.
    assert!(begin.elapsed().as_millis() < 1000, "{:?}", begin.elapsed());
}

fn check(error: Error, text: &str) {
    assert_eq!(error.to_string(), text);
}

#[test]
fn what_is_wrong_is_explained() {
    let (a, b) = (Input::new([3]).named("a").tensor(), Input::new([3]).named("b").tensor());
    let sum = Add::new().named("sum").call([&a, &b]);
    check(
        Model::try_new(&a, &sum).expect_err("b is missing"),
        "Model::new: the output Tensor(\"sum/add:0\", shape=(None, 3), dtype=float32) depends on \
         Tensor(\"b:0\", shape=(None, 3), dtype=float32), which is not among the inputs\
         \n  expected: one of Tensor(\"a:0\", shape=(None, 3), dtype=float32)\
         \n  received: Tensor(\"b:0\", shape=(None, 3), dtype=float32)\
         \n  hint: give all tensors that `Input::new(...).tensor()` returned, as the first argument",
    );
    check(
        Dense::new(2).named("dense").try_call([&a, &b]).expect_err("one tensor"),
        "layer `dense` (Dense): it takes one tensor\n  expected: 1\n  received: 2\
         \n  hint: join several first, with `Concatenate::new()` or `Add::new()`",
    );
    check(
        Subtract::new().named("less").try_call(&a).expect_err("two tensors"),
        "layer `less` (Subtract): it merges at least two tensors\n  expected: 2 or more\n  received: 1\
         \n  hint: call it on an array of tensors: `.call([&a, &b])`",
    );
    let mut model = two_inputs();
    model.compile("sgd", "mse", ());
    let (x, y) = (Array2::<f32>::zeros((4, 3)), Array2::<f32>::zeros((4, 1)));
    let short = Array2::<f32>::zeros((3, 3));
    let name = model.name().to_string();
    check(
        model.try_fit(&x, &y, Fit::new().verbose(0)).expect_err("two arrays"),
        &format!(
            "fit of model `{name}`: `x` must be one array for each input of the model\n  expected: 2\n  received: 1\
             \n  hint: put references to the arrays into a pair of brackets: `&(&x_1, &x_2)`"
        ),
    );
    check(
        model.try_fit(&(&x, &short), &y, Fit::new().verbose(0)).expect_err("as many samples"),
        &format!(
            "fit of model `{name}`: `x` and `x[1]` hold different numbers of samples\
             \n  expected: 4 samples, as in `x`\n  received: 3 in `x[1]`\
             \n  hint: each sample needs its part in every array: cut all at the same place"
        ),
    );
    model.fit(&(&x, &x), &y, Fit::new().verbose(0));
}

/// Two layers, of which the second is used twice.
struct Own {
    first: Dense,
    second: Dense,
}

impl Own {
    fn new() -> Self {
        Self {
            first: Dense::new(3).kernel_initializer("ones").activation("tanh"),
            second: Dense::new(3).kernel_initializer("ones"),
        }
    }
}

impl Subclass for Own {
    fn call(&self, inputs: &Tensor) -> Tensor {
        let x = self.first.call(inputs);
        &self.second.call(&x) + &self.second.call(&(&x * 2.0))
    }
}

#[test]
fn a_model_of_ones_own_is_that_of_its_tensors() {
    let mut own = Model::subclass(Own::new());
    assert_eq!(own.summary().to_string().matches("Dense").count(), 0);
    let layers = Own::new();
    let input = Input::new([2]).tensor();
    let mut same = Model::new(&input, &layers.call(&input));
    let x = Array2::from_shape_fn((6, 2), |(row, column)| row as f32 / 6.0 - column as f32);
    let y = Array2::<f32>::zeros((6, 3));
    for model in [&mut own, &mut same] {
        model.compile(Sgd::new(0.1), "mse", ());
        model.fit(&x, &y, Fit::new().epochs(3).batch_size(2).shuffle(false).verbose(0));
    }
    assert_eq!(own.predict(&x), same.predict(&x));
    assert_eq!((own.count_params(), own.layers().len()), (9 + 12, 2));
    assert_eq!(own.summary().to_string().matches("Dense").count(), 2);
}

#[test]
fn a_model_of_ones_own_says_what_it_lacks() {
    let own = Model::subclass(Own::new());
    let name = own.name().to_string();
    check(
        own.try_call(&Input::new([2]).tensor()).expect_err("no layers"),
        &format!(
            "layer `{name}` (Own): it has no layers yet\n  hint: add some first, or build a model of one's own with \
             `build_on`"
        ),
    );
    let mut own = Model::subclass(Own::new());
    own.build_on([2]).expect("layers");
    assert_eq!(own.call(&Input::new([2]).tensor()).shape().to_string(), "(None, 3)");
    assert!(own.try_predict(&Array2::<f32>::zeros((1, 5))).is_err());
}
