//! A kernel's own copy of the template.

use super::{Error, lock, manifest, toolchain, tree};
use crate::project;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process;

/// The folder that a kernel works in. It disappears with the kernel.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
    _lock: File,
}

impl Workspace {
    /// The folder that this process will work in.
    pub fn folder(root: &Path) -> PathBuf {
        kernels(root).join(process::id().to_string())
    }

    /// The tmpdir of evcxr in a workspace with this folder.
    pub fn evcxr_in(folder: &Path) -> PathBuf {
        folder.join("evcxr")
    }

    /// What rust-analyzer reads of the standard library, in a workspace with this folder.
    pub fn sources_in(folder: &Path) -> PathBuf {
        folder.join("rust-src")
    }

    /// The toolchain of the cells, in a workspace with this folder.
    pub fn toolchain_in(folder: &Path) -> PathBuf {
        folder.join("toolchain")
    }

    /// Copies the current template, and clears up after kernels that were killed.
    ///
    /// # Errors
    /// When nothing is installed, or the copy cannot be written.
    pub fn create(root: &Path) -> Result<Self, Error> {
        let template = super::current(root)?;
        let kernels = kernels(root);
        fs::create_dir_all(&kernels).map_err(|reason| Error::file(&kernels, reason))?;
        remove_abandoned(&kernels);
        let folder = Self::folder(root);
        fs::create_dir_all(&folder).map_err(|reason| Error::file(&folder, reason))?;
        let workspace = Self { _lock: lock::take(&folder.join("lock"))?, folder };
        for shared in ["runtime", "libbackend.so"] {
            tree::link(&template.join(shared), &workspace.folder.join(shared))?;
        }
        let sources = Self::sources_in(&workspace.folder);
        fs::read_link(template.join("rust-src"))
            .and_then(|library| symlink(library, &sources))
            .map_err(|reason| Error::file(&sources, reason))?;
        toolchain::copy(&template.join("toolchain"), &Self::toolchain_in(&workspace.folder))?;
        tree::copy(&template.join("evcxr"), &workspace.evcxr())?;
        fs::write(workspace.folder.join("evcxr.toml"), manifest::configuration(root))
            .map_err(|reason| Error::file(&workspace.folder, reason))?;
        Ok(workspace)
    }

    /// The tmpdir of evcxr.
    pub fn evcxr(&self) -> PathBuf {
        Self::evcxr_in(&self.folder)
    }

    /// The program that runs cells.
    pub fn runtime(&self) -> PathBuf {
        self.folder.join("runtime")
    }

    /// The library that stands behind the waist.
    pub fn backend(&self) -> PathBuf {
        self.folder.join("libbackend.so")
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn kernels(root: &Path) -> PathBuf {
    project::warm(root).join("kernels")
}

/// Removes the folders whose kernels are gone without having removed them.
fn remove_abandoned(kernels: &Path) {
    let Ok(entries) = fs::read_dir(kernels) else { return };
    for folder in entries.flatten().map(|entry| entry.path()) {
        if lock::is_abandoned(&folder.join("lock")) {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}
