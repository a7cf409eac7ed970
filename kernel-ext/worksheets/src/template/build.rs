//! Builds a template with cargo. Crates that are fetched already are not fetched again, so that this
//! works without a network after a first `cargo fetch`.

use super::{Error, Toolchain, manifest, sources, toolchain, tree};
use crate::project;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many lines of cargo's output an error repeats.
const LAST_LINES: usize = 40;

/// Builds the template into the folder `target`, which appears when everything is complete.
///
/// # Errors
/// When a crate does not compile or a file cannot be written.
pub fn template(
    root: &Path,
    toolchain: &Toolchain,
    target: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    let draft = target.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(|reason| Error::file(&draft, reason))?;
    }
    start_from_the_last_one(root, &draft.join("evcxr"))?;
    progress("building the process that runs cells");
    install(&runtime(root, toolchain, progress)?, &draft.join("runtime"))?;
    progress("building the engine, pictures and files behind the waist");
    install(&backend(root, progress)?, &draft.join("libbackend.so"))?;
    progress("building the cargo that remembers how cells are compiled");
    let cargo = cell_cargo(root, progress)?;
    toolchain::with_cargo(&toolchain.sysroot, &cargo, &draft.join("toolchain"))?;
    progress("building the crate that cells use");
    cells(root, toolchain, &draft, progress)?;
    let sources = sources::prepare(root, toolchain, progress)?;
    symlink(&sources, draft.join("rust-src")).map_err(|reason| Error::file(&sources, reason))?;
    fs::rename(&draft, target).map_err(|reason| Error::file(target, reason))
}

/// Takes over what the current template has compiled, as real copies: cargo will change some of it.
fn start_from_the_last_one(root: &Path, evcxr: &Path) -> Result<(), Error> {
    let sources = evcxr.join("src");
    if let Ok(current) = super::current(root) {
        tree::copy_for_changes(&current.join("evcxr"), evcxr)?;
    }
    fs::create_dir_all(&sources).map_err(|reason| Error::file(&sources, reason))
}

fn install(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(drop).map_err(|reason| Error::file(from, reason))
}

/// Built with the shared libstd, and with the place where that is.
fn runtime(root: &Path, toolchain: &Toolchain, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    let libraries = toolchain.libraries();
    // Cargo separates these flags by this character, so that the path may contain spaces.
    let flags = format!("-Cprefer-dynamic\u{1f}-Clink-arg=-Wl,-rpath,{}", libraries.display());
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--package", "runtime", "--target-dir"])
        .arg(project::warm(root).join("build"))
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .current_dir(root);
    artifact("the process that runs cells", cargo, progress, |message| message["executable"].as_str())
}

fn backend(root: &Path, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--package", "plugin"]).current_dir(root);
    artifact("the backend", cargo, progress, |message| {
        message["filenames"]
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .find(|name| name.ends_with("libcourse_backend.so"))
    })
}

fn cell_cargo(root: &Path, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--package", "cell-cargo"]).current_dir(root);
    artifact("the cargo of cells", cargo, progress, |message| message["executable"].as_str())
}

/// Compiles an empty cell, the way evcxr will compile the others.
fn cells(root: &Path, toolchain: &Toolchain, draft: &Path, progress: &mut dyn FnMut(&str)) -> Result<(), Error> {
    let evcxr = draft.join("evcxr");
    let files = [
        ("Cargo.toml", manifest::whole(root)),
        // The versions that the project is tested with.
        ("Cargo.lock", read(&root.join("Cargo.lock"))?),
        ("src/lib.rs", String::new()),
    ];
    for (name, text) in files {
        let path = evcxr.join(name);
        fs::write(&path, text).map_err(|reason| Error::file(&path, reason))?;
    }
    let flags = match toolchain::linker_flag() {
        Some(linker) => format!("-Cprefer-dynamic {linker}"),
        None => "-Cprefer-dynamic".to_owned(),
    };
    // evcxr checks a cell, before it builds it, when the type of a variable cannot be told.
    for command in ["build", "check"] {
        // What the last template remembered may have changed.
        let _ = fs::remove_file(evcxr.join(format!("rustc-of-{command}")));
        let mut cargo = Command::new(draft.join("toolchain/bin/cargo"));
        cargo
            .args([command, "--target", &toolchain.host])
            .env("CARGO_TARGET_DIR", "target")
            .env("CARGO_BUILD_BUILD_DIR", "target")
            .env("RUSTC", toolchain.programs().join("rustc"))
            .env("RUSTFLAGS", &flags)
            .env("EVCXR_TMPDIR", &evcxr)
            .current_dir(&evcxr);
        artifact("the crate that cells use", cargo, progress, |_| Some(""))?;
    }
    // What rust-analyzer asks cargo, which keeps what its rustc says. Without this, kernels are slower, not wrong.
    let _ = Command::new(draft.join("toolchain/bin/cargo"))
        .args(["rustc", "-Z", "unstable-options", "--print", "cfg", "--target", &toolchain.host, "--", "-O"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", toolchain.programs().join("rustc"))
        .current_dir(&evcxr)
        .output();
    Ok(())
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|reason| Error::file(path, reason))
}

/// Runs cargo, passes its lines on, and returns the last file that `pick` finds in its messages.
fn artifact(
    what: &'static str,
    mut cargo: Command,
    progress: &mut dyn FnMut(&str),
    pick: impl Fn(&Value) -> Option<&str>,
) -> Result<PathBuf, Error> {
    let mut child = cargo
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|reason| Error::Program { program: "cargo".to_owned(), reason })?;
    let messages = child.stdout.take().map(|stdout| std::thread::spawn(move || read_all(stdout)));
    let mut lines = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            progress(&line);
            lines.push(line);
        }
    }
    let succeeded = child.wait().is_ok_and(|status| status.success());
    let messages = messages.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let found = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| pick(&message).map(PathBuf::from))
        .next_back();
    match found {
        Some(path) if succeeded => Ok(path),
        _ => Err(Error::Build { what, output: lines[lines.len().saturating_sub(LAST_LINES)..].join("\n") }),
    }
}

fn read_all(mut source: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = source.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
