//! A long session: 300 cells of all kinds, among them 20 that panic, 10 that do not compile, 5 that are stopped and
//! 3 that end their process. Every reply is looked at; figures are printed as one JSON object each:
//!
//! ```text
//! cargo run --release -p worksheets --example soak -- FOLDER_OF_KERNELSPEC
//! ```

// Whatever goes wrong ends the session.
#![allow(clippy::unwrap_used)]

#[path = "../tests/client/mod.rs"]
mod client;

use client::Kernel;
use client::processes::megabytes;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

const CELLS: usize = 300;

/// What later cells find, anew after the process of the cells has ended.
const SETUP: &str = "let x = ndarray::Array2::<f32>::ones((64, 10));
let y = ndarray::Array2::<f32>::zeros((64, 1));
let mut model = Sequential::new();
model.add(Input::new([10]));
model.add(Dense::new(1));
model.compile(Sgd::new(1e-3), \"mse\", ());";

/// What becomes of a cell.
enum Fate {
    /// It gives out this.
    Good(Vec<String>),
    /// It fails with an error of this name.
    Fails(&'static str),
    /// It would run for hours, and is stopped.
    Stopped,
    /// It takes the process along.
    Crashes,
}

/// Which variables and functions there are.
#[derive(Default)]
struct Names {
    variable: Option<usize>,
    function: Option<usize>,
}

fn main() {
    let kernelspec = std::env::args().nth(1).expect("usage: soak FOLDER_OF_KERNELSPEC");
    let (mut kernel, _) = Kernel::start(Path::new(&kernelspec));
    assert_eq!(kernel.run(SETUP).reply["status"], "ok");
    tell("memory after the first cell, MB", megabytes(kernel.process.id()));
    let (mut names, mut times, mut counts) = (Names::default(), Vec::new(), [0; 4]);
    for index in 0..CELLS {
        let (code, fate) = cell(index, &mut names);
        let start = Instant::now();
        match fate {
            Fate::Good(expected) => {
                let ran = kernel.run(&code);
                assert_eq!((ran.outputs, &ran.reply["status"]), (expected, &json!("ok")), "cell {index}: {code}");
                times.push((index, start.elapsed()));
            }
            Fate::Fails(name) => {
                let error = kernel.run(&code).error.unwrap_or_else(|| panic!("cell {index} does not fail: {code}"));
                assert_eq!(error["ename"], name, "cell {index}: {code}");
                counts[usize::from(name != "Panic")] += 1;
            }
            Fate::Stopped => {
                let id = kernel.send_until(&code, "training");
                kernel.interrupt();
                let ran = kernel.finish(&id);
                assert_eq!(ran.error.unwrap()["ename"], "Interrupted", "cell {index}");
                assert!(ran.took < Duration::from_secs(2), "cell {index} took {:?} to stop", ran.took);
                counts[2] += 1;
            }
            Fate::Crashes => {
                assert_eq!(kernel.run(&code).error.unwrap()["ename"], "Crashed", "cell {index}");
                assert_eq!(kernel.run(SETUP).reply["status"], "ok");
                names.variable = None;
                counts[3] += 1;
            }
        }
        if index + 1 == 200 {
            tell("memory after 200 cells, MB", megabytes(kernel.process.id()));
        }
    }
    assert_eq!(counts, [20, 10, 5, 3], "panics, compile errors, stops, crashes");
    tell("memory after all cells, MB", megabytes(kernel.process.id()));
    let around = |middle: usize| median(times.iter().filter(|(index, _)| index.abs_diff(middle) <= 9));
    tell("good cell, median, s", median(times.iter()));
    tell("good cells around number 10, s", around(10));
    tell("good cells around number 200, s", around(200));
    tell("number 200 over number 10", around(200) / around(10));
    kernel.shut_down();
}

/// The code of a cell, and what must become of it.
fn cell(index: usize, names: &mut Names) -> (String, Fate) {
    if [75, 150, 225].contains(&index) {
        return ("std::process::abort()".into(), Fate::Crashes);
    }
    match index {
        _ if index % 15 == 7 => (format!("panic!(\"number {index}\")"), Fate::Fails("Panic")),
        _ if index % 30 == 11 => (format!("let n: usize = \"{index}\";"), Fate::Fails("CompileError[E0308]")),
        _ if index % 60 == 29 => {
            let code = "println!(\"training\"); model.fit(&x, &y, Fit::new().epochs(100_000_000).verbose(0));";
            (code.into(), Fate::Stopped)
        }
        _ => good(index, names),
    }
}

fn good(index: usize, names: &mut Names) -> (String, Fate) {
    let (code, outputs) = match (index % 6, names.variable, names.function) {
        (1, Some(last), _) => (format!("a_{last} + 1"), vec![format!("result: {}", 2 * last + 1)]),
        (2, ..) => (format!("println!(\"number {index}\");"), vec![format!("stdout: number {index}\n")]),
        (3, ..) => {
            names.function = Some(index);
            (format!("fn f_{index}(x: usize) -> usize {{ x + {index} }}"), Vec::new())
        }
        (4, _, Some(last)) => (format!("f_{last}(1)"), vec![format!("result: {}", last + 1)]),
        (5, ..) => {
            let code =
                format!("struct S{index} {{ x: usize }}\nlet s_{index} = S{index} {{ x: {index} }};\ns_{index}.x");
            (code, vec![format!("result: {index}")])
        }
        _ => {
            names.variable = Some(index);
            (format!("let a_{index} = {index}_usize * 2;"), Vec::new())
        }
    };
    (code, Fate::Good(outputs))
}

fn median<'a>(times: impl Iterator<Item = &'a (usize, Duration)>) -> f64 {
    let mut seconds: Vec<f64> = times.map(|(_, time)| time.as_secs_f64()).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn tell(figure: &str, value: f64) {
    println!("{}", json!({ "figure": figure, "value": (value * 1000.0).round() / 1000.0 }));
}
