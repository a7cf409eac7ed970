//! The cells that were run, also in earlier sessions: a file of one JSON object a line, to which kernels append.
//!
//! What may not be in this file: messages of Jupyter other than what a request for history says.

use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// So many cells are kept.
const KEPT: usize = 10_000;
/// A file that has grown to twice that many is cut.
const MOST: usize = 2 * KEPT;

/// A cell that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which kernel ran it, counted from 1.
    pub session: usize,
    /// Its number in that kernel.
    pub line: usize,
    /// Its code.
    pub code: String,
}

/// The history, and which session of it is this kernel's.
pub struct History {
    path: PathBuf,
    /// Read at the first use: a kernel may wait for long until it is needed, and which session it is shows then.
    state: OnceLock<Mutex<State>>,
}

struct State {
    /// What earlier sessions have left, and this one since.
    entries: Vec<Entry>,
    session: usize,
}

impl History {
    /// The history in this file. One that cannot be read begins empty: a kernel must start without.
    pub fn new(path: PathBuf) -> Self {
        Self { path, state: OnceLock::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let read = || {
            let entries = read(&self.path);
            if entries.len() > MOST {
                let _ = rewrite(&self.path, &entries[entries.len() - KEPT..]);
            }
            let session = entries.iter().map(|entry| entry.session).max().unwrap_or(0) + 1;
            Mutex::new(State { entries, session })
        };
        self.state.get_or_init(read).lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a cell. Where the file cannot be written, the cell is known to this kernel only.
    pub fn push(&self, line: usize, code: &str) {
        let mut state = self.state();
        let entry = Entry { session: state.session, line, code: code.to_owned() };
        // One write of a whole line: kernels that run at once do not mix theirs.
        let written = OpenOptions::new().create(true).append(true).open(&self.path);
        let _ = written.and_then(|mut file| file.write_all(text(&entry).as_bytes()));
        state.entries.push(entry);
    }

    /// What a `history_request` with this content asks for; what is missing in it has IPython's defaults.
    pub fn find(&self, request: &Value) -> Vec<Entry> {
        let state = self.state();
        let count = |key: &str| request[key].as_u64().and_then(|count| usize::try_from(count).ok());
        match request["hist_access_type"].as_str() {
            Some("tail") => last(&state.entries.iter().collect::<Vec<_>>(), count("n")),
            Some("search") => {
                let pattern = request["pattern"].as_str().unwrap_or("*");
                let unique = request["unique"] == true;
                // The newest of equals counts, so it begins at the end.
                let mut seen = HashSet::new();
                let mut found: Vec<&Entry> =
                    state.entries.iter().rev().filter(|entry| matches(pattern, &entry.code)).collect();
                found.retain(|entry| seen.insert(&entry.code) || !unique);
                found.reverse();
                last(&found, count("n"))
            }
            _ => {
                let session = session(request["session"].as_i64().unwrap_or(0), state.session);
                let (start, stop) = (count("start").unwrap_or(0), count("stop").unwrap_or(usize::MAX));
                let asked = |entry: &&Entry| entry.session == session && (start..stop).contains(&entry.line);
                state.entries.iter().filter(asked).cloned().collect()
            }
        }
    }
}

/// 0 and less count back from the present session.
fn session(number: i64, present: usize) -> usize {
    match usize::try_from(number) {
        Ok(0) | Err(_) => present.saturating_sub(usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX)),
        Ok(number) => number,
    }
}

fn last(entries: &[&Entry], count: Option<usize>) -> Vec<Entry> {
    let count = count.unwrap_or(usize::MAX).min(entries.len());
    entries[entries.len() - count..].iter().map(|&entry| entry.clone()).collect()
}

/// Whether a pattern with `*` for any text and `?` for any letter is the whole text.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // Where the last `*` stands, and up to where it reaches.
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((place, reach)) => {
                    star = Some((place, reach + 1));
                    (p, t) = (place + 1, reach + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&rest| rest == '*')
}

fn text(entry: &Entry) -> String {
    format!("{}\n", json!({ "session": entry.session, "line": entry.line, "code": entry.code }))
}

/// What the file holds; lines that are damaged are passed over.
fn read(path: &Path) -> Vec<Entry> {
    let lines = fs::read_to_string(path).unwrap_or_default();
    let entry = |line: &str| {
        let line: Value = serde_json::from_str(line).ok()?;
        let number = |key: &str| usize::try_from(line[key].as_u64()?).ok();
        Some(Entry { session: number("session")?, line: number("line")?, code: line["code"].as_str()?.to_owned() })
    };
    lines.lines().filter_map(entry).collect()
}

/// Writes the file anew, beside the old one first.
fn rewrite(path: &Path, entries: &[Entry]) -> io::Result<()> {
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = File::create(&beside)?;
    file.write_all(entries.iter().map(text).collect::<String>().as_bytes())?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::{Entry, History, KEPT, MOST, matches};
    use serde_json::json;
    use std::fs;

    #[test]
    fn patterns_match_as_those_of_a_shell() {
        let cases = [
            ("*", "anything", true),
            ("", "", true),
            ("let*", "let x = 1;", true),
            ("let*", "print", false),
            ("*fit*", "model.fit(&x)", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xaxbxab", true),
            ("*a*b", "xaxbxabx", false),
            ("ä*", "äö", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn sessions_come_after_each_other_and_are_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let first = History::new(path.clone());
        first.push(1, "let a = 1;");
        first.push(2, "a + \"two\nlines\"");
        // A line that a dying kernel has left half written.
        fs::write(&path, fs::read_to_string(&path).unwrap() + "{\"session\": 1, \"li\n").unwrap();
        let second = History::new(path);
        second.push(1, "let a = 1;");
        let found = |request: serde_json::Value| -> Vec<(usize, usize)> {
            second.find(&request).iter().map(|entry| (entry.session, entry.line)).collect()
        };
        assert_eq!(found(json!({ "hist_access_type": "tail", "n": 2 })), [(1, 2), (2, 1)]);
        assert_eq!(found(json!({ "hist_access_type": "tail" })), [(1, 1), (1, 2), (2, 1)]);
        assert_eq!(found(json!({ "hist_access_type": "search", "pattern": "*two*" })), [(1, 2)]);
        assert_eq!(found(json!({ "hist_access_type": "search", "pattern": "let*", "unique": true })), [(2, 1)]);
        assert_eq!(found(json!({ "hist_access_type": "search", "pattern": "let*", "n": 1 })), [(2, 1)]);
        assert_eq!(found(json!({ "hist_access_type": "range", "session": 0 })), [(2, 1)]);
        assert_eq!(found(json!({ "hist_access_type": "range", "session": -1, "start": 2 })), [(1, 2)]);
        assert_eq!(found(json!({ "hist_access_type": "range", "session": 1, "start": 1, "stop": 2 })), [(1, 1)]);
        assert!(found(json!({ "hist_access_type": "range", "session": -7 })).is_empty());
    }

    #[test]
    fn a_file_that_grows_is_cut_when_a_kernel_starts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let lines = (0..=MOST).map(|line| super::text(&Entry { session: 1, line, code: "x".to_owned() }));
        fs::write(&path, lines.collect::<String>()).unwrap();
        History::new(path.clone()).find(&json!({ "hist_access_type": "tail", "n": 1 }));
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), KEPT);
        // A file that cannot be written or read is no reason not to start.
        let nowhere = History::new(folder.path().join("missing/history.jsonl"));
        nowhere.push(1, "x");
        assert_eq!(nowhere.find(&json!({ "hist_access_type": "tail", "n": 5 })).len(), 1);
    }
}
