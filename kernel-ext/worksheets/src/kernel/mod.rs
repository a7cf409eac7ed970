//! `worksheets kernel`: the Jupyter kernel.

use std::fmt;
use std::path::Path;

/// Serves the kernel that a front end described in `connection_file`, until it is told to shut down.
pub fn run(_connection_file: &Path) -> Result<(), Error> {
    Err(Error("not built yet".to_owned()))
}

/// Why the kernel could not be served.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
