//! The processes below the kernel, as Linux lists them.

use std::collections::HashMap;
use std::fs;
use std::process;

/// Kills every process that descends from this one, except `spared` and what descends from it.
pub fn kill_descendants(spared: Option<u32>) {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for (process, parent) in processes() {
        children.entry(parent).or_default().push(process);
    }
    let mut waiting = vec![process::id()];
    while let Some(parent) = waiting.pop() {
        for child in children.remove(&parent).unwrap_or_default() {
            if Some(child) != spared {
                waiting.push(child);
                kill(child);
            }
        }
    }
}

/// Kills one process.
pub fn kill(process: u32) {
    signal(i32::try_from(process));
}

/// Kills a process and every member of the group that it leads.
pub fn kill_group(leader: u32) {
    signal(i32::try_from(leader).map(|leader| -leader));
}

fn signal<E>(target: Result<i32, E>) {
    // Zero would mean our own group, and -1 every process there is.
    if let Ok(target) = target
        && target.unsigned_abs() > 1
    {
        // SAFETY: the call takes two numbers. The target is a process that we started, or its group.
        unsafe { libc::kill(target, libc::SIGKILL) };
    }
}

/// The parent of this process.
pub fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

/// Every process with its parent.
fn processes() -> Vec<(u32, u32)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let status = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((process, parent_in(&status)?))
        })
        .collect()
}

/// The fourth field. The second is the program's name, which may contain anything, in brackets.
fn parent_in(status: &str) -> Option<u32> {
    status.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_parent_is_found_behind_any_name() {
        let cases = [("12 (cargo) S 7 12 1", Some(7)), ("12 (a) b (c)) R 9 1 1", Some(9)), ("12 (cut", None)];
        for (status, expected) in cases {
            assert_eq!(super::parent_in(status), expected, "{status}");
        }
    }
}
