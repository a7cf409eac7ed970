//! Displays: shown once, or changed while the cell runs.

use super::channel::{Front, front, send_clear, send_display};
use super::{Bundle, Show};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Shows a value here and now, before the cell has ended.
pub fn display(value: &dyn Show) {
    emit("display", &value.bundle(), "");
}

/// Clears what the cell has shown so far; with `wait`, only when something new comes.
pub fn clear_output(wait: bool) {
    if front() == Front::Notebook {
        send_clear(wait);
    }
}

/// Sends the value of a cell.
pub(super) fn result(bundle: &Bundle) {
    emit("result", bundle, "");
}

fn emit(event: &str, bundle: &Bundle, id: &str) {
    match front() {
        Front::Notebook => send_display(event, bundle, id),
        Front::Evcxr => print_blocks(bundle),
        Front::Terminal | Front::Text => println!("{}", bundle.get("text/plain").unwrap_or_default()),
    }
}

/// The form in which stock evcxr takes values from standard output. A block is written in one
/// piece, so that nothing of another thread comes between.
fn print_blocks(bundle: &Bundle) {
    let blocks: String = bundle
        .forms()
        .iter()
        .map(|(mime, content)| format!("EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT\n"))
        .collect();
    // A front end that has gone is no error of the computation.
    let _ = std::io::stdout().lock().write_all(blocks.as_bytes());
}

/// How often a live display may change.
const PAUSE: Duration = Duration::from_millis(100);

/// A display that changes while the cell runs, at most ten times a second.
///
/// Without a notebook only what [`LiveDisplay::finish`] is given is shown.
#[derive(Debug)]
pub struct LiveDisplay {
    id: String,
    shown: Option<Instant>,
}

impl Default for LiveDisplay {
    fn default() -> Self {
        Self::new()
    }
}

impl LiveDisplay {
    /// A display that shows nothing yet.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = format!("course-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self { id, shown: None }
    }

    /// Whether the last change is long enough ago for another one.
    pub fn is_due(&self) -> bool {
        front() == Front::Notebook && self.shown.is_none_or(|shown| shown.elapsed() >= PAUSE)
    }

    /// Shows this now, in place of what was shown; does nothing when the last change was a moment
    /// ago.
    pub fn update(&mut self, bundle: &Bundle) {
        if self.is_due() {
            self.put(bundle);
        }
    }

    /// Shows this for good.
    pub fn finish(mut self, bundle: &Bundle) {
        self.put(bundle);
    }

    fn put(&mut self, bundle: &Bundle) {
        emit(if self.shown.is_some() { "update" } else { "display" }, bundle, &self.id);
        self.shown = Some(Instant::now());
    }
}
