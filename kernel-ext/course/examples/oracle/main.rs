//! Compares layers, optimizers, losses, metrics, schedules and whole trainings with numbers that Keras
//! computed.
//!
//! `cargo run --release -p course --example oracle -- [--dump DIR] FILE...`
//!
//! A file is a JSON list of cases; its name (`layers.json`, `optimizers.json`, ...) says their kind.
//! Each case is built from Keras's own `class_name` and `config`. The program prints
//! `ok|FAIL name max-error`, and exits with 1 if a case fails; `--dump` writes what was computed, in
//! the same form.

mod cases;

use cases::KINDS;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let (dump, files) = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => return stop(&message),
    };
    // A case that panics is reported as one that fails.
    std::panic::set_hook(Box::new(|_| ()));
    let (mut passed, mut cases) = (0, 0);
    for file in &files {
        match check_file(file, dump.as_deref()) {
            Ok((good, all)) => (passed, cases) = (passed + good, cases + all),
            Err(message) => return stop(&message),
        }
    }
    println!("{passed} of {cases} cases pass");
    if passed == cases { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::print_stderr, reason = "a program says on standard error why it stops")]
fn stop(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}

fn arguments() -> Result<(Option<PathBuf>, Vec<PathBuf>), String> {
    let (mut dump, mut files) = (None, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--dump" {
            dump = Some(arguments.next().ok_or("--dump needs a folder")?.into());
        } else {
            files.push(argument.into());
        }
    }
    if files.is_empty() {
        let kinds: Vec<String> = KINDS.iter().map(|kind| format!("{}.json", kind.name)).collect();
        return Err(format!("usage: oracle [--dump DIR] FILE...\nfiles are named {}", kinds.join(", ")));
    }
    Ok((dump, files))
}

/// How many cases of a file pass, and how many there are.
fn check_file(file: &Path, dump: Option<&Path>) -> Result<(usize, usize), String> {
    let failed = |what: &dyn std::fmt::Display| format!("{}: {what}", file.display());
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let kind = KINDS.iter().find(|kind| kind.name == stem).ok_or_else(|| failed(&"its name says no kind of case"))?;
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
    let cases: Vec<Value> = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    let (mut passed, mut dumped) = (0, Vec::new());
    for case in &cases {
        let name = case["name"].as_str().unwrap_or("?");
        let (computed, verdict) = kind.check(case);
        dumped.extend(computed.map(|computed| with_name(name, computed)));
        match verdict {
            Ok(error) => {
                passed += 1;
                println!("ok {name} {error:.2e}");
            }
            Err(problem) => println!("FAIL {name} {}", problem.replace('\n', " ")),
        }
    }
    if let Some(folder) = dump {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        let text = serde_json::to_string(&dumped).map_err(|error| failed(&error))?;
        std::fs::write(folder.join(format!("{stem}.json")), text).map_err(|error| failed(&error))?;
    }
    Ok((passed, cases.len()))
}

fn with_name(name: &str, computed: Map<String, Value>) -> Value {
    let mut entry = Map::from_iter([("name".to_string(), Value::from(name))]);
    entry.extend(computed);
    Value::Object(entry)
}
