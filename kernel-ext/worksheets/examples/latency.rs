//! How long kernels let their users wait. Starts the kernels of some kernelspecs in turn, and prints the medians as one
//! JSON object a figure:
//!
//! ```text
//! cargo run --release -p worksheets --example latency -- FOLDER_OF_KERNELSPEC... [--rounds N] [--pool]
//! ```
//!
//! With `--pool` a kernel of this project is measured a second time in each round, with a warmed kernel that waits for it.
//! Names, numbers and shapes differ from run to run, so that nothing can be remembered from the last one. A kernelspec
//! whose language is `python` gets the same cells for Keras.

// Whatever goes wrong ends a measurement.
#![allow(clippy::unwrap_used)]

#[path = "../tests/client/mod.rs"]
mod client;

use client::pool::Pool;
use client::processes::megabytes;
use client::{Kernel, Start};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How many cells are run after the first model, and how many that do not compile.
const LATER: u32 = 30;
const WRONG: u32 = 5;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut subjects, mut rounds, mut pool) = (Vec::new(), 1, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().and_then(|value| value.parse().ok()).expect("--rounds N"),
            "--pool" => pool = true,
            folder => subjects.push(Subject::new(PathBuf::from(folder))),
        }
    }
    assert!(!subjects.is_empty(), "usage: latency FOLDER_OF_KERNELSPEC... [--rounds N] [--pool]");
    if pool {
        let own: Vec<Subject> = subjects.iter().filter(|subject| subject.is_own).map(Subject::warmed).collect();
        subjects.extend(own);
    }
    for _ in 0..rounds {
        subjects.iter_mut().for_each(Subject::measure);
    }
    subjects.iter().for_each(Subject::tell);
}

/// A kernel that is measured.
struct Subject {
    kernelspec: PathBuf,
    name: String,
    python: bool,
    /// Whether it is a kernel of this project.
    is_own: bool,
    with_pool: bool,
    /// The figures in their order, each with one number a round.
    figures: Vec<(&'static str, Vec<f64>)>,
}

impl Subject {
    fn new(kernelspec: PathBuf) -> Self {
        let spec: Value = serde_json::from_slice(&fs::read(kernelspec.join("kernel.json")).unwrap()).unwrap();
        Self {
            name: spec["display_name"].as_str().unwrap_or_default().to_owned(),
            is_own: spec["argv"][0].as_str().is_some_and(|program| program.ends_with("worksheets")),
            python: spec["language"] == "python",
            kernelspec,
            with_pool: false,
            figures: Vec::new(),
        }
    }

    fn warmed(&self) -> Self {
        let mut subject = Self::new(self.kernelspec.clone());
        subject.name.push_str(", warmed in the pool");
        subject.with_pool = true;
        subject
    }

    fn measure(&mut self) {
        let pool = self.with_pool.then(|| Pool::warm(&self.kernelspec));
        let notices = pool.as_ref().map(|pool| pool.notices.clone());
        let figures = figures(&self.kernelspec, self.python, notices);
        drop(pool);
        for (name, value) in figures {
            match self.figures.iter_mut().find(|(figure, _)| *figure == name) {
                Some((_, values)) => values.push(value),
                None => self.figures.push((name, vec![value])),
            }
        }
    }

    fn tell(&self) {
        for (figure, values) in &self.figures {
            let value = (median(values) * 1000.0).round() / 1000.0;
            println!("{}", json!({ "kernel": self.name, "figure": figure, "median": value, "rounds": values.len() }));
        }
    }
}

fn figures(kernelspec: &Path, python: bool, pool: Option<PathBuf>) -> Vec<(&'static str, f64)> {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    let start = Instant::now();
    let since = |start: Instant| start.elapsed().as_secs_f64();
    let is_cold = pool.is_none();
    let (mut kernel, _) = Start { pool, strays: python, ..Start::default() }.kernel(kernelspec);
    let mut figures = vec![("start to kernel_info, s", since(start))];
    run(&mut kernel, &format!("{} + {}", seed % 89, seed % 97), true);
    figures.push(("start to first result, s", since(start)));
    run(&mut kernel, &if python { keras(seed) } else { course(seed) }, true);
    figures.push(("start to first trained model, s", since(start)));
    if is_cold {
        figures.push(("memory then, MB", megabytes(kernel.process.id())));
    }
    let good: Vec<f64> = (0..LATER).map(|index| run(&mut kernel, &later(python, seed, index), true)).collect();
    figures.push(("later cell, median, s", median(&good)));
    let wrong: Vec<f64> = (0..WRONG).map(|index| run(&mut kernel, &wrong(python, seed, index), false)).collect();
    figures.push(("cell that does not compile, median, s", median(&wrong)));
    figures.push(("cell that does not compile over later cell", median(&wrong) / median(&good)));
    kernel.shut_down();
    figures
}

/// Runs a cell, which must or must not succeed, and says how long that took.
fn run(kernel: &mut Kernel, code: &str, good: bool) -> f64 {
    let start = Instant::now();
    let ran = kernel.run(code);
    assert_eq!(ran.reply["status"], if good { "ok" } else { "error" }, "{code}\n{:#}", ran.reply);
    start.elapsed().as_secs_f64()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
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
model.compile(keras.optimizers.SGD(1e-4), 'categorical_crossentropy', metrics=['accuracy'])
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
        format!("struct S{number} {{ x: i32 }}\nlet s_{number} = S{number} {{ x: {number} }};\ns_{number}.x"),
    ];
    let other = [
        format!("a_{number} = {number}"),
        format!("print({number})"),
        format!("def f_{number}(x): return x + {number}"),
        format!("x_{seed}.sum() + {number}"),
        format!("len([i for i in range({number}) if i % 3 == 0])"),
        format!("class S{number}: x = {number}\ns_{number} = S{number}()\ns_{number}.x"),
    ];
    let cells = if python { other } else { rust };
    cells[index as usize % cells.len()].clone()
}

/// Cells that do not compile.
fn wrong(python: bool, seed: u32, index: u32) -> String {
    let number = seed % 1000 + index;
    let rust = [
        format!("let b_{number}: String = {number};"),
        format!("missing_{number} + 1"),
        format!("let v_{number} = vec![{number}]; let w = v_{number}; v_{number}.len()"),
    ];
    let other = [format!("b = = {number}"), format!("missing_{number} + 1"), format!("f({number}")];
    let cells = if python { other } else { rust };
    cells[index as usize % cells.len()].clone()
}
