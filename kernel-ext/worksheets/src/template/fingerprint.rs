//! Says whether a template still fits: a number over every source, the locked versions, the compiler
//! and the place of the project.

use super::{Error, Toolchain, manifest, toolchain};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The folders whose sources end up in a template.
const CRATES: [&str; 8] = ["engine-api", "engine", "backend", "plugin", "course", "cells", "runtime", "cell-cargo"];
const FILES: [&str; 3] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];

/// The fingerprint, as the name of a folder.
///
/// # Errors
/// When a source cannot be read.
pub fn of(root: &Path, toolchain: &Toolchain) -> Result<String, Error> {
    let mut sources: Vec<PathBuf> = FILES.iter().map(|file| root.join(file)).collect();
    for name in CRATES {
        collect(&root.join("kernel-ext").join(name), &mut sources)?;
    }
    sources.sort();
    let mut hasher = DefaultHasher::new();
    (&toolchain.version, &toolchain.sysroot, toolchain::linker_flag(), manifest::whole(root)).hash(&mut hasher);
    for source in sources {
        source.hash(&mut hasher);
        fs::read(&source).map_err(|reason| Error::file(&source, reason))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(|reason| Error::file(folder, reason))? {
        let path = entry.map_err(|reason| Error::file(folder, reason))?.path();
        if path.is_dir() {
            // Tests and examples are compiled into no template.
            if !path.ends_with("tests") && !path.ends_with("examples") {
                collect(&path, sources)?;
            }
        } else {
            sources.push(path);
        }
    }
    Ok(())
}
