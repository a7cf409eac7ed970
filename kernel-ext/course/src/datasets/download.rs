//! Files that are brought from the network once.

use crate::Result;
use crate::display::{Front, check_interrupt, front};
use crate::text::of_path;
use crate::waist;
use engine_api::{DownloadReport, StartDownload, WatchDownload};
use std::io::Write;
use std::path::PathBuf;

/// How long the backend is waited for between two looks at the stop button.
const PAUSE_US: u64 = 100_000;

/// Brings a file from the network, unless it has been brought before, and says where it lies.
///
/// It is kept in the folder of the environment variable `COURSE_CACHE`, or else in `rust-worksheets` among the user's
/// caches. What breaks off goes on from there the next time. Whoever is not online can put the file to where the
/// message says.
///
/// # Errors
/// When the server cannot be reached or does not have the file, when the file has another hash, or when the user
/// interrupts.
///
/// Source: `keras.utils.get_file`.
///
/// ```
/// use course::datasets::get_file;
/// # let folder = std::env::temp_dir().join("course-example-cache");
/// # std::fs::create_dir_all(&folder).unwrap();
/// # std::fs::write(folder.join("abc.txt"), "abc").unwrap();
/// # unsafe { std::env::set_var("COURSE_CACHE", &folder) };
/// let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
/// let path = get_file("abc.txt", "https://example.org/abc.txt", sha256)?;
/// assert_eq!(std::fs::read_to_string(path).unwrap(), "abc");
/// # Ok::<(), course::Error>(())
/// ```
pub fn get_file(name: &str, origin: &str, sha256: &str) -> Result<PathBuf> {
    let path = cache().join(name);
    let request = StartDownload { url: origin.into(), path: of_path(&path)?, sha256: sha256.into() };
    let download = waist::call(&request)?;
    let mut shown = 0;
    loop {
        let report = waist::call(&WatchDownload { download, wait_us: PAUSE_US, cancel: false });
        if shown > 0 && !matches!(report, Ok(DownloadReport { done: false, .. })) {
            println!();
        }
        let report = report?;
        if report.done {
            return Ok(path);
        }
        shown = show(name, report, shown);
        if let Err(interrupted) = check_interrupt(&format!("get_file, {name}")) {
            println!();
            // It is stopped at once or with its next bytes; what it says does not matter any more.
            let _ = waist::call(&WatchDownload { download, wait_us: 0, cancel: true });
            return Err(interrupted);
        }
    }
}

/// The folder of files that were brought.
fn cache() -> PathBuf {
    let folder = |variable: &str| std::env::var_os(variable).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let caches = || folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    folder("COURSE_CACHE").unwrap_or_else(|| caches().unwrap_or_else(std::env::temp_dir).join("rust-worksheets"))
}

/// Writes how far the download is over what stood there, which had so many letters; returns how many it has now.
fn show(name: &str, report: DownloadReport, before: usize) -> usize {
    if report.received == 0 || !matches!(front(), Front::Notebook | Front::Terminal) {
        return before;
    }
    let line = progress(name, report);
    print!("\r{line:<before$}");
    // A terminal that has gone is no error of the download.
    let _ = std::io::stdout().flush();
    line.chars().count()
}

fn progress(name: &str, report: DownloadReport) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let (received, total) = (megabytes(report.received), megabytes(report.total));
    if report.total == 0 {
        return format!("{name}: {received:.1} MB");
    }
    format!("{name}: {received:.1} of {total:.1} MB ({:.0} %)", 100.0 * received / total)
}

#[cfg(test)]
mod tests {
    use super::progress;
    use engine_api::DownloadReport;

    #[test]
    fn progress_is_said_in_megabytes() {
        let report = |received, total| DownloadReport { received, total, done: false };
        assert_eq!(progress("a.gz", report(12_340_000, 26_421_880)), "a.gz: 12.3 of 26.4 MB (47 %)");
        assert_eq!(progress("a.gz", report(12_340_000, 0)), "a.gz: 12.3 MB");
    }
}
