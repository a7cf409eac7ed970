//! `worksheets install`: the warm template that every kernel starts from, and the kernelspec.

use std::fmt;
use std::path::PathBuf;

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
pub fn install(_prefix: &Prefix, _progress: &mut dyn FnMut(&str)) -> Result<Installed, Error> {
    Err(Error("not built yet".to_owned()))
}

/// Why an installation failed, with the remedy.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
