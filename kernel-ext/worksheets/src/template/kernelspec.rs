//! The kernelspec `rust-course`, by which Jupyter knows the kernel.

use super::{Error, Prefix, Toolchain};
use crate::project;
use serde_json::{Map, Value, json};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the kernelspec.
pub const NAME: &str = "rust-course";
const LOGO: &str = include_str!("logo.svg");

/// Writes the kernelspec and returns its folder.
///
/// # Errors
/// When the folder cannot be written, or nobody's Jupyter folder can be named.
pub fn write(prefix: &Prefix, root: &Path, toolchain: &Toolchain) -> Result<PathBuf, Error> {
    let program = env::current_exe().map_err(|reason| Error::file(Path::new("worksheets"), reason))?;
    write_files(prefix, NAME, &content(&program, &environment(root, toolchain)))
}

/// Writes a kernelspec of this name, with the logo, and returns its folder.
///
/// # Errors
/// As [`write()`].
pub fn write_files(prefix: &Prefix, name: &str, content: &Value) -> Result<PathBuf, Error> {
    let folder = kernels(prefix)?.join(name);
    fs::create_dir_all(&folder).map_err(|reason| Error::file(&folder, reason))?;
    let files = [("kernel.json", format!("{content:#}\n")), ("logo-svg.svg", LOGO.to_owned())];
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|reason| Error::file(&path, reason))?;
    }
    Ok(folder)
}

/// The variables that a kernel needs beside those of whoever starts it.
pub fn environment(root: &Path, toolchain: &Toolchain) -> [(&'static str, String); 2] {
    [("RUSTUP_TOOLCHAIN", toolchain.channel.clone()), (project::HOME, root.to_string_lossy().into_owned())]
}

fn content(program: &Path, environment: &[(&str, String)]) -> Value {
    let environment: Map<String, Value> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    json!({
        "argv": [program.to_string_lossy(), "kernel", "--connection-file", "{connection_file}"],
        "display_name": "Rust (course)",
        "language": "rust",
        "interrupt_mode": "message",
        "env": environment,
        "metadata": { "debugger": false },
    })
}

/// The folder in which Jupyter looks for kernelspecs.
fn kernels(prefix: &Prefix) -> Result<PathBuf, Error> {
    match prefix {
        Prefix::Directory(folder) => Ok(folder.join("share/jupyter/kernels")),
        Prefix::User => user_data()
            .map(|data| data.join("kernels"))
            .ok_or_else(|| Error::Toolchain("neither JUPYTER_DATA_DIR nor HOME is set; use --prefix DIR".to_owned())),
    }
}

/// Jupyter's own rule for the user's folder.
fn user_data() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("JUPYTER_DATA_DIR").or_else(|| {
        if cfg!(target_os = "macos") {
            return folder("HOME").map(|home| home.join("Library/Jupyter"));
        }
        folder("XDG_DATA_HOME")
            .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
            .map(|data| data.join("jupyter"))
    })
}
