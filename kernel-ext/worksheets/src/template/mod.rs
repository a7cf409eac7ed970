//! `worksheets install`: the warm template that every kernel starts from, and the kernelspec.
//!
//! A template is a folder `.worksheets/templates/<fingerprint>` with
//!
//! * `evcxr`: what evcxr calls its tmpdir, with `course` already compiled as cells need it;
//! * `runtime`: the process that runs cells;
//! * `toolchain`: the compiler's, with a cargo that remembers how cells are compiled;
//! * `libbackend.so`: what stands behind the waist;
//! * `rust-src`: a link to what rust-analyzer reads of the standard library.
//!
//! It is never changed once it is complete: kernels share its files by hard links. When a source or
//! the compiler changes, another one is built beside it, `current` is pointed at it, and the old one goes.

mod build;
mod fingerprint;
mod kernelspec;
mod lock;
mod manifest;
mod sources;
mod stock;
mod toolchain;
mod tree;
mod workspace;

pub use manifest::opt_level;
pub use toolchain::Toolchain;
pub use workspace::Workspace;

use crate::project;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the kernelspec is written.
#[derive(Debug, Clone)]
pub enum Prefix {
    /// `DIR/share/jupyter/kernels`, as in a virtual environment.
    Directory(PathBuf),
    /// The user's own Jupyter folder.
    User,
}

/// What an installation left behind.
#[derive(Debug, Clone)]
pub struct Installed {
    /// The folder of the kernelspec.
    pub kernelspec: PathBuf,
    /// Whether anything had to be built.
    pub built: bool,
}

/// Builds the warm template unless it is up to date, and writes the kernelspec `rust-course`.
/// Every step is said to `progress` in one line.
///
/// # Errors
/// When the toolchain is missing or incomplete, a crate does not compile, or a file cannot be written.
pub fn install(prefix: &Prefix, progress: &mut dyn FnMut(&str)) -> Result<Installed, Error> {
    let root = project::root();
    let toolchain = Toolchain::find(&root)?;
    toolchain.require_sources(progress)?;
    let built = prepare(&root, &toolchain, progress)?;
    Ok(Installed { kernelspec: kernelspec::write(prefix, &root, &toolchain)?, built })
}

/// As [`install`], and writes the kernelspec `rust-course-stock` beside the other; returns its folder.
///
/// # Errors
/// As [`install`], and when evcxr_jupyter is not installed.
pub fn install_stock(prefix: &Prefix, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    install(prefix, progress)?;
    let root = project::root();
    stock::write(prefix, &root, &Toolchain::find(&root)?)
}

/// The variables that a kernel needs beside those of whoever starts it.
///
/// # Errors
/// When the toolchain is missing.
pub fn kernel_environment(root: &Path) -> Result<[(&'static str, String); 2], Error> {
    Ok(kernelspec::environment(root, &Toolchain::find(root)?))
}

/// Makes the template that fits sources and compiler the current one; says whether it had to be built.
fn prepare(root: &Path, toolchain: &Toolchain, progress: &mut dyn FnMut(&str)) -> Result<bool, Error> {
    let templates = templates(root);
    fs::create_dir_all(&templates).map_err(|error| Error::file(&templates, error))?;
    let _only_one = lock::wait(&templates.join("lock"), progress)?;
    let name = fingerprint::of(root, toolchain)?;
    let template = templates.join(&name);
    let built = !template.is_dir();
    if built {
        build::template(root, toolchain, &template, progress)?;
    } else {
        progress("the warm template is up to date");
    }
    let current = templates.join("current");
    tree::write_atomically(&current, &name)?;
    remove_others(&templates, &name);
    Ok(built)
}

/// The current template.
///
/// # Errors
/// When nothing has been installed yet.
pub fn current(root: &Path) -> Result<PathBuf, Error> {
    let templates = templates(root);
    let name = fs::read_to_string(templates.join("current")).map_err(|_| Error::NotInstalled)?;
    let template = templates.join(name.trim());
    if template.is_dir() { Ok(template) } else { Err(Error::NotInstalled) }
}

/// The compiler of the current template, by its own name.
pub fn rustc(root: &Path) -> Option<PathBuf> {
    toolchain::original(&current(root).ok()?.join("toolchain")).map(|sysroot| sysroot.join("bin/rustc"))
}

fn templates(root: &Path) -> PathBuf {
    project::warm(root).join("templates")
}

/// Removes the templates of earlier sources. Kernels that still run have their own links to the files.
fn remove_others(templates: &Path, keep: &str) {
    let Ok(entries) = fs::read_dir(templates) else { return };
    for entry in entries.flatten() {
        if entry.file_name() != keep && entry.path().is_dir() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Why an installation failed, with the remedy.
#[derive(Debug)]
pub enum Error {
    /// A program that is needed could not be started.
    Program {
        /// Its name.
        program: String,
        /// What the system said.
        reason: io::Error,
    },
    /// The compiler does not say what is asked of every Rust compiler.
    Toolchain(String),
    /// A step of the build failed; cargo's own words were passed to the progress callback.
    Build {
        /// What was being built.
        what: &'static str,
        /// The last lines of cargo's output.
        output: String,
    },
    /// A file or folder could not be read or written.
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// A kernel was started before anything was installed.
    NotInstalled,
}

impl Error {
    fn file(path: &Path, reason: io::Error) -> Self {
        Self::File { path: path.to_owned(), reason }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program { program, reason } => write!(
                formatter,
                "`{program}` cannot be started: {reason}. Rust comes with rustup, https://rustup.rs; \
                 `worksheets doctor` says what is missing"
            ),
            Self::Toolchain(problem) => write!(formatter, "{problem}. `worksheets doctor` says what is missing"),
            Self::Build { what, output } => write!(formatter, "{what} could not be built:\n{output}"),
            Self::File { path, reason } => write!(formatter, "{}: {reason}", path.display()),
            Self::NotInstalled => write!(
                formatter,
                "the kernel's warm template is missing: run `cargo lab` in the project's folder, or `worksheets install`"
            ),
        }
    }
}

impl std::error::Error for Error {}
