//! The kernelspec `rust-course-stock`: the same sheets on evcxr_jupyter as it is, without what `worksheets kernel`
//! adds. Displays that change appear once, when a cell has ended.

use super::{Error, Prefix, Toolchain, current, kernelspec, tree};
use crate::project;
use serde_json::{Map, Value, json};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the kernelspec.
pub const NAME: &str = "rust-course-stock";
/// The kernel of others that is used.
const PROGRAM: &str = "evcxr_jupyter";

/// Writes what evcxr reads when it starts, and the kernelspec, and returns the folder of the latter. The template must
/// be there: its backend is used.
///
/// # Errors
/// When a file cannot be written, or evcxr_jupyter is not installed.
pub fn write(prefix: &Prefix, root: &Path, toolchain: &Toolchain) -> Result<PathBuf, Error> {
    let program = find(PROGRAM).ok_or_else(|| {
        Error::Toolchain(format!(
            "`{PROGRAM}` is not on the PATH; `cargo install {PROGRAM} --version 0.22.0 --locked` brings it"
        ))
    })?;
    let folder = project::warm(root).join("stock");
    fs::create_dir_all(&folder).map_err(|reason| Error::file(&folder, reason))?;
    // A name of its own: the template of a later version would take its backend away.
    let backend = folder.join("libbackend.so");
    let _ = fs::remove_file(&backend);
    tree::link(&current(root)?.join("libbackend.so"), &backend)?;
    let start = folder.join("init.evcxr");
    fs::write(&start, beginning(root)).map_err(|reason| Error::file(&start, reason))?;
    kernelspec::write_files(prefix, NAME, &content(&program, root, &folder, toolchain))
}

/// The lines that evcxr runs first. Its cache keeps what has been compiled for the next kernel.
fn beginning(root: &Path) -> String {
    let course = root.join("kernel-ext/cells");
    format!(":cache 500\n:dep course = {{ path = {course:?} }}\nuse course::prelude::*;\n")
}

fn content(program: &Path, root: &Path, folder: &Path, toolchain: &Toolchain) -> Value {
    let path = |path: &Path| Value::String(path.to_string_lossy().into_owned());
    let environment = Map::from_iter([
        ("RUSTUP_TOOLCHAIN".to_owned(), toolchain.channel.as_str().into()),
        ("EVCXR_CONFIG_DIR".to_owned(), path(folder)),
        ("COURSE_BACKEND".to_owned(), path(&folder.join("libbackend.so"))),
        ("COURSE_DATASETS".to_owned(), path(&root.join("datasets"))),
    ]);
    json!({
        "argv": [program.to_string_lossy(), "--control_file", "{connection_file}"],
        "display_name": "Rust (course, stock evcxr)",
        "language": "rust",
        "interrupt_mode": "message",
        "env": environment,
    })
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    #[test]
    fn evcxr_is_told_of_the_crate_and_the_prelude() {
        let lines = super::beginning(std::path::Path::new("/a folder"));
        assert_eq!(
            lines,
            ":cache 500\n:dep course = { path = \"/a folder/kernel-ext/cells\" }\nuse course::prelude::*;\n"
        );
    }
}
