//! `worksheets lab`: sets up what is missing and opens JupyterLab on the sheets.

mod copy;
mod environment;
mod error;
pub(crate) mod python;
mod server;

pub use environment::Environment;
pub use error::Error;

use crate::pool::Pool;
use crate::{project, template};
use copy::Copied;
use std::fs;
use std::path::{Path, PathBuf};

/// How the sheets are opened.
#[derive(Debug)]
pub struct Options {
    /// Whether the originals are opened instead of the student's copy.
    pub instructor: bool,
    /// Another folder for the student's copy.
    pub copy: Option<PathBuf>,
    /// The port of JupyterLab.
    pub port: Option<u16>,
    /// Whether a browser is opened.
    pub browser: bool,
    /// Whether everything is set up and nothing started.
    pub only_prepare: bool,
    /// How many warmed kernels wait.
    pub pool: usize,
}

/// Where things are in the project's folder.
#[derive(Debug, Clone)]
pub struct Places {
    /// The originals of the sheets.
    pub notebooks: PathBuf,
    /// The student's copy.
    pub copy: PathBuf,
    /// The virtual environment.
    pub venv: PathBuf,
    /// JupyterLab's settings and data, apart from the user's other ones.
    pub jupyter: PathBuf,
}

impl Places {
    /// The places of this project.
    pub fn find() -> Self {
        let root = project::root();
        let warm = project::warm(&root);
        Self {
            notebooks: root.join("notebooks"),
            copy: root.join("my-worksheets"),
            venv: warm.join("venv"),
            jupyter: warm.join("jupyter"),
        }
    }
}

/// Sets up JupyterLab and the kernel, and serves the sheets until the user interrupts.
///
/// # Errors
/// When something is missing; the error says what, and what helps.
pub fn run(options: &Options, say: &mut dyn FnMut(&str)) -> Result<(), Error> {
    let places = Places::find();
    let environment = prepare(&places, say)?;
    let folder = if options.instructor {
        places.notebooks.clone()
    } else {
        student_copy(&places.notebooks, options.copy.as_deref().unwrap_or(&places.copy), say)?
    };
    if options.only_prepare {
        return Ok(());
    }
    let _pool =
        Pool::keep(options.pool, |_| {}).map_err(|reason| Error::file(Path::new("the pool of kernels"), reason))?;
    let options = server::Options { folder, port: options.port, browser: options.browser };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|reason| Error::file(Path::new("the event loop"), reason))?;
    runtime.block_on(server::serve(&environment, &places, &options, say))
}

/// The virtual environment with the kernel installed in it.
fn prepare(places: &Places, say: &mut dyn FnMut(&str)) -> Result<Environment, Error> {
    for folder in [&places.venv, &places.jupyter] {
        fs::create_dir_all(folder).map_err(|reason| Error::file(folder, reason))?;
    }
    let environment = Environment::prepare(places, say)?;
    template::install(&template::Prefix::Directory(places.venv.clone()), say)?;
    Ok(environment)
}

fn student_copy(notebooks: &Path, copy: &Path, say: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    let Copied { added, newer } = copy::working_copy(notebooks, copy)?;
    let place = copy.strip_prefix(project::root()).unwrap_or(copy).display();
    match added.len() {
        0 => {}
        1 => say(&format!("copied one file to {place}")),
        number => say(&format!("copied {number} files to {place}")),
    }
    for file in newer {
        say(&format!("there is a newer edition of {0}; to get it, rename {place}/{0}", file.display()));
    }
    std::path::absolute(copy).map_err(|reason| Error::file(copy, reason))
}
