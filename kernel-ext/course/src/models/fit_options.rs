//! The options of training.

use super::examples::Examples;
use super::sample_weights;
use crate::callbacks::Callback;
use crate::error::{Error, Report, Result};
use crate::numbers::{Arrays, Numbers};

/// The options of `fit`, with Keras's names and defaults.
///
/// ```
/// use course::prelude::*;
/// let options = Fit::new().batch_size(16).epochs(20).validation_split(0.1).verbose(0);
/// ```
pub struct Fit<'a> {
    pub(super) batch_size: usize,
    pub(super) epochs: usize,
    pub(super) initial_epoch: usize,
    pub(super) shuffle: bool,
    pub(super) validation_data: Option<(&'a dyn Arrays, &'a dyn Arrays)>,
    pub(super) validation_split: f64,
    pub(super) sample_weight: Option<&'a dyn Numbers>,
    pub(super) validation_sample_weight: Option<&'a dyn Numbers>,
    pub(super) class_weight: &'a [(usize, f64)],
    pub(super) verbose: u8,
    pub(super) detect_anomaly: bool,
    pub(super) steps_per_epoch: Option<usize>,
    pub(super) validation_freq: usize,
    /// Absent where the results do not depend on it.
    pub(super) validation_batch_size: Option<usize>,
    pub(super) callbacks: Vec<&'a mut dyn Callback>,
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
            validation_sample_weight: None,
            class_weight: &[],
            verbose: 1,
            detect_anomaly: false,
            steps_per_epoch: None,
            validation_freq: 1,
            validation_batch_size: None,
            callbacks: Vec::new(),
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

    /// How much each validation sample counts in the loss: the third of Keras's `validation_data`.
    #[must_use]
    pub fn validation_sample_weight(mut self, weights: &'a dyn Numbers) -> Self {
        self.validation_sample_weight = Some(weights);
        self
    }

    /// How much each sample counts in the loss, one number a sample, and in metrics that are
    /// [`weighted`](crate::Metric::weighted). What `validation_split` keeps has its part of them.
    #[must_use]
    pub fn sample_weight(mut self, weights: &'a dyn Numbers) -> Self {
        self.sample_weight = Some(weights);
        self
    }

    /// How much the samples of a class count in the loss, and in metrics that are
    /// [`weighted`](crate::Metric::weighted), but not in validation; classes that are not named count as 1.
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

    /// After how many batches an epoch ends; without this it ends with the data.
    #[must_use]
    pub fn steps_per_epoch(mut self, steps: usize) -> Self {
        self.steps_per_epoch = Some(steps);
        self
    }

    /// After each how many epochs the model is evaluated on the validation data.
    #[must_use]
    pub fn validation_freq(mut self, epochs: usize) -> Self {
        self.validation_freq = epochs;
        self
    }

    /// How many validation samples are asked at once. Only losses of whole batches, such as `dice`, depend on it; for
    /// those it is the size of training's batches without this.
    #[must_use]
    pub fn validation_batch_size(mut self, batch_size: usize) -> Self {
        self.validation_batch_size = Some(batch_size);
        self
    }

    /// One more who is told about the training while it goes on, and may act on it: Keras's `callbacks=[...]`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Dense::new(1).kernel_initializer("zeros"));
    /// model.compile(Sgd::new(0.1), "mse", ());
    /// let mut stopping = EarlyStopping::new("loss").patience(2);
    /// let (x, y) = (array![[0.0]], array![[0.0]]);
    /// let logs = model.fit(&x, &y, Fit::new().epochs(50).verbose(0).callback(&mut stopping));
    /// // The loss is 0 from the first epoch on, so nothing gets better.
    /// assert_eq!((logs["loss"].len(), stopping.stopped_epoch()), (3, Some(2)));
    /// ```
    #[must_use]
    pub fn callback(mut self, callback: &'a mut dyn Callback) -> Self {
        self.callbacks.push(callback);
        self
    }

    pub(super) fn check(&self, place: &str) -> Result<()> {
        let Self { batch_size, epochs, initial_epoch, validation_split, .. } = *self;
        let least = [
            ("batch_size", batch_size),
            ("epochs", epochs),
            ("steps_per_epoch", self.steps_per_epoch.unwrap_or(1)),
            ("validation_freq", self.validation_freq),
            ("validation_batch_size", self.validation_batch_size.unwrap_or(1)),
        ];
        let wrong = |option: &str, expected: &str, received: &dyn std::fmt::Display| {
            let report = Report::new(place, format!("`{option}` is out of range"));
            Err(Error::value(report.expected(expected, received)))
        };
        if let Some((option, size)) = least.iter().find(|(_, size)| *size == 0) {
            return wrong(option, "1 or more", size);
        }
        if initial_epoch >= epochs {
            return wrong("initial_epoch", &format!("less than `epochs`, which is {epochs}"), &initial_epoch);
        }
        if !(0.0..1.0).contains(&validation_split) {
            return wrong("validation_split", "a share from 0 to below 1", &validation_split);
        }
        Ok(())
    }

    /// How much each sample that is held out counts.
    pub(super) fn validation_weights(&self, place: &str, held_out: Option<&Examples>) -> Result<Option<Vec<f32>>> {
        match (self.validation_sample_weight, held_out) {
            (None, _) => Ok(None),
            (weights, Some(held_out)) => sample_weights::of_samples(place, &held_out.y, weights, &[]),
            (Some(_), None) => {
                let report = Report::new(place, "`validation_sample_weight` needs `validation_data`");
                Err(Error::value(report.hint("what `validation_split` keeps is weighted by `sample_weight`")))
            }
        }
    }

    /// Refuses what batches that are made on the way cannot have.
    pub(super) fn check_for_batches(&self, place: &str) -> Result<()> {
        let refused = [
            ("validation_split", self.validation_split != 0.0, "keep some batches and give them as `validation_data`"),
            ("sample_weight", self.sample_weight.is_some(), "use `class_weight`, or `try_train_on_batch`"),
        ];
        let Some((option, _, hint)) = refused.iter().find(|(_, given, _)| *given) else { return Ok(()) };
        Err(Error::value(Report::new(place, format!("`{option}` needs all samples at once")).hint(*hint)))
    }

    /// How many samples are trained on when `validation_split` cuts the data.
    ///
    /// As Keras: the product is floored in double precision.
    pub(super) fn split_at(&self, place: &str, samples: usize) -> Result<usize> {
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
