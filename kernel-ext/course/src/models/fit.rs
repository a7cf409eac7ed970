//! Training.

use super::compile::Measures;
use super::evaluate::BATCH_SIZE;
use super::examples::{Examples, Names};
use super::history::History;
use super::model::Model;
use super::program::{Pass, Totals};
use super::sample_weights;
use crate::display::check_interrupt;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Arrays, Numbers};
use crate::progress::{Moment, Reporter, Schedule};
use crate::seed::next_generator;
use engine_api::Mode;
use std::time::Instant;

/// The options of `fit`, with Keras's names and defaults.
///
/// ```
/// use course::prelude::*;
/// let options = Fit::new().batch_size(16).epochs(20).validation_split(0.1).verbose(0);
/// ```
#[derive(Clone, Copy)]
pub struct Fit<'a> {
    batch_size: usize,
    epochs: usize,
    initial_epoch: usize,
    shuffle: bool,
    validation_data: Option<(&'a dyn Arrays, &'a dyn Arrays)>,
    validation_split: f64,
    sample_weight: Option<&'a dyn Numbers>,
    class_weight: &'a [(usize, f64)],
    verbose: u8,
    detect_anomaly: bool,
}

impl Default for Fit<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Fit<'a> {
    /// One epoch in shuffled batches of 32, with a progress bar, without validation.
    pub fn new() -> Self {
        Self {
            batch_size: 32,
            epochs: 1,
            initial_epoch: 0,
            shuffle: true,
            validation_data: None,
            validation_split: 0.0,
            sample_weight: None,
            class_weight: &[],
            verbose: 1,
            detect_anomaly: false,
        }
    }

    /// After how many samples the weights change.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// How often the whole data set is gone through; the number of the last epoch when
    /// `initial_epoch` is not 0.
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// How many epochs count as done already.
    #[must_use]
    pub fn initial_epoch(mut self, initial_epoch: usize) -> Self {
        self.initial_epoch = initial_epoch;
        self
    }

    /// Whether each epoch takes the samples in a new random order.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Samples and targets that are not trained on, but evaluated after each epoch.
    #[must_use]
    pub fn validation_data(mut self, x: &'a dyn Arrays, y: &'a dyn Arrays) -> Self {
        self.validation_data = Some((x, y));
        self
    }

    /// The share of the samples, taken from the end, that is kept for validation.
    #[must_use]
    pub fn validation_split(mut self, share: f64) -> Self {
        self.validation_split = share;
        self
    }

    /// How much each sample counts in the loss, one number a sample. Metrics and validation do not know of it.
    #[must_use]
    pub fn sample_weight(mut self, weights: &'a dyn Numbers) -> Self {
        self.sample_weight = Some(weights);
        self
    }

    /// How much the samples of a class count in the loss; classes that are not named count as 1.
    ///
    /// ```
    /// use course::prelude::*;
    /// // There are few samples of class 2, so each counts five times.
    /// let options = Fit::new().class_weight(&[(2, 5.0)]);
    /// ```
    #[must_use]
    pub fn class_weight(mut self, weights: &'a [(usize, f64)]) -> Self {
        self.class_weight = weights;
        self
    }

    /// 0 says nothing, 1 shows a bar that moves, 2 prints a line for each epoch.
    #[must_use]
    pub fn verbose(mut self, verbose: u8) -> Self {
        self.verbose = verbose;
        self
    }

    /// Whether to look at all numbers after each op and to stop, with an error that names the op, at the
    /// first one that is not finite. Training takes about twice as long.
    #[must_use]
    pub fn detect_anomaly(mut self, detect_anomaly: bool) -> Self {
        self.detect_anomaly = detect_anomaly;
        self
    }

    fn check(&self, place: &str) -> Result<()> {
        let Self { batch_size, epochs, initial_epoch, validation_split, .. } = *self;
        let wrong = |option: &str, expected: &str, received: &dyn std::fmt::Display| {
            let report = Report::new(place, format!("`{option}` is out of range"));
            Err(Error::value(report.expected(expected, received)))
        };
        if batch_size == 0 {
            return wrong("batch_size", "1 or more", &batch_size);
        }
        if epochs == 0 {
            return wrong("epochs", "1 or more", &epochs);
        }
        if initial_epoch >= epochs {
            return wrong("initial_epoch", &format!("less than `epochs`, which is {epochs}"), &initial_epoch);
        }
        if !(0.0..1.0).contains(&validation_split) {
            return wrong("validation_split", "a share from 0 to below 1", &validation_split);
        }
        Ok(())
    }

    /// How many samples are trained on when `validation_split` cuts the data.
    ///
    /// As Keras: the product is floored in double precision.
    fn split_at(&self, place: &str, samples: usize) -> Result<usize> {
        if self.validation_data.is_some() || self.validation_split == 0.0 {
            return Ok(samples);
        }
        let split = (samples as f64 * (1.0 - self.validation_split)).floor() as usize;
        if split == 0 || split == samples {
            let problem = format!("`validation_split` {} leaves one side empty", self.validation_split);
            let report = Report::new(place, problem).expected("at least one sample on each side", samples);
            return Err(Error::value(report.hint("give more samples, or use `validation_data`")));
        }
        Ok(split)
    }
}

