//! Where the project is, and where under it the things lie that installation makes.

use std::env;
use std::path::{Path, PathBuf};

/// Overrides the folder of the project, for a program that was built somewhere else.
pub const HOME: &str = "WORKSHEETS_HOME";

/// The folder that holds `Cargo.toml`, `kernel-ext`, `notebooks` and `datasets`.
pub fn root() -> PathBuf {
    match env::var_os(HOME) {
        Some(home) => PathBuf::from(home),
        None => {
            let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
            manifest.ancestors().nth(2).unwrap_or(manifest).to_owned()
        }
    }
}

/// The ignored folder for everything that is built or downloaded.
pub fn warm(root: &Path) -> PathBuf {
    root.join(".worksheets")
}
