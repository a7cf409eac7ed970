//! Runs notebooks headlessly, with every Jupyter kernel, and compares their outputs with the stored ones.
//!
//! [`run()`] checks a list of notebooks. Each runs in a fresh kernel, in its own folder. What the cells'
//! metadata can say is in [`Rules`], the comparison in [`compare`], the form of exercises in [`exercise`].
//! Nothing here may know a certain kernel.

pub mod compare;
mod error;
pub mod exercise;
pub mod kernelspec;
mod message;
mod notebook;
mod outputs;
mod picture;
mod process;
mod proof;
mod report;
mod rules;
mod run;
mod schedule;
mod session;
mod text;

pub use error::Error;
pub use kernelspec::Kernelspec;
pub use notebook::{Cell, Notebook};
pub use outputs::{Outputs, overwritten};
pub use report::{CellName, Failure, Report, closing, junit};
pub use rules::{Rules, Tolerance};
pub use schedule::{notebooks, run};
pub use session::{Ending, Execution, Session};
pub use text::{Count, Difference};

use std::path::PathBuf;
use std::time::Duration;

/// How notebooks are checked.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether outputs and execution counts are written back instead of compared. A notebook that does
    /// not run is left as it is.
    pub update: bool,
    /// How many notebooks run at once.
    pub jobs: usize,
    /// How long a cell may run.
    pub timeout: Duration,
    /// The kernel to use, instead of the one that a notebook names.
    pub kernel: Option<String>,
    /// Where kernels are looked for, as [`kernelspec::data_folders`] gives them.
    pub data_folders: Vec<PathBuf>,
}
