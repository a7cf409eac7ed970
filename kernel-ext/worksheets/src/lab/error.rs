//! What keeps JupyterLab from being set up, each with its remedy.

use crate::template;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why the sheets cannot be opened.
#[derive(Debug)]
pub enum Error {
    /// No Python is recent enough.
    NoPython {
        /// What was tried, and what each said.
        tried: Vec<String>,
    },
    /// Python is there, but cannot make virtual environments.
    NoVenv {
        /// The program.
        python: String,
        /// What it said.
        reason: String,
    },
    /// A step of the set-up failed.
    Step {
        /// What was being done.
        what: String,
        /// What the program said last.
        output: String,
        /// What helps.
        remedy: &'static str,
    },
    /// A file or folder could not be used.
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// The kernel could not be installed.
    Kernel(template::Error),
}

impl Error {
    pub(crate) fn file(path: &Path, reason: io::Error) -> Self {
        Self::File { path: path.to_owned(), reason }
    }
}

impl From<template::Error> for Error {
    fn from(error: template::Error) -> Self {
        Self::Kernel(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPython { tried } => write!(
                formatter,
                "JupyterLab needs Python 3.11 or newer, and none was found ({}).\n{}",
                tried.join("; "),
                super::python::packages()
            ),
            Self::NoVenv { python, reason } => {
                write!(formatter, "{python} cannot make virtual environments: {reason}.\n{}", super::python::packages())
            }
            Self::Step { what, output, remedy } => write!(formatter, "{what} failed:\n{output}\n{remedy}"),
            Self::File { path, reason } => write!(formatter, "{}: {reason}", path.display()),
            Self::Kernel(error) => write!(formatter, "{error}"),
        }
    }
}

impl std::error::Error for Error {}
