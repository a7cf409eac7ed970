//! `worksheets doctor`: what the course needs on this machine, what is there, and what brings the rest.

use crate::lab::{self, Places};
use crate::project;
use crate::template::Toolchain;
use std::ffi::CString;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// What building and JupyterLab take, in bytes.
const SPACE: u64 = 6_000_000_000;

/// One thing that was looked for.
pub struct Finding {
    name: &'static str,
    state: State,
}

enum State {
    Good(String),
    /// Needed, and what brings it.
    Missing(String),
    /// Useful, and what brings it.
    Absent(String),
}

impl Finding {
    /// Whether the course cannot work without it.
    pub fn is_missing(&self) -> bool {
        matches!(self.state, State::Missing(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, text) = match &self.state {
            State::Good(text) => ("good", text),
            State::Missing(text) => ("MISSING", text),
            State::Absent(text) => ("absent", text),
        };
        write!(formatter, "{word:<8} {:<16} {}", self.name, text.replace('\n', " "))
    }
}

/// Looks for everything.
pub fn examine() -> Vec<Finding> {
    let root = project::root();
    let places = Places::find();
    let toolchain = Toolchain::find(&root);
    vec![
        Finding { name: "Rust toolchain", state: rust(&toolchain) },
        Finding { name: "rust-src", state: sources(&toolchain) },
        Finding { name: "C linker", state: linker() },
        Finding { name: "Python", state: python() },
        Finding { name: "JupyterLab", state: jupyter(&places) },
        Finding { name: "disk space", state: space(&root) },
        Finding { name: "browser", state: browser() },
        Finding { name: "GPU", state: gpu() },
    ]
}

fn rust(toolchain: &Result<Toolchain, crate::template::Error>) -> State {
    match toolchain {
        Ok(toolchain) => State::Good(toolchain.version.lines().next().unwrap_or_default().to_owned()),
        Err(error) => State::Missing(format!("{error}; install rustup from https://rustup.rs")),
    }
}

fn sources(toolchain: &Result<Toolchain, crate::template::Error>) -> State {
    match toolchain {
        Ok(toolchain) if toolchain.library().join("Cargo.toml").is_file() => State::Good("installed".to_owned()),
        _ => State::Absent("`cargo lab` adds it, or `rustup component add rust-src`".to_owned()),
    }
}

fn linker() -> State {
    match first_line("cc", &["--version"]) {
        Some(version) => State::Good(version),
        None if cfg!(target_os = "macos") => State::Missing("`xcode-select --install` brings it".to_owned()),
        None => {
            State::Missing("`sudo apt install gcc libc6-dev` (Debian) or `sudo dnf install gcc` brings it".to_owned())
        }
    }
}

fn python() -> State {
    match lab::python::find() {
        Ok(program) => State::Good(
            first_line(&program, &["--version"]).map_or(program.clone(), |version| format!("{program}: {version}")),
        ),
        Err(error) => State::Missing(error.to_string()),
    }
}

fn jupyter(places: &Places) -> State {
    let python = places.venv.join("bin/python");
    match first_line(&python.to_string_lossy(), &["-m", "jupyterlab", "--version"]) {
        Some(version) => State::Good(version),
        None => State::Absent("`cargo lab` installs it into .worksheets/venv".to_owned()),
    }
}

fn browser() -> State {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    match names.iter().find_map(|name| first_line(name, &["--version"])) {
        Some(version) => State::Good(version),
        None => State::Absent("any browser shows the sheets; a test of `cargo ci` drives chromium".to_owned()),
    }
}

fn gpu() -> State {
    match first_line("nvidia-smi", &["--query-gpu=name,driver_version", "--format=csv,noheader"]) {
        Some(card) => State::Good(card),
        None => State::Absent("the sheets run on the processor; nothing needs a GPU".to_owned()),
    }
}

fn space(folder: &Path) -> State {
    match free(folder) {
        Some(bytes) if bytes < SPACE => {
            State::Missing(format!("{} GB free, {} GB needed", bytes / 1_000_000_000, SPACE / 1_000_000_000))
        }
        Some(bytes) => State::Good(format!("{} GB free", bytes / 1_000_000_000)),
        None => State::Absent("the system does not say".to_owned()),
    }
}

fn free(folder: &Path) -> Option<u64> {
    let path = CString::new(folder.as_os_str().as_bytes()).ok()?;
    // SAFETY: an all-zero statvfs is a valid value of that plain C struct.
    let mut answer: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are valid for the call, and the path ends in a zero byte.
    let failed = unsafe { libc::statvfs(path.as_ptr(), &raw mut answer) } != 0;
    // The types of the two fields differ between systems.
    #[allow(clippy::unnecessary_cast)]
    (!failed).then(|| answer.f_bavail as u64 * answer.f_frsize as u64)
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned();
    output.status.success().then_some(text)
}
