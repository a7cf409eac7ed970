//! What the program that Jupyter has started tells the kernel that takes its place.
//!
//! ```text
//! launcher -> kernel   one JSON object: the connection file, the folder, the environment; then `interrupt` or `end`
//! kernel -> launcher   `ok` when the sockets are open, else the reason why they are not; then nothing more
//! ```
//!
//! Either side ends when the other closes its end.

use crate::kernel::library_path;
use jupyter_protocol::ConnectionInfo;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

/// The line for the stop button.
pub const INTERRUPT: &str = "interrupt";
/// The line that ends the kernel.
pub const END: &str = "end";
/// The kernel's line when it serves.
pub const OK: &str = "ok";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Handover {
    /// What stands in Jupyter's connection file.
    pub connection: ConnectionInfo,
    /// Where the notebook lies.
    pub folder: PathBuf,
    /// The environment that Jupyter gave. Variables that are no Unicode are not handed over.
    pub environment: BTreeMap<String, String>,
}

impl Handover {
    /// The connection, and what this process stands in.
    ///
    /// # Errors
    /// When the folder of this process is gone.
    pub fn of_this_process(root: &Path, connection: ConnectionInfo) -> std::io::Result<Self> {
        let mut environment: BTreeMap<String, String> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        if let Some((name, libraries)) = library_path(root) {
            environment.insert(name.to_owned(), libraries.to_string_lossy().into_owned());
        }
        Ok(Self { connection, folder: env::current_dir()?, environment })
    }

    /// What has to be set and unset in a process with the present environment, but for the names in `own`.
    pub fn difference(&self, present: &BTreeMap<String, String>, own: &[&str]) -> (Vec<String>, Vec<String>) {
        let set = self.environment.iter().filter(|(name, value)| present.get(*name) != Some(*value));
        let set = set.filter(|(name, _)| !own.contains(&name.as_str())).map(|(name, value)| format!("{name}={value}"));
        let unset =
            present.keys().filter(|name| !self.environment.contains_key(*name) && !own.contains(&name.as_str()));
        (set.collect(), unset.cloned().collect())
    }
}