/// What is evaluated after each epoch.
struct Validation {
    data: Vec<engine_api::Data>,
    samples: usize,
}

/// Everything a run needs besides the model.
struct Run<'a> {
    options: Fit<'a>,
    train: Vec<engine_api::Data>,
    samples: usize,
    validation: Option<Validation>,
    measures: Measures,
}

impl Model {
    /// Trains the model on samples and their targets, and returns what it measured.
    ///
    /// Training again goes on from where the last `fit` ended, with the optimizer's state.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = array![[0.0_f32], [1.0], [2.0], [3.0]];
    /// let y = array![[1.0_f32], [3.0], [5.0], [7.0]];
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Dense::new(1));
    /// model.compile(Sgd::new(0.1), "mse", ());
    /// let logs = model.fit(&x, &y, Fit::new().epochs(200).verbose(0));
    /// assert!(logs["loss"][199] < 1e-3 && logs["loss"][0] > 1.0);
    /// assert!((model.predict(&array![[10.0_f32]])[[0, 0]] - 21.0).abs() < 0.1);
    /// ```
    ///
    /// # Panics
    /// Before `compile`, when the arrays or options do not fit, or when the user interrupts;
    /// [`Model::try_fit`] returns the error instead. The model stays usable, and after an interrupt
    /// keeps its weights and its [`Model::history`].
    #[track_caller]
    pub fn fit(&mut self, x: &dyn Arrays, y: &dyn Arrays, options: Fit) -> History {
        expect_good(self.try_fit(x, y, options))
    }

    /// As [`Model::fit`].
    ///
    /// # Errors
    /// What is wrong with the order of calls, the arrays or the options, or
    /// [`Error::Interrupted`].
    pub fn try_fit(&mut self, x: &dyn Arrays, y: &dyn Arrays, options: Fit) -> Result<History> {
        let place = self.place("fit");
        self.compiled("fit")?;
        options.check(&place)?;
        let examples = self.examples(&Names { method: "fit", x: "x", y: "y" }, x, y)?;
        let measures = self.measures("fit")?;
        let split = options.split_at(&place, examples.samples())?;
        let validation_names = Names { method: "fit", x: "x of validation_data", y: "y of validation_data" };
        let held_out = options.validation_data.map(|(x, y)| self.examples(&validation_names, x, y)).transpose()?;
        let weights = sample_weights::of_samples(&place, &examples.y[0], options.sample_weight, options.class_weight)?;
        let mut train = examples.data(0, split);
        let weights = weights.as_ref().map(Numbers::numbers);
        train.extend(weights.iter().map(|weights| weights.data(0, split)));
        let run = Run {
            train,
            samples: split,
            validation: validation(&examples, split, held_out.as_ref()),
            measures,
            options,
        };
        self.program()?;
        self.history = Some(History::default());
        let schedule = run.schedule();
        let mut reporter = crate::progress::reporter(options.verbose, &schedule);
        let result = (options.initial_epoch..options.epochs)
            .try_for_each(|epoch| self.run_epoch(&run, &schedule, epoch, reporter.as_mut()));
        let history = self.history.clone().unwrap_or_default();
        reporter.end(&history, result.as_ref().err());
        result.map(|()| history)
    }

    fn run_epoch(&mut self, run: &Run, schedule: &Schedule, epoch: usize, reporter: &mut dyn Reporter) -> Result<()> {
        let order = run.options.shuffle.then(|| next_generator().permutation(run.samples));
        let begin = Instant::now();
        let moment = |totals: &Totals| Moment {
            epoch,
            batches: totals.batches,
            seconds: begin.elapsed().as_secs_f64(),
            measures: sorted("", run.measures.of(totals)),
        };
        reporter.begin_epoch(epoch);
        let mut last = moment(&Totals::default());
        let program = self.program()?;
        let pass = Pass {
            order: order.as_deref(),
            detect_anomaly: run.options.detect_anomaly,
            ..Pass::of(Mode::Train, run.train.clone(), run.samples, run.options.batch_size)
        };
        let totals = program.run(pass, |totals| {
            last = moment(totals);
            reporter.moved(&last);
            check_interrupt(&format!("fit, epoch {}/{}", epoch + 1, schedule.epochs))
        })?;
        let mut measures = sorted("", run.measures.of(&totals));
        if let Some(validation) = &run.validation {
            let pass = Pass::of(Mode::Evaluate, validation.data.clone(), validation.samples, BATCH_SIZE);
            let totals = program.run(pass, |_| check_interrupt("fit, validation"))?;
            measures.extend(sorted("val_", run.measures.of(&totals)));
        }
        let history = self.history.get_or_insert_default();
        history.push(epoch, &measures);
        let seconds = begin.elapsed().as_secs_f64();
        reporter.end_epoch(&Moment { seconds, measures, ..last }, history);
        Ok(())
    }
}

