//! Which notebooks are checked, and in which order; several at once if asked.

use crate::{Error, Options, Report, run as one};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The notebooks below the paths: files as they are named, folders searched, hidden folders left out.
///
/// # Errors
/// When a path does not exist or a folder cannot be read.
pub fn notebooks(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(|reason| Error::file(path, reason))?;
        if kind.is_dir() { search(path, &mut found)? } else { found.push(path.clone()) }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

fn search(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut paths: Vec<_> =
        entries.map_err(|reason| Error::file(folder, reason))?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            search(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "ipynb") && !hidden {
            found.push(path);
        }
    }
    Ok(())
}

/// Checks the notebooks, and hands each report to `say` in the order of `paths`, as soon as those before
/// it have come.
///
/// # Errors
/// The first error of the environment, in the order of `paths`; notebooks after it may not have run.
pub fn run(paths: &[PathBuf], options: &Options, mut say: impl FnMut(&Report)) -> Result<Vec<Report>, Error> {
    let queue = Mutex::new(paths.iter().enumerate());
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, paths.len().max(1)) {
            let (queue, sender) = (&queue, sender.clone());
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((place, path)) = next else { break };
                    // Nobody listens any more once an error has been reported.
                    if sender.send((place, blocking(path, options))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting: Vec<Option<Result<Report, Error>>> = paths.iter().map(|_| None).collect();
        let mut reports = Vec::new();
        for (place, result) in receiver {
            waiting[place] = Some(result);
            while let Some(result) = waiting.get_mut(reports.len()).and_then(Option::take) {
                let report = result?;
                say(&report);
                reports.push(report);
            }
        }
        Ok(reports)
    })
}

fn blocking(path: &Path, options: &Options) -> Result<Report, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|reason| Error::Kernel(format!("no event loop: {reason}")))?.block_on(one::notebook(path, options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_in_order_and_hidden_ones_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/b.ipynb", "a/a.ipynb", "a/.ipynb_checkpoints/a.ipynb", "a/a.txt", ".hidden.ipynb"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let root = folder.path().to_owned();
        let expected = [root.join("b/b.ipynb"), root.join("a/a.ipynb")];
        assert_eq!(notebooks(&[root.join("b/b.ipynb"), root.clone()]).unwrap(), expected);
        let missing = notebooks(&[root.join("none")]).unwrap_err().to_string();
        assert!(missing.contains("none: No such file or directory"), "{missing}");
    }
}
