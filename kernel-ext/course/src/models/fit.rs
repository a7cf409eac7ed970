//! Training.

use super::compile::Measures;
use super::examples::{Examples, Names};
use super::feed::{ArrayFeed, BatchFeed, Feed};
use super::fit_options::Fit;
use super::history::History;
use super::logs::Logs;
use super::model::Model;
use super::program::{CHUNK_US, Pass, Running, Totals};
use super::sample_weights;
use crate::callbacks::Callback;
use crate::display::check_interrupt;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Arrays, View};
use crate::progress::{Moment, Reporter, Schedule};
use engine_api::{Data, Mode};
use std::time::Instant;

const VALIDATION: Names = Names { method: "fit", x: "x of validation_data", y: "y of validation_data" };

/// The samples that are evaluated after an epoch.
struct Validation {
    data: Vec<Data>,
    samples: usize,
}

impl Validation {
    /// All samples from one on, with how much each counts.
    fn part(examples: &Examples, from: usize, weights: Option<&Vec<f32>>) -> Self {
        let samples = examples.samples();
        Self { data: examples.data(from..samples, weights), samples: samples - from }
    }
}

/// Everything a run needs besides the model and its samples.
struct Run {
    /// Batches of an epoch.
    steps: usize,
    detect_anomaly: bool,
    /// How long the backend works before callbacks and progress are told.
    chunk_us: u64,
    validation: Option<Validation>,
    validation_batch_size: usize,
    validation_freq: usize,
    measures: Measures,
    schedule: Schedule,
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
    /// What is wrong with the order of calls, the arrays or the options, what a callback reports, or
    /// [`Error::Interrupted`](crate::Error::Interrupted).
    pub fn try_fit(&mut self, x: &dyn Arrays, y: &dyn Arrays, options: Fit) -> Result<History> {
        let place = self.place("fit");
        self.compiled("fit")?;
        options.check(&place)?;
        let examples = self.examples(&Names { method: "fit", x: "x", y: "y" }, x, y)?;
        let split = options.split_at(&place, examples.samples())?;
        let held_out = options.validation_data.map(|(x, y)| self.examples(&VALIDATION, x, y)).transpose()?;
        let weights = sample_weights::of_samples(&place, &examples.y, options.sample_weight, options.class_weight)?;
        let validation_weights = options.validation_weights(&place, held_out.as_ref())?;
        let batches = split.div_ceil(options.batch_size);
        let steps = options.steps_per_epoch.unwrap_or(batches).min(batches);
        let feed = ArrayFeed {
            data: examples.data(0..split, weights.as_ref()),
            samples: split,
            batch_size: options.batch_size,
            shuffle: options.shuffle,
            next: 0,
            order: None,
        };
        // What `validation_split` keeps has its part of the weights of samples, but none of those of classes.
        let kept = weights.as_ref().filter(|_| options.sample_weight.is_some());
        let rest = (split < examples.samples()).then(|| Validation::part(&examples, split, kept));
        let validation = held_out.as_ref().map(|held_out| Validation::part(held_out, 0, validation_weights.as_ref()));
        let validation = validation.or(rest);
        self.train(feed, (steps, split.min(steps * options.batch_size)), validation, options)
    }

    /// Trains the model on batches that are made while training goes on: pictures that are altered anew each time,
    /// data that do not fit into memory, or that never end.
    ///
    /// `batches` is called with the number of each epoch, from 0 on, and gives its batches: samples and targets,
    /// each one array or several. An epoch has as many steps as `steps_per_epoch` says; without that the iterator
    /// must know how many batches it has. The options `batch_size` and `shuffle` have no effect.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([2]));
    /// model.add(Dense::new(16).activation("tanh"));
    /// model.add(Dense::new(1).activation("sigmoid"));
    /// model.compile("adam", "binary_crossentropy", ["accuracy"]);
    /// // New points in each of 200 batches.
    /// let logs = model.fit_batches(|_| (0..200).map(|_| toy::circles(32, 0.1)), Fit::new().epochs(5).verbose(0));
    /// assert!(logs["accuracy"][4] > 0.9 && logs["loss"].len() == 5);
    /// ```
    ///
    /// # Panics
    /// As [`Model::fit`], and when an epoch runs out of batches; [`Model::try_fit_batches`] returns the error
    /// instead.
    ///
    /// Source: Keras's `fit` with a generator or a `PyDataset`.
    #[track_caller]
    pub fn fit_batches<I, X, Y>(&mut self, batches: impl FnMut(usize) -> I, options: Fit) -> History
    where
        I: IntoIterator<Item = (X, Y)>,
        X: Arrays,
        Y: Arrays,
    {
        expect_good(self.try_fit_batches(batches, options))
    }

