//! The lines of Keras 3's progress bar, without its colours.

use super::{Moment, Schedule};

/// How many letters the bar has.
const WIDTH: usize = 20;

impl Schedule {
    /// `Epoch 3/20`.
    pub fn epoch_line(&self, epoch: usize) -> String {
        format!("Epoch {}/{}", epoch + 1, self.epochs)
    }

    /// The line of a bar: ` 120/3688 ━━━━ 2s 400us/step - accuracy: 0.8310 - loss: 9.4821`. The time
    /// is what is left, or once all is done, what it took.
    pub fn bar_line(&self, moment: &Moment) -> String {
        let digits = self.batches.to_string().len();
        let filled = (WIDTH * moment.batches).checked_div(self.batches).unwrap_or(0);
        let bar = format!("{}{}", "━".repeat(filled), "╺".repeat(WIDTH - filled));
        let seconds = if moment.batches < self.batches { self.seconds_left(moment) } else { moment.seconds };
        format!(
            "{:>digits$}/{} {bar} {} {}{}",
            moment.batches,
            self.batches,
            clock(seconds),
            step_time(moment),
            measures(&moment.measures)
        )
    }

    /// The line of `verbose` 2: `3/3 - 0s - 757us/step - accuracy: 0.5125 - loss: 0.7273`.
    pub fn epoch_summary(&self, moment: &Moment) -> String {
        let Moment { batches, seconds, .. } = moment;
        let time = format!("{} - {}", clock(*seconds), step_time(moment));
        format!("{batches}/{} - {time}{}", self.batches, measures(&moment.measures))
    }

    /// How long the rest of the epoch will take.
    pub fn seconds_left(&self, moment: &Moment) -> f64 {
        if moment.batches == 0 {
            return 0.0;
        }
        moment.seconds * self.batches.saturating_sub(moment.batches) as f64 / moment.batches as f64
    }
}

fn step_time(moment: &Moment) -> String {
    let step = moment.seconds / moment.batches.max(1) as f64;
    if step >= 1.0 || step == 0.0 {
        format!("{step:.0}s/step")
    } else if step >= 1e-3 {
        format!("{:.0}ms/step", step * 1e3)
    } else {
        format!("{:.0}us/step", step * 1e6)
    }
}

/// `59s`, `1:02`, `1:00:00`.
pub(super) fn clock(seconds: f64) -> String {
    let whole = seconds as u64;
    match whole {
        0..60 => format!("{whole}s"),
        60..3600 => format!("{}:{:02}", whole / 60, whole % 60),
        _ => format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60),
    }
}

fn measures(measures: &[(String, f64)]) -> String {
    measures.iter().map(|(name, value)| format!(" - {name}: {}", number(*value))).collect()
}

/// Four decimals; small numbers as Python's `%.4e` writes them.
pub(super) fn number(value: f64) -> String {
    if value.abs() > 1e-3 || !value.is_finite() {
        let text = format!("{value:.4}");
        return if value.is_nan() { "nan".into() } else { text };
    }
    let text = format!("{value:.4e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::super::{Moment, Schedule};
    use super::{clock, number};

    const SCHEDULE: Schedule = Schedule { epochs: 2, initial_epoch: 0, batches: 3, samples: 40 };

    fn moment(batches: usize, seconds: f64) -> Moment {
        let measures = [("accuracy", 0.525), ("loss", 0.72961), ("val_accuracy", 0.4), ("val_loss", 0.75061)];
        Moment { epoch: 0, batches, seconds, measures: measures.map(|(name, value)| (name.to_string(), value)).into() }
    }

    /// The texts are what Keras 3.15.1 printed for these numbers, without its colour codes.
    #[test]
    fn lines_are_those_of_keras() {
        assert_eq!(SCHEDULE.epoch_line(0), "Epoch 1/2");
        assert_eq!(
            SCHEDULE.bar_line(&moment(3, 3.0 * 843e-6)),
            "3/3 ━━━━━━━━━━━━━━━━━━━━ 0s 843us/step \
             - accuracy: 0.5250 - loss: 0.7296 - val_accuracy: 0.4000 - val_loss: 0.7506"
        );
        assert_eq!(
            SCHEDULE.epoch_summary(&moment(3, 3.0 * 757e-6)),
            "3/3 - 0s - 757us/step - accuracy: 0.5250 - loss: 0.7296 - val_accuracy: 0.4000 - val_loss: 0.7506"
        );
    }

    #[test]
    fn a_running_bar_shows_the_time_that_is_left() {
        let schedule = Schedule { batches: 3688, ..SCHEDULE };
        let line = schedule.bar_line(&Moment { batches: 922, seconds: 1.0, measures: Vec::new(), epoch: 0 });
        assert_eq!(line, " 922/3688 ━━━━━╺╺╺╺╺╺╺╺╺╺╺╺╺╺╺ 3s 1ms/step");
    }

    #[test]
    fn numbers_and_times_read_as_in_keras() {
        for (value, text) in
            [(9.48214, "9.4821"), (0.0005, "5.0000e-04"), (0.0, "0.0000e+00"), (-2.0, "-2.0000"), (f64::NAN, "nan")]
        {
            assert_eq!(number(value), text);
        }
        for (seconds, text) in [(0.9, "0s"), (59.9, "59s"), (62.0, "1:02"), (3600.0, "1:00:00")] {
            assert_eq!(clock(seconds), text);
        }
    }
}
