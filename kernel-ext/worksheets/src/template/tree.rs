//! Copies of folders that share what nobody changes.

use super::Error;
use std::fs;
use std::io;
use std::path::Path;

/// Copies `from` to `to`. Compiled crates are hard links; everything that cargo and evcxr rewrite in
/// place is a copy of its own, with the time of the original, by which cargo sees that it is up to date.
/// Whatever belongs to compiled cells is left out, and what only helps to compile crates again: kernels never do.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let is_left_out = |name: &str| is_of_a_cell(name) || name == "incremental";
    copy_with(from, to, &is_left_out, &|source, target| {
        if is_compiled(source) { link(source, target) } else { copy_file(source, target) }
    })
}

/// Copies `from` to `to` so that nothing is shared, for a cargo that is going to change compiled crates.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy_for_changes(from: &Path, to: &Path) -> Result<(), Error> {
    copy_with(from, to, &is_of_a_cell, &copy_file)
}

fn copy_with(
    from: &Path,
    to: &Path,
    is_left_out: &dyn Fn(&str) -> bool,
    one: &dyn Fn(&Path, &Path) -> Result<(), Error>,
) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(|reason| Error::file(to, reason))?;
    for entry in fs::read_dir(from).map_err(|reason| Error::file(from, reason))? {
        let entry = entry.map_err(|reason| Error::file(from, reason))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if is_left_out(&entry.file_name().to_string_lossy()) {
            continue;
        }
        if source.is_dir() {
            copy_with(&source, &target, is_left_out, one)?;
        } else {
            one(&source, &target)?;
        }
    }
    Ok(())
}

/// Makes `target` another name of the file `source`, or a copy where the file system has no such links.
pub fn link(source: &Path, target: &Path) -> Result<(), Error> {
    fs::hard_link(source, target).or_else(|_| copy_file(source, target))
}

fn copy_file(source: &Path, target: &Path) -> Result<(), Error> {
    let copy = || -> io::Result<()> {
        let modified = fs::metadata(source)?.modified()?;
        fs::copy(source, target)?;
        fs::File::options().write(true).open(target)?.set_modified(modified)
    };
    copy().map_err(|reason| Error::file(target, reason))
}

fn is_compiled(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["so", "rlib", "rmeta"].iter().any(|known| extension == *known))
}

/// evcxr calls the crate of a cell `ctx`.
fn is_of_a_cell(name: &str) -> bool {
    ["ctx-", "libctx.", "libctx-"].iter().any(|prefix| name.starts_with(prefix))
}

/// Replaces a small file in one step, so that a reader sees the old text or the new one.
pub fn write_atomically(path: &Path, text: &str) -> Result<(), Error> {
    let draft = path.with_extension("new");
    fs::write(&draft, text).and_then(|()| fs::rename(&draft, path)).map_err(|reason| Error::file(path, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn compiled_crates_are_shared_and_everything_else_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let cases = [
            ("Cargo.toml", Some(false)),
            ("deps/libcourse.so", Some(true)),
            ("deps/libndarray-1a.rlib", Some(true)),
            ("deps/libndarray-1a.rmeta", Some(true)),
            ("deps/ndarray-1a.d", Some(false)),
            ("deps/libctx.so", None),
            ("deps/ctx-12.d", None),
            ("incremental/ctx-12/s-1.lock", None),
            ("incremental/course-1a/s-1/dep-graph.bin", None),
        ];
        for (name, _) in cases {
            let path = from.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, name).unwrap();
        }
        copy(&from, &to).unwrap();
        for (name, shared) in cases {
            let copied = fs::metadata(to.join(name)).ok();
            let original = fs::metadata(from.join(name)).unwrap();
            assert_eq!(copied.as_ref().map(|copied| copied.ino() == original.ino()), shared, "{name}");
            if let Some(copied) = copied {
                assert_eq!(copied.modified().unwrap(), original.modified().unwrap(), "{name}");
            }
        }
    }
}