    /// As [`Model::fit_batches`].
    ///
    /// # Errors
    /// As [`Model::try_fit`], and when an epoch runs out of batches.
    pub fn try_fit_batches<I, X, Y>(&mut self, batches: impl FnMut(usize) -> I, options: Fit) -> Result<History>
    where
        I: IntoIterator<Item = (X, Y)>,
        X: Arrays,
        Y: Arrays,
    {
        let place = self.place("fit_batches");
        self.compiled("fit_batches")?;
        options.check(&place)?;
        options.check_for_batches(&place)?;
        let mut feed = BatchFeed { batches, current: None, class_weight: options.class_weight };
        let first = feed.of_epoch(options.initial_epoch);
        let samples = first.peek().and_then(|(x, _)| x.arrays().first().map(View::samples)).unwrap_or(0);
        let Some(steps) = options.steps_per_epoch.or_else(|| known_len(first)) else {
            let report = Report::new(place, "nobody knows how many batches an epoch has");
            return Err(Error::value(report.hint("say it: `Fit::new().steps_per_epoch(100)`")));
        };
        if steps == 0 {
            return Err(Error::data(Report::new(place, "the first epoch has no batches")));
        }
        let names = Names { method: "fit_batches", ..VALIDATION };
        let held_out = options.validation_data.map(|(x, y)| self.examples(&names, x, y)).transpose()?;
        let weights = options.validation_weights(&place, held_out.as_ref())?;
        let validation = held_out.as_ref().map(|held_out| Validation::part(held_out, 0, weights.as_ref()));
        self.train(feed, (steps, steps * samples), validation, options)
    }

    /// Trains with options that have been checked; an epoch has so many steps, and about so many samples.
    fn train(
        &mut self,
        mut feed: impl Feed,
        (steps, samples): (usize, usize),
        validation: Option<Validation>,
        options: Fit,
    ) -> Result<History> {
        let measures = self.measures("fit")?;
        let Fit { epochs, initial_epoch, detect_anomaly, verbose, mut callbacks, .. } = options;
        let schedule = Schedule { epochs, initial_epoch, batches: steps, samples };
        let chunk_us = if callbacks.iter().any(|callback| callback.wants_batches()) { 0 } else { CHUNK_US };
        let usual = self.evaluation_batch_size(options.batch_size)?;
        let validation_batch_size = options.validation_batch_size.unwrap_or(usual);
        let run = Run {
            steps,
            detect_anomaly,
            chunk_us,
            validation,
            validation_batch_size,
            validation_freq: options.validation_freq,
            measures,
            schedule,
        };
        self.run(&run, &mut feed, verbose, &mut callbacks)
    }

