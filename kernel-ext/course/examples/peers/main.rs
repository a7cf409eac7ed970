//! Times the reference workloads, so that they can be compared with the same ones in other
//! libraries: one line of JSON a workload. The first epoch is a warm-up.
//!
//! `cargo run --release -p course --example peers -- --data datasets/mnist perceptron mlp256`
//!
//! With `--plan` the steps of a training step are printed in place of that. With `--workload FILE` the workload comes from a JSON file: `name`, `model` (as Keras's
//! JSON), `optimizer` and its `config`, `loss`, `samples`, `batch`. Samples are random numbers, and
//! targets random classes; what is timed does not depend on them.

#[path = "../networks/mod.rs"]
mod networks;
mod workloads;

use course::prelude::*;
use std::process::ExitCode;
use std::time::Instant;
use workloads::{WORKLOADS, Workload};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

#[expect(clippy::print_stderr, reason = "a program says on standard error why it stops")]
fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}

fn run() -> Result<(), String> {
    let arguments = Arguments::read()?;
    for file in &arguments.files {
        let (name, workload) = workloads::from_file(file)?;
        arguments.look_at(&name, workload);
    }
    if !arguments.files.is_empty() && arguments.names.is_empty() {
        return Ok(());
    }
    let ((x, y), _) = mnist::load_data_from(&arguments.folder).map_err(|error| error.to_string())?;
    for (name, make) in WORKLOADS {
        if arguments.names.is_empty() || arguments.names.iter().any(|wanted| wanted == name) {
            arguments.look_at(name, make(&x, &y));
        }
    }
    Ok(())
}

struct Arguments {
    folder: String,
    names: Vec<String>,
    files: Vec<String>,
    plan: bool,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let known: Vec<&str> = WORKLOADS.iter().map(|(name, _)| *name).collect();
        let usage = format!(
            "usage: peers [--data FOLDER] [--plan] [--workload FILE]... [WORKLOAD...]\nworkloads: {}",
            known.join(", ")
        );
        let mut read = Self { folder: "datasets/mnist".into(), names: Vec::new(), files: Vec::new(), plan: false };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--data" => read.folder = arguments.next().ok_or_else(|| format!("--data needs a folder\n{usage}"))?,
                "--plan" => read.plan = true,
                "--workload" => {
                    read.files.push(arguments.next().ok_or_else(|| format!("--workload needs a file\n{usage}"))?);
                }
                name if known.contains(&name) => read.names.push(argument),
                _ => return Err(format!("`{argument}` is no workload\n{usage}")),
            }
        }
        Ok(read)
    }

    fn look_at(&self, name: &str, mut workload: Workload) {
        if self.plan {
            println!("{name}\n{}", workload.model.plan(workload.batch_size));
        } else {
            measure(name, workload);
        }
    }
}

/// Trains epoch by epoch with ordinary `fit`, and prints the best and the middle time.
fn measure(name: &str, mut workload: Workload) {
    let Workload { model, x, y, batch_size, epochs } = &mut workload;
    let (mut seconds, mut accuracy) = (Vec::new(), 0.0);
    for _ in 0..*epochs {
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
