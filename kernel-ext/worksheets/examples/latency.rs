//! How long a kernel lets its user wait. Starts the kernel of a kernelspec and prints one JSON object a
//! figure:
//!
//! ```text
//! cargo run --release -p worksheets --example latency -- FOLDER_OF_KERNELSPEC [--rounds N] [--wait SECONDS]
//! ```
//!
//! With `--wait` the kernel has so long to warm up before the first cell. Names, numbers and shapes differ
//! from run to run, so that nothing can be remembered from the last one. A kernelspec whose language is
//! `python` gets the same cells for Keras.

// Whatever goes wrong ends a measurement.
#![allow(clippy::unwrap_used)]

#[path = "../tests/client/mod.rs"]
mod client;

use client::Kernel;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut kernelspec, mut rounds, mut wait) = (None, 1, Duration::ZERO);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().and_then(|value| value.parse().ok()).expect("--rounds N"),
            "--wait" => {
                wait =
                    Duration::from_secs_f32(arguments.next().and_then(|value| value.parse().ok()).expect("--wait N"));
            }
            folder => kernelspec = Some(PathBuf::from(folder)),
        }
    }
    let kernelspec = kernelspec.expect("usage: latency FOLDER_OF_KERNELSPEC [--rounds N] [--wait SECONDS]");
    let spec: Value = serde_json::from_slice(&fs::read(kernelspec.join("kernel.json")).unwrap()).unwrap();
    let python = spec["language"] == "python";
    for _ in 0..rounds {
        measure(&kernelspec, python, wait);
    }
}

fn measure(kernelspec: &Path, python: bool, wait: Duration) {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    let start = Instant::now();
    let (mut kernel, info) = Kernel::start(kernelspec);
    let tell = |figure: &str, seconds: Duration| {
        let name = &info["implementation"];
        println!("{}", json!({ "kernel": name, "figure": figure, "seconds": seconds.as_secs_f64() }));
    };
    tell("start to kernel_info", start.elapsed());
    std::thread::sleep(wait);
    let before = Instant::now();
    succeed(&mut kernel, &format!("{} + {}", seed % 89, seed % 97));
    tell("start to first result", start.elapsed() - wait);
    succeed(&mut kernel, &if python { keras(seed) } else { course(seed) });
    tell("start to first trained model", start.elapsed() - wait);
    tell("both cells", before.elapsed());
    let mut times: Vec<Duration> = (0..10).map(|index| succeed(&mut kernel, &later(python, seed, index))).collect();
    times.sort();
    tell("later cell, median of 10", times[times.len() / 2]);
    kernel.shut_down();
}

fn succeed(kernel: &mut Kernel, code: &str) -> Duration {
    let start = Instant::now();
    let ran = kernel.run(code);
    assert_eq!(ran.reply["status"], "ok", "{code}\n{:#}", ran.reply);
    start.elapsed()
}

fn course(seed: u32) -> String {
    let (rows, columns, classes) = (8 + seed % 9, 30 + seed % 40, 3 + seed % 7);
    format!(
        "let x_{seed} = ndarray::Array2::<f32>::ones(({rows}, {columns}));
let y = to_categorical(&ndarray::Array1::<i32>::zeros({rows}), {classes});
let mut model = Sequential::new();
model.add(Input::new([{columns}]));
model.add(Dense::new({classes}).activation(\"softmax\"));
model.compile(Sgd::new(1e-4), \"categorical_crossentropy\", [\"accuracy\"]);
let logs = model.fit(&x_{seed}, &y, Fit::new().batch_size({rows}).epochs(1));"
    )
}

fn keras(seed: u32) -> String {
    let (rows, columns, classes) = (8 + seed % 9, 30 + seed % 40, 3 + seed % 7);
    format!(
        "import numpy, keras
x_{seed} = numpy.ones(({rows}, {columns}), 'float32')
y = keras.utils.to_categorical(numpy.zeros({rows}), {classes})
model = keras.Sequential([keras.layers.Input([{columns}]), keras.layers.Dense({classes}, activation='softmax')])
model.compile(keras.optimizers.SGD(1e-4), 'categorical_crossentropy', ['accuracy'])
logs = model.fit(x_{seed}, y, batch_size={rows}, epochs=1)"
    )
}

/// Cells of the kinds that lessons have.
fn later(python: bool, seed: u32, index: u32) -> String {
    let number = seed % 1000 + index;
    let rust = [
        format!("let a_{number} = {number};"),
        format!("println!(\"{{}}\", {number});"),
        format!("fn f_{number}(x: i32) -> i32 {{ x + {number} }}"),
        format!("x_{seed}.sum() + {number}.0"),
        format!("(0..{number}).filter(|i| i % 3 == 0).count()"),
    ];
    let other = [
        format!("a_{number} = {number}"),
        format!("print({number})"),
        format!("def f_{number}(x): return x + {number}"),
        format!("x_{seed}.sum() + {number}"),
        format!("len([i for i in range({number}) if i % 3 == 0])"),
    ];
    let cells = if python { other } else { rust };
    cells[index as usize % cells.len()].clone()
}
