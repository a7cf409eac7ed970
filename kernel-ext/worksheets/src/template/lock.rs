//! Locks on files, which the system takes away from a process that dies.

use super::Error;
use std::fs::{File, TryLockError};
use std::path::Path;

/// Waits until no other installation runs.
pub fn wait(path: &Path, progress: &mut dyn FnMut(&str)) -> Result<File, Error> {
    let file = open(path)?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        progress("waiting for another installation to end");
    }
    file.lock().map_err(|reason| Error::file(path, reason))?;
    Ok(file)
}

/// Takes a lock that nobody else can have yet.
pub fn take(path: &Path) -> Result<File, Error> {
    let file = open(path)?;
    file.lock().map_err(|reason| Error::file(path, reason))?;
    Ok(file)
}

/// Whether the process that took this lock is gone.
pub fn is_abandoned(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

fn open(path: &Path) -> Result<File, Error> {
    File::options().create(true).truncate(false).write(true).open(path).map_err(|reason| Error::file(path, reason))
}
