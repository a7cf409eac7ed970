//! The cargo that evcxr calls. For each cell cargo would find out anew what it knows already: that nothing but the cell
//! has changed, and how rustc is to be called. So the first build of a manifest is left to the real cargo, and what that
//! asks of rustc is written down beside the manifest; from then on rustc is called in the same way at once.
//!
//! ```text
//! evcxr ── cell-cargo build ──┬─ not written down: cargo ── cell-cargo (its rustc wrapper) ── writes down, becomes rustc
//!                             └─ written down: rustc
//! ```
//!
//! Only cells that depend on nothing but the course are remembered: another crate may lie in a folder whose files
//! change. Whatever else cargo is asked for becomes the real cargo's business, as does anything that cannot be read.
//!
//! What may not be in this crate: anything that takes time to start.

mod record;

use record::Record;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where the wrapper of rustc writes down how the cell is compiled.
const RECORD: &str = "CELL_CARGO_RECORD";
/// The file that evcxr names for the path of what was compiled.
const PRODUCT: &str = "EVCXR_EXECUTION_SO_PATH";
/// What rustc said of the last cell, in its JSON; beside the manifest.
const MESSAGES: &str = "messages-of-rustc";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            use io::Write;
            let _ = writeln!(io::stderr(), "error: cargo of the cells: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[OsString]) -> io::Result<ExitCode> {
    if let (Some(file), Some((rustc, arguments))) = (env::var_os(RECORD), arguments.split_first()) {
        return wrap(Path::new(&file), rustc, arguments);
    }
    let folder = env::current_dir()?;
    let mut cargo = Command::new(real_cargo()?);
    cargo.args(arguments);
    let Some(file) = arguments.iter().find_map(record_of).filter(|_| is_of_a_kernel(&folder)) else {
        return Err(cargo.exec());
    };
    let _ = fs::remove_file(folder.join(MESSAGES));
    if has_other_crates(&folder) {
        return Err(cargo.exec());
    }
    let file = folder.join(file);
    if let Some(record) = Record::read(&file, &folder) {
        return compile(&record, &folder);
    }
    Err(cargo.env(RECORD, file).env("RUSTC_WRAPPER", env::current_exe()?).exec())
}

/// The file for a command that compiles.
fn record_of(command: &OsString) -> Option<&'static str> {
    match command.to_str()? {
        "build" => Some("rustc-of-build"),
        "check" => Some("rustc-of-check"),
        _ => None,
    }
}

/// Whether cargo was called by a kernel, for cells, and without a wrapper of rustc.
fn is_of_a_kernel(folder: &Path) -> bool {
    let is_here = |kernel: OsString| fs::canonicalize(kernel).is_ok_and(|kernel| kernel == folder);
    env::var_os("RUSTC_WRAPPER").is_none() && env::var_os("EVCXR_TMPDIR").is_some_and(is_here)
}

/// Whether cells may depend on more than the course: evcxr writes other crates at the end of the manifest.
fn has_other_crates(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    !manifest.trim_end().ends_with("[dependencies]")
}

/// Cargo, as it lies beside the rustc that this toolchain has from another one.
fn real_cargo() -> io::Result<PathBuf> {
    let own = env::current_exe()?;
    Ok(fs::canonicalize(own.with_file_name("rustc"))?.with_file_name("cargo"))
}

/// In the place of rustc: writes down how the cell is compiled, and becomes rustc.
fn wrap(file: &Path, rustc: &OsString, arguments: &[OsString]) -> io::Result<ExitCode> {
    let is_cell = arguments.windows(2).any(|pair| pair[0] == "--crate-name" && pair[1] == "ctx");
    if is_cell {
        let folder = env::current_dir()?;
        if let Some(record) = Record::of(rustc, arguments, &folder) {
            record.write(file, &folder)?;
        }
    }
    Err(Command::new(rustc).args(arguments).env_remove(RECORD).exec())
}

/// Calls rustc as cargo did. What it says goes into a file for the kernel, and to evcxr.
fn compile(record: &Record, folder: &Path) -> io::Result<ExitCode> {
    let messages = folder.join(MESSAGES);
    let status = record.command(folder).stderr(File::create(&messages)?).status()?;
    io::copy(&mut File::open(&messages)?, &mut io::stderr())?;
    if !status.success() {
        return Ok(ExitCode::FAILURE);
    }
    if let (Some(file), Some(product)) = (env::var_os(PRODUCT), record.product()) {
        fs::write(file, product.as_os_str().as_encoded_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}
