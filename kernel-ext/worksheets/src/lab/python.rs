//! Finding a Python that JupyterLab runs on, and running programs of it.

use super::Error;
use std::process::{Command, Output, Stdio};

/// Tried in this order: what the user calls `python3` first, because it is what they keep up to date.
const CANDIDATES: &[&str] = &["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
const OLDEST: (u32, u32) = (3, 11);
/// Says the version, then whether what a virtual environment needs is there. Debian keeps both modules
/// in packages of their own.
const PROBE: &str = "import sys; print(*sys.version_info[:2]); import venv, ensurepip, ssl";

/// Finds a Python that is recent enough and can make virtual environments.
///
/// # Errors
/// When there is none; the error names the package that brings it.
pub fn find() -> Result<String, Error> {
    let mut tried = Vec::new();
    let mut without_venv = None;
    for candidate in CANDIDATES {
        match probe(candidate) {
            Probe::Good => return Ok((*candidate).to_owned()),
            Probe::NoVenv(reason) => without_venv = without_venv.or(Some((*candidate, reason))),
            Probe::Unusable(reason) => tried.push(format!("{candidate}: {reason}")),
        }
    }
    match without_venv {
        Some((python, reason)) => Err(Error::NoVenv { python: python.to_owned(), reason }),
        None => Err(Error::NoPython { tried }),
    }
}

enum Probe {
    Good,
    NoVenv(String),
    Unusable(String),
}

fn probe(program: &str) -> Probe {
    let output = match Command::new(program).args(["-c", PROBE]).stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(reason) => return Probe::Unusable(reason.to_string()),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map_while(|number| number.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) < OLDEST => Probe::Unusable(format!("is version {major}.{minor}")),
        (Some(_), Some(_)) if output.status.success() => Probe::Good,
        (Some(_), Some(_)) => Probe::NoVenv(last_lines(&output, 1)),
        _ => Probe::Unusable(last_lines(&output, 1)),
    }
}

/// What brings Python on this system.
pub fn packages() -> &'static str {
    if cfg!(target_os = "macos") {
        return "Install it with `brew install python`, or from python.org.";
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let is = |name: &str| release.lines().filter(|line| line.starts_with("ID")).any(|line| line.contains(name));
    if is("debian") || is("ubuntu") {
        "Install it with `sudo apt install python3 python3-venv`."
    } else if is("fedora") || is("rhel") {
        "Install it with `sudo dnf install python3`."
    } else {
        "Install your system's package of Python 3, with its venv module (Debian: python3-venv, Fedora: python3)."
    }
}

/// The last lines of what a program printed, errors preferred.
pub fn last_lines(output: &Output, number: usize) -> String {
    let text = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(number)..].join("\n")
}
