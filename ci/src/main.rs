//! `cargo ci`: everything that must hold before a change lands, in one command.
//!
//! Each step is a command with its ordinary output; a step that fails does not keep the later ones from
//! running. `cargo ci NAME...` runs only the steps named.

mod jupyter;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// How a step went.
pub enum Outcome {
    /// As it should.
    Passed,
    /// Something does not hold; the step has said what.
    Failed,
    /// It could not run here, for this reason.
    Skipped(String),
}

impl From<bool> for Outcome {
    fn from(good: bool) -> Self {
        if good { Self::Passed } else { Self::Failed }
    }
}

type Step = (&'static str, fn(&Path) -> Outcome);

/// What is run, in this order: first what is quick, then what later steps rest on.
const STEPS: &[Step] = &[
    ("formatting", formatting),
    // The tests' profile, so that build scripts and macros are compiled once.
    ("clippy", |root| {
        cargo(root, &["clippy", "--release", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])
    }),
    ("docs", |root| cargo(root, &["doc", "--release", "--workspace", "--no-deps", "--quiet"])),
    ("tests", |root| cargo(root, &["test", "--release", "--workspace", "--no-fail-fast"])),
    ("instructions", instructions),
    ("setup", |root| worksheets(root, &["lab", "--instructor", "--only-prepare"])),
    ("notebooks", |root| worksheets(root, &["check", "notebooks"])),
    ("nbconvert", jupyter::nbconvert),
    ("tools", jupyter::tools),
    ("browser", jupyter::browser),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| STEPS.iter().all(|(step, _)| step != name)) {
        let names: Vec<_> = STEPS.iter().map(|(name, _)| *name).collect();
        println!("there is no step `{unknown}`; the steps are {}", names.join(", "));
        return ExitCode::from(2);
    }
    let root = root();
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), 0);
    for (name, step) in STEPS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name))
    {
        println!("--- {name}");
        let start = Instant::now();
        let outcome = step(&root);
        let seconds = start.elapsed().as_secs_f32();
        match outcome {
            Outcome::Passed => {
                passed += 1;
                println!("--- {name}: passed in {seconds:.0} s");
            }
            Outcome::Failed => {
                failed.push(*name);
                println!("--- {name}: FAILED in {seconds:.0} s");
            }
            Outcome::Skipped(reason) => {
                skipped += 1;
                println!("--- {name}: skipped: {reason}");
            }
        }
    }
    if !failed.is_empty() {
        println!("failed: {}", failed.join(", "));
    }
    let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
    println!("{passed} passed, {} failed{skipped}", failed.len());
    ExitCode::from(u8::from(!failed.is_empty()))
}

/// The project's folder.
fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// All sources as rustfmt lays them out. `cargo fmt` would leave out modules that a macro declares, such as the ops.
fn formatting(root: &Path) -> Outcome {
    let mut files = Vec::new();
    for folder in ["kernel-ext", "ci"] {
        if let Err(error) = sources(&root.join(folder), &mut files) {
            println!("{folder}: {error}");
            return Outcome::Failed;
        }
    }
    let good = succeeds(root, Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(&files));
    if !good {
        println!("`rustfmt --edition 2024 $(git ls-files '*.rs')` mends it");
    }
    good.into()
}

/// Collects the Rust files below a folder that are not built or hidden.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if name == "target" || name.to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The engine's tests with smaller sets of vector instructions than this processor's best, and on an odd
/// number of threads.
fn instructions(root: &Path) -> Outcome {
    let settings = [("COURSE_SIMD", "portable"), ("COURSE_SIMD", "avx2"), ("COURSE_THREADS", "3")];
    let test = ["test", "--release", "--quiet", "--package", "engine"];
    let good = settings.map(|(name, value)| {
        println!("{name}={value}");
        succeeds(root, cargo_command(&test).env(name, value))
    });
    good.iter().all(|&good| good).into()
}

fn cargo(root: &Path, arguments: &[&str]) -> Outcome {
    succeeds(root, &mut cargo_command(arguments)).into()
}

fn cargo_command(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).env("RUSTDOCFLAGS", "--deny warnings");
    // What the outer cargo says of this program: some build scripts look at it, and would build their
    // crates and all that rests on them anew each time `cargo ci` and another command take turns.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

fn worksheets(root: &Path, arguments: &[&str]) -> Outcome {
    let build = ["run", "--release", "--quiet", "--bin", "worksheets", "--"];
    cargo(root, &[&build, arguments].concat())
}

/// Runs a command in the project's folder and shows its output.
fn succeeds(root: &Path, command: &mut Command) -> bool {
    match command.current_dir(root).stdin(Stdio::null()).status() {
        Ok(status) => status.success(),
        Err(reason) => {
            println!("{} cannot be started: {reason}", command.get_program().display());
            false
        }
    }
}
