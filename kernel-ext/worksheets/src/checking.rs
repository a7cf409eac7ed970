//! `worksheets check`: the command line of the crate `check`.

use crate::lab::Places;
use crate::pool::{self, Pool};
use crate::{say, template};
use clap::Args;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The name of the course's own kernel, which is brought up to date before it is used.
const OWN_KERNEL: &str = "rust-course";

/// What differs from run to run (dates, durations) is left out, numbers may differ by 1e-6 + 0.1 %,
/// pictures are compared by type and size. A cell's metadata can say otherwise, with a reason:
/// see notebooks/README.md.
#[derive(Args)]
pub struct Arguments {
    /// Notebooks, or folders that are searched for them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Store the new outputs and execution counts of each notebook that runs, instead of comparing.
    #[arg(long)]
    update: bool,
    /// Run N notebooks at once. Training uses all processors, so more than one rarely pays.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// Stop a cell after S seconds.
    #[arg(long, value_name = "S", default_value_t = 300)]
    timeout: u64,
    /// Write the results as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Use this kernel instead of the one that a notebook names.
    #[arg(long, value_name = "NAME")]
    kernel: Option<String>,
}

/// Checks what the command line names; 1 when something is wrong with it.
///
/// # Errors
/// When a notebook cannot be read, a kernel cannot be used, or a file cannot be written.
pub fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    let notebooks = check::notebooks(&arguments.paths)?;
    if notebooks.is_empty() {
        return Err(Error::NoNotebooks(arguments.paths));
    }
    let venv = Places::find().venv;
    let mut pool = None;
    if uses_own_kernel(&notebooks, arguments.kernel.as_deref()) {
        template::install(&template::Prefix::Directory(venv.clone()), &mut say)?;
        // The kernel of the first notebook gets ready as soon as that one would.
        let spares = if notebooks.len() > 1 { pool::spares_wanted() } else { 0 };
        pool = Some(Pool::keep(spares, |_| {}).map_err(Error::Pool)?);
    }
    let options = check::Options {
        update: arguments.update,
        jobs: arguments.jobs,
        timeout: Duration::from_secs(arguments.timeout),
        kernel: arguments.kernel,
        data_folders: check::kernelspec::data_folders(&[venv]),
    };
    let reports = check::run(&notebooks, &options, |report| say(report.to_string().trim_end()))?;
    if let Some(path) = arguments.junit {
        std::fs::write(&path, check::junit(&reports))
            .map_err(|reason| Error::Check(check::Error::File { path, reason }))?;
    }
    drop(pool);
    say(check::closing(&reports).trim_end());
    Ok(ExitCode::from(u8::from(reports.iter().any(|report| !report.passed()))))
}

/// Whether the course's kernel will be needed. A notebook that cannot be read is reported later, in its turn.
fn uses_own_kernel(notebooks: &[PathBuf], kernel: Option<&str>) -> bool {
    if let Some(kernel) = kernel {
        return kernel == OWN_KERNEL;
    }
    let names_it =
        |path: &PathBuf| check::Notebook::read(path).is_ok_and(|notebook| notebook.kernel_name() == Some(OWN_KERNEL));
    notebooks.iter().any(names_it)
}

/// Why nothing could be checked.
#[derive(Debug)]
pub enum Error {
    /// The paths hold no notebook.
    NoNotebooks(Vec<PathBuf>),
    /// A notebook or its kernel cannot be used.
    Check(check::Error),
    /// The course's kernel could not be brought up to date.
    Template(template::Error),
    /// Kernels cannot be started in advance.
    Pool(io::Error),
}

impl From<check::Error> for Error {
    fn from(error: check::Error) -> Self {
        Self::Check(error)
    }
}

impl From<template::Error> for Error {
    fn from(error: template::Error) -> Self {
        Self::Template(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNotebooks(paths) => {
                let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
                write!(formatter, "there is no notebook in {}", paths.join(", "))
            }
            Self::Check(error) => write!(formatter, "{error}"),
            Self::Template(error) => write!(formatter, "{error}"),
            Self::Pool(reason) => write!(formatter, "kernels cannot be started in advance: {reason}"),
        }
    }
}

impl std::error::Error for Error {}