    fn run(
        &mut self,
        run: &Run,
        feed: &mut dyn Feed,
        verbose: u8,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<History> {
        self.program()?;
        (self.history, self.stops) = (Some(History::default()), false);
        let mut reporter = crate::progress::reporter(verbose, &run.schedule);
        let mut epochs = || {
            each(callbacks, |callback| callback.on_train_begin(self))?;
            for epoch in run.schedule.initial_epoch..run.schedule.epochs {
                self.run_epoch(run, epoch, feed, reporter.as_mut(), callbacks)?;
                if self.stops {
                    break;
                }
            }
            Ok(())
        };
        let result = epochs();
        let ended = each(callbacks, |callback| callback.on_train_end(self));
        self.print_announcements();
        let history = self.history.clone().unwrap_or_default();
        let result = result.and(ended);
        reporter.end(&history, result.as_ref().err());
        result.map(|()| history)
    }

    fn run_epoch(
        &mut self,
        run: &Run,
        epoch: usize,
        feed: &mut dyn Feed,
        reporter: &mut dyn Reporter,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<()> {
        each(callbacks, |callback| callback.on_epoch_begin(epoch, self))?;
        reporter.begin_epoch(epoch);
        let begin = Instant::now();
        let mut told = |totals: &Totals, measures| {
            let moment = Moment { epoch, batches: totals.batches, seconds: begin.elapsed().as_secs_f64(), measures };
            reporter.moved(&moment);
        };
        let totals = self.run_steps(run, epoch, feed, &mut told, callbacks)?;
        let mut measures = sorted("", run.measures.of(&totals));
        if let Some(validation) = run.validation.as_ref().filter(|_| (epoch + 1).is_multiple_of(run.validation_freq)) {
            let Validation { data, samples } = validation;
            let pass = Pass::of(Mode::Evaluate, data.clone(), *samples, run.validation_batch_size);
            let totals = self.program()?.run(pass, |_| check_interrupt("fit, validation"))?;
            measures.extend(sorted("val_", run.measures.of(&totals)));
        }
        let mut logs = Logs::new(measures);
        each(callbacks, |callback| callback.on_epoch_end(epoch, &mut logs, self))?;
        let measures = logs.values().to_vec();
        let history = self.history.get_or_insert_default();
        history.push(epoch, &measures);
        let (batches, seconds) = (totals.batches, begin.elapsed().as_secs_f64());
        reporter.end_epoch(&Moment { epoch, batches, seconds, measures }, history);
        self.print_announcements();
        Ok(())
    }

    /// The steps of an epoch.
    fn run_steps(
        &mut self,
        run: &Run,
        epoch: usize,
        feed: &mut dyn Feed,
        told: &mut Told,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<Totals> {
        let mut totals = Totals::default();
        told(&totals, Vec::new());
        while totals.batches < run.steps && !self.stops {
            let steps = run.steps - totals.batches;
            feed.feed(self, epoch, steps, &mut |model, pass, first| {
                let pass = Pass { detect_anomaly: run.detect_anomaly, ..pass };
                let mut running = Running::new(pass, run.chunk_us).from(first, std::mem::take(&mut totals));
                while !model.stops && running.advance(model.program()?)? {
                    let measures = sorted("", run.measures.of(&running.totals));
                    if run.chunk_us == 0 {
                        let (batch, logs) = (running.totals.batches - 1, Logs::new(measures.clone()));
                        each(callbacks, |callback| callback.on_train_batch_end(batch, &logs, model))?;
                    }
                    told(&running.totals, measures);
                    check_interrupt(&format!("fit, epoch {}/{}", epoch + 1, run.schedule.epochs))?;
                }
                totals = running.totals;
                Ok(())
            })?;
        }
        Ok(totals)
    }
}

/// Who is told what the sums of an epoch so far have made of loss and metrics.
type Told<'a> = dyn FnMut(&Totals, Vec<(String, f64)>) + 'a;

/// Calls each callback, also after one has failed; the first error counts.
fn each(callbacks: &mut [&mut dyn Callback], mut call: impl FnMut(&mut dyn Callback) -> Result<()>) -> Result<()> {
    let mut result = Ok(());
    for callback in callbacks {
        result = result.and(call(&mut **callback));
    }
    result
}

/// How many things an iterator has, if it knows.
fn known_len(iterator: &impl Iterator) -> Option<usize> {
    let (least, most) = iterator.size_hint();
    most.filter(|&most| most == least)
}

/// Names with their values, in the alphabetical order in which Keras 3 shows them.
fn sorted(prefix: &str, measures: Vec<(String, f64)>) -> Vec<(String, f64)> {
    let mut measures: Vec<_> = measures.into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)).collect();
    measures.sort_by(|(a, _), (b, _)| a.cmp(b));
    measures
}
