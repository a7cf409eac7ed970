//! The student's working copy of the sheets.
//!
//! A file that the student has is never touched. What it was copied from is kept in a hidden folder, so
//! that a newer edition of a sheet can be told from the student's own changes.

use super::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder in the copy that keeps what its files were copied from.
const ORIGINALS: &str = ".originals";

/// What was done, and what the student should know.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Files that are new in the working copy.
    pub added: Vec<PathBuf>,
    /// Files of which a newer edition exists than the one that was copied.
    pub newer: Vec<PathBuf>,
}

/// Adds to `copy` every file of `sheets` that it lacks.
///
/// # Errors
/// When a file cannot be read or written.
pub fn working_copy(sheets: &Path, copy: &Path) -> Result<Copied, Error> {
    let mut files = Vec::new();
    collect(sheets, Path::new(""), &mut files).map_err(|reason| Error::file(sheets, reason))?;
    fs::create_dir_all(copy).map_err(|reason| Error::file(copy, reason))?;
    let mut copied = Copied::default();
    for file in files {
        let (sheet, own, original) = (sheets.join(&file), copy.join(&file), copy.join(ORIGINALS).join(&file));
        if own.try_exists().map_err(|reason| Error::file(&own, reason))? {
            if !same(&sheet, &original) {
                copied.newer.push(file);
            }
            continue;
        }
        for target in [&own, &original] {
            duplicate(&sheet, target).map_err(|reason| Error::file(target, reason))?;
        }
        copied.added.push(file);
    }
    Ok(copied)
}

/// The files below `folder`, without hidden ones, in a fixed order.
fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(root.join(folder))?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let path = folder.join(&name);
        if entry.path().is_dir() { collect(root, &path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn duplicate(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).map(|_| ())
}

fn same(a: &Path, b: &Path) -> bool {
    matches!((fs::read(a), fs::read(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_student_has_is_never_touched() {
        let root = tempfile::tempdir().unwrap();
        let [sheets, copy] = ["notebooks", "my-worksheets"].map(|name| root.path().join(name));
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let update = || working_copy(&sheets, &copy).unwrap();
        let named = |added: &[&str], newer: &[&str]| Copied {
            added: added.iter().map(PathBuf::from).collect(),
            newer: newer.iter().map(PathBuf::from).collect(),
        };

        write("notebooks/00/00.ipynb", "first");
        write("notebooks/00/data.csv", "1");
        write("notebooks/00/.ipynb_checkpoints/00.ipynb", "hidden");
        assert_eq!(update(), named(&["00/00.ipynb", "00/data.csv"], &[]));
        assert_eq!(update(), Copied::default());

        write("my-worksheets/00/00.ipynb", "mine");
        assert_eq!(update(), Copied::default(), "the student's own change is no newer edition");

        write("notebooks/00/00.ipynb", "second");
        write("notebooks/01/01.ipynb", "new");
        assert_eq!(update(), named(&["01/01.ipynb"], &["00/00.ipynb"]));
        assert_eq!(fs::read_to_string(copy.join("00/00.ipynb")).unwrap(), "mine");

        fs::remove_file(copy.join("00/00.ipynb")).unwrap();
        assert_eq!(update(), named(&["00/00.ipynb"], &[]));
        assert_eq!(fs::read_to_string(copy.join("00/00.ipynb")).unwrap(), "second");
    }
}
