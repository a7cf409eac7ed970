//! Times the reference workloads, so that they can be compared with the same ones in other
//! libraries: one line of JSON a workload. The first epoch is a warm-up.
//!
//! `cargo run --release -p course --example peers -- --data datasets/mnist perceptron mlp256`

use course::prelude::*;
use std::process::ExitCode;
use std::time::Instant;

/// Epochs with the warm-up.
const EPOCHS: usize = 4;

/// A model with the data and batch size that it is trained on.
struct Workload {
    model: Sequential,
    x: ArrayD<f32>,
    y: Array2<f32>,
    batch_size: usize,
}

type Make = fn(&Array3<u8>, &Array1<u8>) -> Workload;

const WORKLOADS: &[(&str, Make)] = &[("perceptron", perceptron), ("mlp256", mlp256)];

fn main() -> ExitCode {
    let (folder, names) = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => return fail(&message),
    };
    let ((x, y), _) = match mnist::load_data_from(&folder) {
        Ok(data) => data,
        Err(error) => return fail(&error.to_string()),
    };
    for (name, make) in WORKLOADS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            measure(name, make(&x, &y));
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "a program says on standard error why it stops")]
fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}

fn arguments() -> Result<(String, Vec<String>), String> {
    let known: Vec<&str> = WORKLOADS.iter().map(|(name, _)| *name).collect();
    let usage = format!("usage: peers [--data FOLDER] [WORKLOAD...]\nworkloads: {}", known.join(", "));
    let (mut folder, mut names) = ("datasets/mnist".to_string(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--data" => folder = arguments.next().ok_or_else(|| format!("--data needs a folder\n{usage}"))?,
            name if known.contains(&name) => names.push(argument),
            _ => return Err(format!("`{argument}` is no workload\n{usage}")),
        }
    }
    Ok((folder, names))
}

/// Trains epoch by epoch with ordinary `fit`, and prints the best and the middle time.
fn measure(name: &str, mut workload: Workload) {
    let Workload { model, x, y, batch_size } = &mut workload;
    let (mut seconds, mut accuracy) = (Vec::new(), 0.0);
    for _ in 0..EPOCHS {
        let begin = Instant::now();
        let logs = model.fit(x, y, Fit::new().batch_size(*batch_size).verbose(0));
        seconds.push(begin.elapsed().as_secs_f64());
        accuracy = logs["accuracy"][0];
    }
    let timed = &mut seconds[1..];
    timed.sort_by(f64::total_cmp);
    let (best, median, n) = (timed[0], timed[timed.len() / 2], x.shape()[0]);
    println!(
        "{{\"w\": \"{name}\", \"n\": {n}, \"batch\": {batch_size}, \"best_s\": {best:.3}, \"median_s\": {median:.3}, \
         \"us_per_sample\": {:.1}, \"acc\": {accuracy:.4}}}",
        median / n as f64 * 1e6
    );
}

/// One dense layer on raw pixels.
fn perceptron(x: &Array3<u8>, y: &Array1<u8>) -> Workload {
    let mut model = Sequential::new();
    model.add(Input::new([28, 28, 1]));
    model.add(Flatten::new());
    model.add(Dense::new(10).activation("softmax"));
    model.compile(Sgd::new(1e-4), "categorical_crossentropy", ["accuracy"]);
    images(model, x, y, 1.0)
}

/// A hidden layer of 256 on pixels between 0 and 1.
fn mlp256(x: &Array3<u8>, y: &Array1<u8>) -> Workload {
    let mut model = Sequential::new();
    model.add(Input::new([28, 28, 1]));
    model.add(Flatten::new());
    model.add(Dense::new(256).activation("relu"));
    model.add(Dense::new(10).activation("softmax"));
    model.compile(Sgd::new(1e-2), "categorical_crossentropy", ["accuracy"]);
    images(model, x, y, 255.0)
}

/// All training images but the first 1000, in single precision as the peers have them.
fn images(model: Sequential, x: &Array3<u8>, y: &Array1<u8>, divisor: f32) -> Workload {
    let x = x.slice(s![1000.., .., ..]).mapv(|pixel| f32::from(pixel) / divisor);
    let y = to_categorical(&y.slice(s![1000..]), 10);
    Workload { model, x: x.insert_axis(Axis(3)).into_dyn(), y, batch_size: 16 }
}
