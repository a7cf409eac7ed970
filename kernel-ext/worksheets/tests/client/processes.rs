//! The processes of this machine.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The processes whose program lies in this folder.
pub fn processes_of(folder: &Path) -> Vec<u32> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|entry| fs::read_link(entry.path().join("exe")).is_ok_and(|program| program.starts_with(folder)))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Whether a process runs: one that only waits to be counted has no program any more.
pub fn lives(process: u32) -> bool {
    fs::read_link(Path::new("/proc").join(process.to_string()).join("exe")).is_ok()
}

/// The process that has started this one.
pub fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// Sends a signal to a process.
pub fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap().success());
}

/// What a process and all below it hold of the memory in MB, each shared page in parts.
pub fn megabytes(process: u32) -> f64 {
    let all: Vec<u32> =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let mut family = vec![process];
    while let Some(&more) =
        all.iter().find(|&&one| !family.contains(&one) && parent(one).is_some_and(|parent| family.contains(&parent)))
    {
        family.push(more);
    }
    let kilobytes = |process: &u32| -> Option<f64> {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse().ok())
    };
    family.iter().filter_map(kilobytes).sum::<f64>() / 1000.0
}

/// No process and no folder of the kernel is left.
pub fn assert_gone(workspace: &Path, channel: &Path) {
    assert_eq!(processes_of(workspace), Vec::<u32>::new());
    assert!(!workspace.exists(), "{}", workspace.display());
    assert!(!channel.exists(), "{}", channel.display());
}
