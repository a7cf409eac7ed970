//! `cargo ci`: everything that must hold before a change lands, in one command.

use std::process::{Command, ExitCode};
use std::time::Instant;

/// What is run, in this order: a name and the arguments of cargo.
const STEPS: &[(&str, &[&str])] = &[
    ("formatting", &["fmt", "--all", "--check"]),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]),
    ("docs", &["doc", "--workspace", "--no-deps", "--quiet"]),
    ("tests", &["test", "--workspace", "--release"]),
];

fn main() -> ExitCode {
    let mut failed = 0;
    for (name, arguments) in STEPS {
        println!("--- {name}: cargo {}", arguments.join(" "));
        let start = Instant::now();
        let passed = Command::new("cargo")
            .args(*arguments)
            .env("RUSTDOCFLAGS", "--deny warnings")
            .status()
            .is_ok_and(|status| status.success());
        println!("--- {name}: {} in {:.0} s", if passed { "passed" } else { "FAILED" }, start.elapsed().as_secs_f32());
        failed += usize::from(!passed);
    }
    println!("{} passed, {failed} failed", STEPS.len() - failed);
    ExitCode::from(u8::from(failed > 0))
}