impl Run<'_> {
    fn schedule(&self) -> Schedule {
        let Fit { batch_size, epochs, initial_epoch, .. } = self.options;
        Schedule { epochs, initial_epoch, batches: self.samples.div_ceil(batch_size), samples: self.samples }
    }
}

fn validation(examples: &Examples, split: usize, held_out: Option<&Examples>) -> Option<Validation> {
    match held_out {
        Some(held_out) => {
            let samples = held_out.samples();
            Some(Validation { data: held_out.data(0, samples), samples })
        }
        None if split < examples.samples() => {
            let samples = examples.samples();
            Some(Validation { data: examples.data(split, samples), samples: samples - split })
        }
        None => None,
    }
}

/// Names with their values, in the alphabetical order in which Keras 3 shows them.
fn sorted(prefix: &str, measures: Vec<(String, f64)>) -> Vec<(String, f64)> {
    let mut measures: Vec<_> = measures.into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)).collect();
    measures.sort_by(|(a, _), (b, _)| a.cmp(b));
    measures
}

#[cfg(test)]
mod tests {
    use super::Fit;

    #[test]
    fn the_split_is_floored_in_double_precision_as_in_keras() {
        for (samples, share, split) in [(60_000, 1.0 / 6.0, 50_000), (50, 0.2, 40), (10, 0.33, 6), (3, 0.5, 1)] {
            assert_eq!(Fit::new().validation_split(share).split_at("fit", samples).unwrap(), split);
        }
        assert!(Fit::new().validation_split(0.1).split_at("fit", 1).is_err());
    }
}
