//! The kernel that the tests start.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// The folder of the kernelspec, installed once for all tests.
pub fn kernelspec() -> &'static Path {
    static INSTALLED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let install = || {
        let prefix = tempfile::tempdir().unwrap();
        let mut install = Command::new(env!("CARGO_BIN_EXE_worksheets"));
        let output = install.args(["install", "--prefix"]).arg(prefix.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let folder = prefix.path().join("share/jupyter/kernels/rust-course");
        (prefix, folder)
    };
    &INSTALLED.get_or_init(install).1
}
