//! Data sets that lie in the project or are brought from the network, each checked against its hash; tables of one's
//! own; points that are drawn.

mod download;
mod idx;
mod table;

pub mod banknote_authentication;
pub mod banknotes;
pub mod blood_pressure;
pub mod cifar10;
pub mod fashion_mnist;
pub mod mnist;
pub mod toy;

pub use download::get_file;
pub use table::{Csv, DataFrame, read_csv};

use crate::text::of_path;
use crate::{Result, waist};
use engine_api::LoadFile;
use std::path::{Path, PathBuf};

/// The folder of the data sets: `COURSE_DATASETS`, or the one of this crate's sources.
fn folder() -> PathBuf {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets");
    std::env::var_os("COURSE_DATASETS").map_or_else(|| sources.into(), PathBuf::from)
}

/// A file that must have this hash after unpacking; any hash when it is empty.
fn file(path: &Path, sha256: &str) -> Result<LoadFile> {
    let gzip = path.extension().is_some_and(|extension| extension == "gz");
    Ok(LoadFile { path: of_path(path)?, gzip, sha256: sha256.into() })
}

/// Reads a file that must have this hash after unpacking.
fn load(path: &Path, sha256: &str) -> Result<Vec<u8>> {
    Ok(waist::call(&file(path, sha256)?)?.0)
}
