//! What keeps a notebook from being checked at all; a wrong output is no `Error` but a
//! [`Failure`](crate::Failure).

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a notebook could not be read, run or written.
#[derive(Debug)]
pub enum Error {
    /// A file or folder could not be used.
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A file is not a notebook that this program knows.
    Notebook {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No kernelspec has the name.
    NoKernel {
        /// The name that a notebook or the user asked for.
        name: String,
        /// The names that exist.
        known: Vec<String>,
        /// Where they were looked for.
        searched: Vec<PathBuf>,
    },
    /// The kernel did not start, died, or spoke no sense.
    Kernel(String),
}

impl Error {
    pub(crate) fn file(path: &Path, reason: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), reason }
    }

    pub(crate) fn notebook(path: &Path, reason: impl fmt::Display) -> Self {
        Self::Notebook { path: path.to_owned(), reason: reason.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, reason } => write!(formatter, "{}: {reason}", path.display()),
            Self::Notebook { path, reason } => write!(formatter, "{} is no usable notebook: {reason}", path.display()),
            Self::NoKernel { name, known, searched } => {
                write!(formatter, "there is no kernel `{name}`; known: ")?;
                write!(
                    formatter,
                    "{}; searched:",
                    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                )?;
                searched.iter().try_for_each(|folder| write!(formatter, " {}", folder.display()))
            }
            Self::Kernel(reason) => write!(formatter, "kernel: {reason}"),
        }
    }
}

impl std::error::Error for Error {}
