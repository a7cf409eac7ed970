//! Kernels that wait.

use super::command;
use super::processes::signal;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// The program that keeps a kernel waiting, as long as this value lives.
pub struct Pool {
    /// Its process.
    pub process: Child,
    /// Where the notices of its kernels hang, and those of no others.
    pub notices: PathBuf,
    words: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl Pool {
    /// Returns when a kernel waits.
    pub fn warm(kernelspec: &Path) -> Self {
        let kernel = command(kernelspec, Path::new(""));
        let mut command = Command::new(kernel.get_program());
        command.envs(kernel.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let folder = tempfile::tempdir().unwrap();
        let notices = folder.path().join("notices");
        command.env("WORKSHEETS_POOL_FOLDER", &notices);
        let mut process = command.args(["pool", "--size", "1"]).stdout(Stdio::piped()).spawn().unwrap();
        let words = BufReader::new(process.stdout.take().unwrap());
        let mut pool = Self { process, notices, words, _folder: folder };
        pool.wait();
        pool
    }

    /// Waits until another kernel waits.
    pub fn wait(&mut self) {
        let mut line = String::new();
        self.words.read_line(&mut line).unwrap();
        assert!(line.starts_with("a kernel waits"), "{line}");
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        signal(self.process.id(), "TERM");
        let _ = self.process.wait();
    }
}
