//! How good the models of the course become: each is trained from three seeds, and the middle result counts.
//!
//! `cargo run --release -p course --example accuracy -- [perceptron] [pca_mlp] [cnn101] [larger_cnn]`, all without
//! names; the convolutional networks take some minutes.

mod networks;

use course::prelude::*;

/// Images with their one-hot digits.
type Images = (Array3<u8>, Array2<f32>);
/// Trains a model; the accuracy on images that it has not seen.
type Train = fn(&Images, &Images) -> f64;

fn main() -> course::Result<()> {
    let models: [(&str, Train); 4] =
        [("perceptron", perceptron), ("pca_mlp", pca_mlp), ("cnn101", cnn101), ("larger_cnn", larger_cnn)];
    let names: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = names.iter().find(|asked| models.iter().all(|(name, _)| name != asked)) {
        let known = models.iter().map(|(name, _)| (*name).into()).collect();
        return Err(course::Error::Name { kind: "model of this program", given: unknown.clone(), known });
    }
    let ((x, y), (x_test, y_test)) = mnist::load_data()?;
    let (train, test) = ((x, to_categorical(&y, 10)), (x_test, to_categorical(&y_test, 10)));
    for (name, run) in models.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|asked| asked == name)) {
        let mut results = [1, 2, 3].map(|seed| {
            set_random_seed(seed);
            let accuracy = run(&train, &test);
            println!("{name}, seed {seed}: accuracy {accuracy:.4}");
            accuracy
        });
        results.sort_by(f64::total_cmp);
        println!("{name}: median accuracy {:.4}", results[1]);
    }
    Ok(())
}

/// One layer on raw pixels, 20 epochs; the first 1000 images are held out.
fn perceptron((x, y): &Images, _: &Images) -> f64 {
    let ((x_val, x), (y_val, y)) = (x.view().split_at(Axis(0), 1000), y.view().split_at(Axis(0), 1000));
    let mut model = Sequential::new();
    model.add(Input::new([28, 28]));
    model.add(Flatten::new());
    model.add(Dense::new(10).activation("softmax"));
    model.compile(Sgd::new(1e-4), "categorical_crossentropy", ["accuracy"]);
    let options = Fit::new().batch_size(16).epochs(20).validation_data(&x_val, &y_val).verbose(0);
    let logs = model.fit(&x, &y, options);
    println!("  loss {:.4} in epoch 1, {:.4} in epoch 20", logs["loss"][0], logs["loss"][19]);
    logs["val_accuracy"][19]
}

/// A hidden layer on 60 principal components of raw pixels, 5 epochs on five sixths of the images.
fn pca_mlp((x, y): &Images, _: &Images) -> f64 {
    let rows = Array2::from_shape_fn((x.len_of(Axis(0)), 784), |(sample, pixel)| x[[sample, pixel / 28, pixel % 28]]);
    let x = Pca::new(60).fit_transform(&rows);
    let mut model = Sequential::new();
    model.add(Input::new([60]));
    model.add(Dense::new(128).activation("relu"));
    model.add(Dense::new(10).activation("softmax"));
    model.compile("adam", "categorical_crossentropy", ["accuracy"]);
    let options = Fit::new().epochs(5).validation_split(1.0 / 6.0).verbose(0);
    model.fit(&x, y, options)["val_accuracy"][4]
}

/// Two convolutions on raw pixels, 3 epochs.
fn cnn101(train: &Images, test: &Images) -> f64 {
    on_images(networks::cnn101(), train, test, 3)
}

/// Four convolutions with pooling on pixels between 0 and 1, 5 epochs.
fn larger_cnn(train: &Images, test: &Images) -> f64 {
    let mut model = Sequential::new();
    model.add(Input::new([28, 28, 1]));
    model.add(Rescaling::new(1.0 / 255.0));
    for filters in [32, 64] {
        model.add(Conv2D::new(filters, 3).activation("relu"));
        model.add(Conv2D::new(filters, 3).activation("relu"));
        model.add(MaxPooling2D::new(2));
    }
    model.add(Flatten::new());
    model.add(Dense::new(10).activation("softmax"));
    on_images(model, train, test, 5)
}

/// The accuracy on the test images after so many epochs with Adam.
fn on_images(mut model: Sequential, (x, y): &Images, (x_test, y_test): &Images, epochs: usize) -> f64 {
    model.compile("adam", "categorical_crossentropy", ["accuracy"]);
    let (x, x_test) = (x.view().insert_axis(Axis(3)), x_test.view().insert_axis(Axis(3)));
    model.fit(&x, y, Fit::new().epochs(epochs).verbose(0));
    model.evaluate(&x_test, y_test)["accuracy"]
}
