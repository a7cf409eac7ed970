//! What is timed: models, data, batch sizes.

use super::networks;
use course::prelude::*;
use serde_json::Value;

/// A model with the data and batch size that it is trained on.
pub struct Workload {
    pub model: Model,
    pub x: ArrayD<f32>,
    pub y: Array2<f32>,
    pub batch_size: usize,
    /// Epochs with the warm-up.
    pub epochs: usize,
}

type Make = fn(&Array3<u8>, &Array1<u8>) -> Workload;

/// The reference workloads by name.
pub const WORKLOADS: &[(&str, Make)] = &[
    ("perceptron", perceptron),
    ("mlp256", mlp256),
    ("pca_mlp", pca_mlp),
    ("cnn101", cnn101),
    ("larger_cnn", larger_cnn),
];

/// One dense layer on raw pixels.
fn perceptron(x: &Array3<u8>, y: &Array1<u8>) -> Workload {
    let mut model = Sequential::new();
    model.add(Input::new([28, 28, 1]));
    model.add(Flatten::new());
    model.add(Dense::new(10).activation("softmax"));
    model.compile(Sgd::new(1e-4), "categorical_crossentropy", ["accuracy"]);
    images(model, (x, y), 1000..60_000, 1.0, (16, 4))
}

/// A hidden layer of 256 on pixels between 0 and 1.
fn mlp256(x: &Array3<u8>, y: &Array1<u8>) -> Workload {
    let mut model = Sequential::new();
    model.add(Input::new([28, 28, 1]));
    model.add(Flatten::new());
    model.add(Dense::new(256).activation("relu"));
    model.add(Dense::new(10).activation("softmax"));
    model.compile(Sgd::new(1e-2), "categorical_crossentropy", ["accuracy"]);
    images(model, (x, y), 1000..60_000, 255.0, (16, 4))
}

/// A hidden layer of 128 on sixty principal components.
fn pca_mlp(x: &Array3<u8>, y: &Array1<u8>) -> Workload {
    let mut model = Sequential::new();
    model.add(Input::new([60]));
    model.add(Dense::new(128));
    model.add(Activation::new("relu"));
    model.add(Dense::new(10));
    model.add(Activation::new("softmax"));
    model.compile("adam", "categorical_crossentropy", ["accuracy"]);
    let rows = Array2::from_shape_fn((x.len_of(Axis(0)), 784), |(sample, pixel)| x[[sample, pixel / 28, pixel % 28]]);
    // The components of ten thousand images serve for all, as with the peers.
    let mut pca = Pca::new(60);
    pca.fit(&rows.slice(s![..10_000, ..]));
    Workload {
        model: model.into(),
        x: pca.transform(&rows).into_dyn(),
        y: to_categorical(y, 10),
        batch_size: 32,
        epochs: 4,
    }
}

/// Two convolutions on raw pixels.
fn cnn101(x: &Array3<u8>, y: &Array1<u8>) -> Workload {
    images(networks::cnn101(), (x, y), 0..9600, 1.0, (32, 3))
}

/// Four convolutions with pooling on pixels between 0 and 1.
fn larger_cnn(x: &Array3<u8>, y: &Array1<u8>) -> Workload {
    let mut model = Sequential::new();
    model.add(Input::new([28, 28, 1]));
    model.add(Conv2D::new(32, 3));
    model.add(Conv2D::new(32, 3));
    model.add(MaxPooling2D::new(2));
    model.add(Conv2D::new(64, 3));
    model.add(Conv2D::new(64, 3));
    model.add(MaxPooling2D::new(2));
    model.add(Flatten::new());
    model.add(Dense::new(10).activation("softmax"));
    model.compile(Sgd::new(1e-4), "categorical_crossentropy", ["accuracy"]);
    images(model, (x, y), 0..9600, 255.0, (16, 3))
}

/// Some of the training images, in single precision as the peers have them.
fn images(
    model: Sequential,
    (x, y): (&Array3<u8>, &Array1<u8>),
    samples: std::ops::Range<usize>,
    divisor: f32,
    (batch_size, epochs): (usize, usize),
) -> Workload {
    let x = x.slice(s![samples.clone(), .., ..]).mapv(|pixel| f32::from(pixel) / divisor);
    let y = to_categorical(&y.slice(s![samples]), 10);
    Workload { model: model.into(), x: x.insert_axis(Axis(3)).into_dyn(), y, batch_size, epochs }
}

/// A workload that a file describes, with its name.
pub fn from_file(file: &str) -> Result<(String, Workload), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{file}: {error}");
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
    let description: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    let word = |key: &str| description[key].as_str().unwrap_or_default().to_string();
    let number = |key: &str| description[key].as_u64().unwrap_or(0) as usize;
    let (samples, batch_size) = (number("samples"), number("batch"));
    if samples == 0 || batch_size == 0 {
        return Err(failed(&"`samples` and `batch` must be above 0"));
    }
    let mut model = Model::from_json(&description["model"].to_string()).map_err(|error| failed(&error))?;
    let (class_name, config) = match &description["optimizer"] {
        Value::String(name) => (name.as_str(), &Value::Null),
        entry => (entry["class_name"].as_str().unwrap_or_default(), &entry["config"]),
    };
    let config = course::config::parse(&config.to_string()).map_err(|error| failed(&error))?;
    let loss = word("loss").parse::<Loss>().map_err(|error| failed(&error))?;
    let optimizer = Optimizer::from_config(&Config::from_json(class_name, &config)).map_err(|error| failed(&error))?;
    model.try_compile(optimizer, loss, "accuracy".into()).map_err(|error| failed(&error))?;
    let shape = |shape: Option<Shape>| shape.and_then(|shape| shape.with_batch(samples)).unwrap_or_default();
    let (x, y) = (shape(model.input_shape()), shape(model.output_shape()));
    let [_, classes] = y[..] else { return Err(failed(&"the model must end in one row of classes a sample")) };
    // Multiplicative hashing spreads the numbers evenly.
    let noise = |place: usize| (place.wrapping_mul(2_654_435_761) >> 8 & 0xffff) as f32 / 65_536.0;
    let len = x.iter().product();
    let x = ArrayD::from_shape_vec(x, (0..len).map(noise).collect()).map_err(|error| failed(&error))?;
    let y = Array2::from_shape_fn((samples, classes), |(sample, class)| {
        if (noise(sample) * classes as f32) as usize == class { 1.0 } else { 0.0 }
    });
    Ok((word("name"), Workload { model, x, y, batch_size, epochs: 4 }))
}
