//! Text of the two streams, collected for a tenth of a second before it is shown.
//!
//! Nothing says in which order a cell has written to its two streams. Text that came at a distance keeps
//! its order; what came together is kept apart until it is known what it is.

use std::mem;
use std::time::{Duration, Instant};

/// How long text may wait for more text.
const BATCH: Duration = Duration::from_millis(100);
/// How long a stream must have been quiet before something else counts as later. What evcxr's generated
/// code prints on standard error just before it reports an error is no output of the cell, and may come
/// in parts.
const QUIET: Duration = Duration::from_millis(40);
/// How much text may wait.
const BYTES: usize = 32 * 1024;

/// One of the two streams of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Text of one stream, ready to be shown.
pub type Ready = Vec<(Stream, String)>;

#[derive(Debug)]
struct Batch {
    text: String,
    first: Instant,
    last: Instant,
}

/// The text that waits.
#[derive(Debug, Default)]
pub struct Batches {
    stdout: Option<Batch>,
    stderr: Option<Batch>,
    unwanted: Vec<String>,
}

impl Batches {
    /// Adds text that came at `now`; returns what must be shown before it, or at once.
    pub fn push(&mut self, stream: Stream, text: &str, now: Instant) -> Ready {
        let mut ready = Ready::new();
        let other = match stream {
            Stream::Stdout => Stream::Stderr,
            Stream::Stderr => Stream::Stdout,
        };
        if self.batch(other).as_ref().is_some_and(|batch| batch.last + QUIET < now) {
            self.take(other, &mut ready);
        }
        let batch = self.batch(stream).get_or_insert_with(|| Batch { text: String::new(), first: now, last: now });
        batch.text.push_str(text);
        batch.last = now;
        if batch.text.len() > BYTES {
            ready.extend(self.take_all());
        }
        ready
    }

    /// These words are not to be shown when they come on standard error.
    pub fn suppress(&mut self, words: String) {
        self.unwanted.push(words);
    }

    /// When text has to be shown at the latest.
    pub fn due(&self) -> Option<Instant> {
        let stdout = self.stdout.as_ref().map(|batch| batch.first + BATCH);
        let stderr = self.stderr.as_ref().map(|batch| (batch.first + BATCH).max(batch.last + QUIET));
        stdout.into_iter().chain(stderr).min()
    }

    /// What is due at `now`.
    pub fn take_due(&mut self, now: Instant) -> Ready {
        let mut ready = Ready::new();
        if self.stdout.as_ref().is_some_and(|batch| batch.first + BATCH <= now) {
            self.take(Stream::Stdout, &mut ready);
        }
        if self.stderr.as_ref().is_some_and(|batch| (batch.first + BATCH).max(batch.last + QUIET) <= now) {
            self.take(Stream::Stderr, &mut ready);
        }
        ready
    }

    /// Everything that waits, in the order in which it began.
    pub fn take_all(&mut self) -> Ready {
        let mut ready = Ready::new();
        let first = |batch: &Option<Batch>| batch.as_ref().map(|batch| batch.first);
        let stderr_is_first =
            self.stdout.is_some() && self.stderr.is_some() && first(&self.stderr) < first(&self.stdout);
        let order = if stderr_is_first { [Stream::Stderr, Stream::Stdout] } else { [Stream::Stdout, Stream::Stderr] };
        for stream in order {
            self.take(stream, &mut ready);
        }
        ready
    }

    /// What waits on standard error, for those who know that it is no output.
    pub fn take_stderr(&mut self) -> String {
        self.stderr.take().map(|batch| batch.text).unwrap_or_default()
    }

    fn batch(&mut self, stream: Stream) -> &mut Option<Batch> {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    fn take(&mut self, stream: Stream, ready: &mut Ready) {
        let Some(Batch { mut text, .. }) = self.batch(stream).take() else { return };
        if stream == Stream::Stderr {
            for words in mem::take(&mut self.unwanted) {
                match text.find(&words) {
                    Some(start) => text.replace_range(start..start + words.len(), ""),
                    None => self.unwanted.push(words),
                }
            }
        }
        if !text.is_empty() {
            ready.push((stream, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stream::{Stderr, Stdout};
    use super::{Batches, Ready, Stream};
    use std::time::{Duration, Instant};

    /// Pushes texts at these milliseconds and returns everything that was shown, up to the end.
    fn shown(pushes: &[(u64, Stream, &str)], unwanted: &[&str]) -> Ready {
        let (mut batches, start) = (Batches::default(), Instant::now());
        unwanted.iter().for_each(|words| batches.suppress((*words).to_owned()));
        let mut shown = Ready::new();
        for (millis, stream, text) in pushes {
            let now = start + Duration::from_millis(*millis);
            shown.extend(batches.take_due(now));
            shown.extend(batches.push(*stream, text, now));
        }
        shown.extend(batches.take_all());
        shown
    }

    #[test]
    fn text_is_shown_in_batches() {
        // Milliseconds, stream and text of each push; what is shown.
        type Case = (&'static [(u64, Stream, &'static str)], &'static [(Stream, &'static str)]);
        let cases: [Case; 6] = [
            (&[(0, Stdout, "a"), (50, Stdout, "b")], &[(Stdout, "ab")]),
            (&[(0, Stdout, "a"), (100, Stdout, "b")], &[(Stdout, "a"), (Stdout, "b")]),
            // At a distance, order is kept.
            (
                &[(0, Stdout, "a"), (60, Stderr, "b"), (150, Stdout, "c")],
                &[(Stdout, "a"), (Stderr, "b"), (Stdout, "c")],
            ),
            // Together, each stream is one text.
            (&[(0, Stderr, "a"), (1, Stdout, "b"), (2, Stderr, "c")], &[(Stderr, "ac"), (Stdout, "b")]),
            // Standard error also waits for quiet.
            (&[(0, Stderr, "a"), (90, Stderr, "b"), (110, Stderr, "c")], &[(Stderr, "abc")]),
            (&[], &[]),
        ];
        for (pushes, expected) in cases {
            let expected: Ready = expected.iter().map(|(stream, text)| (*stream, (*text).to_owned())).collect();
            assert_eq!(shown(pushes, &[]), expected, "{pushes:?}");
        }
    }

    #[test]
    fn unwanted_words_are_left_out_even_when_they_come_in_parts() {
        let pushes = [(0, Stderr, "a warning\nIt was"), (1, Stdout, "x"), (5, Stderr, " lost.\nmore\n")];
        let expected = [(Stderr, "a warning\nmore\n".to_owned()), (Stdout, "x".to_owned())];
        assert_eq!(shown(&pushes, &["It was lost.\n"]), expected);
    }
}
