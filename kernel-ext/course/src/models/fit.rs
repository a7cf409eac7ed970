//! Training.

use super::compile::Measures;
use super::examples::{Examples, Names};
use super::fit_options::Fit;
use super::history::History;
use super::logs::Logs;
use super::model::Model;
use super::program::{CHUNK_US, Pass, Running, Totals};
use super::sample_weights;
use crate::callbacks::Callback;
use crate::display::check_interrupt;
use crate::error::{Result, expect_good};
use crate::numbers::Arrays;
use crate::progress::{Moment, Reporter, Schedule};
use crate::seed::next_generator;
use engine_api::{Data, Mode};
use std::time::Instant;

/// What is evaluated after some epochs.
struct Validation {
    data: Vec<Data>,
    samples: usize,
    batch_size: usize,
    frequency: usize,
}

/// Everything a run needs besides the model.
struct Run {
    train: Vec<Data>,
    samples: usize,
    batch_size: usize,
    /// Batches of an epoch; an epoch that ends earlier than the data goes on with them in the next.
    steps: usize,
    shuffle: bool,
    detect_anomaly: bool,
    /// How long the backend works before callbacks and progress are told.
    chunk_us: u64,
    validation: Option<Validation>,
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
        let measures = self.measures("fit")?;
        let split = options.split_at(&place, examples.samples())?;
        let validation_names = Names { method: "fit", x: "x of validation_data", y: "y of validation_data" };
        let held_out = options.validation_data.map(|(x, y)| self.examples(&validation_names, x, y)).transpose()?;
        let weights = sample_weights::of_samples(&place, &examples.y, options.sample_weight, options.class_weight)?;
        let train = examples.weighted_data(split, weights.as_ref());
        let batches = split.div_ceil(options.batch_size);
        let steps = options.steps_per_epoch.unwrap_or(batches).min(batches);
        let Fit { epochs, initial_epoch, batch_size, shuffle, detect_anomaly, verbose, mut callbacks, .. } = options;
        let schedule = Schedule { epochs, initial_epoch, batches: steps, samples: split.min(steps * batch_size) };
        let chunk_us = if callbacks.iter().any(|callback| callback.wants_batches()) { 0 } else { CHUNK_US };
        let validation = validation(&examples, split, held_out.as_ref()).map(|(data, samples)| Validation {
            data,
            samples,
            batch_size: options.validation_batch_size,
            frequency: options.validation_freq,
        });
        let run = Run {
            train,
            samples: split,
            batch_size,
            steps,
            shuffle,
            detect_anomaly,
            chunk_us,
            validation,
            measures,
            schedule,
        };
        self.train(&run, verbose, &mut callbacks)
    }

    fn train(&mut self, run: &Run, verbose: u8, callbacks: &mut [&mut dyn Callback]) -> Result<History> {
        self.program()?;
        (self.history, self.stops) = (Some(History::default()), false);
        let mut reporter = crate::progress::reporter(verbose, &run.schedule);
        let mut order = Order::default();
        let mut epochs = || {
            each(callbacks, |callback| callback.on_train_begin(self))?;
            for epoch in run.schedule.initial_epoch..run.schedule.epochs {
                self.run_epoch(run, epoch, &mut order, reporter.as_mut(), callbacks)?;
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
        order: &mut Order,
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
        let totals = self.run_steps(run, epoch, order, &mut told, callbacks)?;
        let mut measures = sorted("", run.measures.of(&totals));
        if let Some(validation) = run.validation.as_ref().filter(|it| (epoch + 1).is_multiple_of(it.frequency)) {
            let Validation { data, samples, batch_size, .. } = validation;
            let pass = Pass::of(Mode::Evaluate, data.clone(), *samples, *batch_size);
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
        order: &mut Order,
        told: &mut Told,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<Totals> {
        let mut totals = Totals::default();
        told(&totals, Vec::new());
        while totals.batches < run.steps && !self.stops {
            if order.next == 0 {
                order.samples = run.shuffle.then(|| next_generator().permutation(run.samples));
            }
            let end = run.samples.min(order.next + (run.steps - totals.batches) * run.batch_size);
            let pass = Pass {
                order: order.samples.as_deref(),
                detect_anomaly: run.detect_anomaly,
                ..Pass::of(Mode::Train, run.train.clone(), end, run.batch_size)
            };
            let mut running = Running::new(pass, run.chunk_us).from(order.next, totals);
            while !self.stops && running.advance(self.program()?)? {
                let measures = sorted("", run.measures.of(&running.totals));
                if run.chunk_us == 0 {
                    let (batch, logs) = (running.totals.batches - 1, Logs::new(measures.clone()));
                    each(callbacks, |callback| callback.on_train_batch_end(batch, &logs, self))?;
                }
                told(&running.totals, measures);
                check_interrupt(&format!("fit, epoch {}/{}", epoch + 1, run.schedule.epochs))?;
            }
            order.next = if end == run.samples { 0 } else { end };
            totals = running.totals;
        }
        Ok(totals)
    }
}

/// Who is told what the sums of an epoch so far have made of loss and metrics.
type Told<'a> = dyn FnMut(&Totals, Vec<(String, f64)>) + 'a;

/// In which order samples are taken, and which comes next.
#[derive(Default)]
struct Order {
    samples: Option<Vec<u32>>,
    next: usize,
}

/// Calls each callback, also after one has failed; the first error counts.
fn each(callbacks: &mut [&mut dyn Callback], mut call: impl FnMut(&mut dyn Callback) -> Result<()>) -> Result<()> {
    let mut result = Ok(());
    for callback in callbacks {
        result = result.and(call(&mut **callback));
    }
    result
}

/// The samples that are evaluated after an epoch, if there are any.
fn validation(examples: &Examples, split: usize, held_out: Option<&Examples>) -> Option<(Vec<Data>, usize)> {
    let samples = examples.samples();
    match held_out {
        Some(held_out) => Some((held_out.data(0, held_out.samples()), held_out.samples())),
        None if split < samples => Some((examples.data(split, samples), samples - split)),
        None => None,
    }
}

/// Names with their values, in the alphabetical order in which Keras 3 shows them.
fn sorted(prefix: &str, measures: Vec<(String, f64)>) -> Vec<(String, f64)> {
    let mut measures: Vec<_> = measures.into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)).collect();
    measures.sort_by(|(a, _), (b, _)| a.cmp(b));
    measures
}
