//! Where the samples of a training come from: arrays that are gone through again and again, or batches that are
//! made while it goes on.

use super::examples::Names;
use super::model::Model;
use super::program::Pass;
use super::sample_weights;
use crate::error::{Error, Report, Result};
use crate::numbers::Arrays;
use crate::seed::next_generator;
use engine_api::{Data, Mode};
use std::iter::Peekable;

/// Gives the steps of training their samples.
pub(super) trait Feed {
    /// Gives the samples of the next steps, at most so many, to `run`; with the pass goes the sample that it
    /// begins at.
    fn feed(&mut self, model: &mut Model, epoch: usize, steps: usize, run: &mut Runner) -> Result<()>;
}

/// What is done with a pass.
pub(super) type Runner<'a> = dyn FnMut(&mut Model, Pass, usize) -> Result<()> + 'a;

/// Arrays that are gone through in a new order each time; an epoch that ends before them goes on with the rest in
/// the next.
pub(super) struct ArrayFeed {
    pub data: Vec<Data>,
    pub samples: usize,
    pub batch_size: usize,
    pub shuffle: bool,
    pub next: usize,
    pub order: Option<Vec<u32>>,
}

impl Feed for ArrayFeed {
    fn feed(&mut self, model: &mut Model, _: usize, steps: usize, run: &mut Runner) -> Result<()> {
        let Self { samples, batch_size, .. } = *self;
        if self.next == 0 {
            self.order = self.shuffle.then(|| next_generator().permutation(samples));
        }
        let end = samples.min(self.next + steps * batch_size);
        let pass = Pass { order: self.order.as_deref(), ..Pass::of(Mode::Train, self.data.clone(), end, batch_size) };
        run(model, pass, self.next)?;
        self.next = if end == samples { 0 } else { end };
        Ok(())
    }
}

/// Batches that an iterator makes, a new one for each epoch.
pub(super) struct BatchFeed<'a, F, I: IntoIterator> {
    pub batches: F,
    /// The epoch that is under way and what is left of its batches.
    pub current: Option<(usize, Peekable<I::IntoIter>)>,
    pub class_weight: &'a [(usize, f64)],
}

impl<F, I, X, Y> BatchFeed<'_, F, I>
where
    F: FnMut(usize) -> I,
    I: IntoIterator<Item = (X, Y)>,
    X: Arrays,
    Y: Arrays,
{
    /// The batches of an epoch that are left.
    pub fn of_epoch(&mut self, epoch: usize) -> &mut Peekable<I::IntoIter> {
        if self.current.as_ref().is_none_or(|(current, _)| *current != epoch) {
            self.current = None;
        }
        let batches = &mut self.batches;
        &mut self.current.get_or_insert_with(|| (epoch, batches(epoch).into_iter().peekable())).1
    }
}

impl<F, I, X, Y> Feed for BatchFeed<'_, F, I>
where
    F: FnMut(usize) -> I,
    I: IntoIterator<Item = (X, Y)>,
    X: Arrays,
    Y: Arrays,
{
    fn feed(&mut self, model: &mut Model, epoch: usize, steps: usize, run: &mut Runner) -> Result<()> {
        let Some((x, y)) = self.of_epoch(epoch).next() else {
            let report = Report::new(model.place("fit_batches"), format!("epoch {} ran out of batches", epoch + 1));
            let hint = "let the iterator give as many batches as `steps_per_epoch` says, or leave that option out";
            return Err(Error::data(report.expected(format!("{steps} more"), "none").hint(hint)));
        };
        let names = Names { method: "fit_batches", x: "x of a batch", y: "y of a batch" };
        let examples = model.examples(&names, &x, &y)?;
        let place = model.place("fit_batches");
        let weights = sample_weights::of_samples(&place, &examples.y, None, self.class_weight)?;
        let samples = examples.samples();
        run(model, Pass::of(Mode::Train, examples.data(0..samples, weights.as_ref()), samples, samples), 0)
    }
}
