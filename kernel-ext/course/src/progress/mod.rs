//! What `fit` says while it works: nothing, lines, a bar in a terminal, a panel in a notebook.
//!
//! What may not be in this folder: training.

mod line;
mod notebook;
mod text;

use crate::display::{Front, front};
use crate::{Error, History};

/// What a run is going to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub epochs: usize,
    pub initial_epoch: usize,
    /// Batches of an epoch.
    pub batches: usize,
    /// Samples of an epoch.
    pub samples: usize,
}

/// Where an epoch is.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// Counted from 0.
    pub epoch: usize,
    /// Batches done.
    pub batches: usize,
    /// Since the epoch began.
    pub seconds: f64,
    /// Loss and metrics so far.
    pub measures: Vec<(String, f64)>,
}

/// Someone who tells the user about a run.
pub(crate) trait Reporter {
    /// An epoch begins.
    fn begin_epoch(&mut self, epoch: usize);
    /// Some batches have been done.
    fn moved(&mut self, moment: &Moment);
    /// An epoch has ended; its measures are in the moment and in the history.
    fn end_epoch(&mut self, moment: &Moment, history: &History);
    /// The run has ended, perhaps by an error.
    fn end(self: Box<Self>, history: &History, error: Option<&Error>);
}

/// The reporter for a front end and Keras's `verbose`.
pub(crate) fn reporter(verbose: u8, schedule: &Schedule) -> Box<dyn Reporter> {
    match (verbose, front()) {
        (0, _) => Box::new(Silent),
        (1, Front::Notebook) => Box::new(notebook::Panel::new(*schedule)),
        (1, Front::Terminal) => Box::new(text::Bar::new(*schedule)),
        (1, _) => Box::new(text::Lines::new(*schedule, true)),
        _ => Box::new(text::Lines::new(*schedule, false)),
    }
}

struct Silent;

impl Reporter for Silent {
    fn begin_epoch(&mut self, _: usize) {}
    fn moved(&mut self, _: &Moment) {}
    fn end_epoch(&mut self, _: &Moment, _: &History) {}
    fn end(self: Box<Self>, _: &History, _: Option<&Error>) {}
}
