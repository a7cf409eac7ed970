//! Progress for terminals, files and pipes.

use super::{Moment, Reporter, Schedule};
use crate::{Error, History};
use std::io::Write;
use std::time::{Duration, Instant};

/// One line for each epoch.
pub(super) struct Lines {
    schedule: Schedule,
    with_bar: bool,
}

impl Lines {
    /// Lines as of `verbose` 2, or as a finished bar.
    pub fn new(schedule: Schedule, with_bar: bool) -> Self {
        Self { schedule, with_bar }
    }
}

impl Reporter for Lines {
    fn begin_epoch(&mut self, epoch: usize) {
        if self.schedule.epochs > 1 {
            println!("{}", self.schedule.epoch_line(epoch));
        }
    }

    fn moved(&mut self, _: &Moment) {}

    fn end_epoch(&mut self, moment: &Moment, _: &History) {
        if self.with_bar {
            println!("{}", self.schedule.bar_line(moment));
        } else {
            println!("{}", self.schedule.epoch_summary(moment));
        }
    }

    fn end(self: Box<Self>, _: &History, _: Option<&Error>) {}
}

/// A bar in the last line of a terminal, written anew with a carriage return.
pub(super) struct Bar {
    schedule: Schedule,
    drawn: Option<Instant>,
    width: usize,
}

/// How often the bar is drawn, as in Keras.
const PAUSE: Duration = Duration::from_millis(50);

impl Bar {
    pub fn new(schedule: Schedule) -> Self {
        Self { schedule, drawn: None, width: 0 }
    }

    fn draw(&mut self, moment: &Moment, end: &str) {
        let line = self.schedule.bar_line(moment);
        print!("{}{end}", overwriting(&line, self.width));
        // A terminal that has gone is no error of the computation.
        let _ = std::io::stdout().flush();
        self.drawn = Some(Instant::now());
        self.width = if end.is_empty() { line.chars().count() } else { 0 };
    }
}

/// The text that puts a line over one of `width` letters, blanking what is left of it.
fn overwriting(line: &str, width: usize) -> String {
    format!("\r{line}{}", " ".repeat(width.saturating_sub(line.chars().count())))
}

impl Reporter for Bar {
    fn begin_epoch(&mut self, epoch: usize) {
        if self.schedule.epochs > 1 {
            println!("{}", self.schedule.epoch_line(epoch));
        }
    }

    fn moved(&mut self, moment: &Moment) {
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= PAUSE) {
            self.draw(moment, "");
        }
    }

    fn end_epoch(&mut self, moment: &Moment, _: &History) {
        self.draw(moment, "\n");
    }

    fn end(self: Box<Self>, _: &History, error: Option<&Error>) {
        if error.is_some() && self.width > 0 {
            println!();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::overwriting;

    #[test]
    fn a_shorter_line_leaves_nothing_of_the_longer_one() {
        assert_eq!(overwriting("━━ 9s", 8), "\r━━ 9s   ");
        assert_eq!(overwriting("━━ 10s", 5), "\r━━ 10s");
    }
}
