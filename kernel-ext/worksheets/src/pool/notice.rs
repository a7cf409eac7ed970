//! The notice that a waiting kernel hangs out: a file in `.worksheets/pool`, named after its process. Whoever removes
//! the file has the kernel, and nobody else.

use crate::{project, template};
use serde_json::{Value, json};
use std::env;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The last word of a notice whose kernel has warmed up.
const WARM: &str = "warm";

/// What a notice says.
#[derive(Debug)]
pub struct Notice {
    path: PathBuf,
    /// The socket on which it waits.
    pub socket: PathBuf,
    /// What it was built from.
    edition: String,
    /// Whether it has warmed up.
    pub warm: bool,
}

impl Notice {
    /// All notices, those of warmed kernels first.
    pub fn all(root: &Path) -> Vec<Self> {
        let entries = fs::read_dir(folder(root)).into_iter().flatten().flatten();
        let mut notices: Vec<Self> = entries.filter_map(|entry| Self::read(&entry.path())).collect();
        notices.sort_by_key(|notice| !notice.warm);
        notices
    }

    /// The notice of this process, while nobody has taken it.
    pub fn of(root: &Path, process: u32) -> Option<Self> {
        Self::read(&folder(root).join(process.to_string()))
    }

    fn read(path: &Path) -> Option<Self> {
        // Anything else is being written.
        path.file_name()?.to_str()?.parse::<u32>().ok()?;
        let text = fs::read_to_string(path).ok()?;
        let (content, rest) = text.split_once('\n')?;
        let content: Value = serde_json::from_str(content).ok()?;
        let text = |key: &str| content[key].as_str().map(str::to_owned);
        Some(Self {
            path: path.to_owned(),
            socket: text("socket")?.into(),
            edition: text("edition")?,
            warm: rest == WARM,
        })
    }

    /// Whether the kernel runs what is installed now.
    pub fn is_current(&self, root: &Path) -> bool {
        edition(root).is_some_and(|edition| edition == self.edition)
    }

    /// Takes the kernel; `false` when somebody was quicker.
    pub fn take(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }
}

/// A notice of one's own. Dropping it takes it down.
pub struct Hung {
    path: PathBuf,
    file: File,
}

impl Hung {
    /// Says that this process waits on this socket.
    ///
    /// # Errors
    /// When nothing is installed, or the file cannot be written.
    pub fn out(root: &Path, socket: &Path) -> io::Result<Self> {
        let edition = edition(root).ok_or_else(|| io::Error::other("nothing is installed"))?;
        let folder = folder(root);
        DirBuilder::new().mode(0o700).recursive(true).create(&folder)?;
        let path = folder.join(std::process::id().to_string());
        // Written beside and renamed, so that nobody reads half of it.
        let beside = folder.join(format!("{}.new", std::process::id()));
        let mut file = File::create(&beside)?;
        writeln!(file, "{}", json!({ "socket": socket, "edition": edition }))?;
        fs::rename(&beside, &path)?;
        Ok(Self { path, file })
    }

    /// Adds that the kernel is warm. Where somebody has taken the notice, nobody will read that.
    pub fn add_warm(&self) {
        let _ = (&self.file).write_all(WARM.as_bytes());
    }
}

impl Drop for Hung {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Names another folder for notices, for a pool that nobody else is to take kernels from.
const FOLDER: &str = "WORKSHEETS_POOL_FOLDER";

/// In the project's folder, for its kernels alone.
fn folder(root: &Path) -> PathBuf {
    env::var_os(FOLDER).map_or_else(|| project::warm(root).join("pool"), PathBuf::from)
}

/// The template and the program: a kernel that was started from others is not to be used.
fn edition(root: &Path) -> Option<String> {
    let template = template::current(root).ok()?;
    let program = fs::metadata(env::current_exe().ok()?).ok()?.modified().ok()?;
    let age = program.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    Some(format!("{} {age}", template.file_name()?.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::{Hung, Notice};
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    #[test]
    fn a_notice_is_taken_once_and_only_while_it_fits_what_is_installed() {
        let root = tempfile::tempdir().unwrap();
        let templates = root.path().join(".worksheets/templates");
        let install = |name: &str| {
            fs::create_dir_all(templates.join(name)).unwrap();
            fs::write(templates.join("current"), name).unwrap();
        };
        assert!(Hung::out(root.path(), Path::new("/nowhere")).is_err(), "nothing is installed");
        install("first");
        let hung = Hung::out(root.path(), Path::new("/a/socket")).unwrap();
        let mode = fs::metadata(root.path().join(".worksheets/pool")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);

        let only = || Notice::all(root.path()).pop().unwrap();
        assert_eq!(only().socket, Path::new("/a/socket"));
        assert!(!only().warm);
        hung.add_warm();
        assert!(only().warm && only().is_current(root.path()));
        install("second");
        assert!(!only().is_current(root.path()));

        let (one, other) = (only(), only());
        assert!(one.take() && !other.take());
        hung.add_warm();
        assert!(Notice::all(root.path()).is_empty() && Notice::of(root.path(), std::process::id()).is_none());
    }
}
