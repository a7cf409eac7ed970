//! How layers go through a sequence, whatever their step is.

use super::time_distributed::sequence;
use crate::config::{Config, OptionGroup, group};
use crate::{Result, Tensor};

/// In which order a sequence is gone through, and what is given of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    pub return_sequences: bool,
    pub return_state: bool,
    pub go_backwards: bool,
}

group!(Reading; "return_sequences": return_sequences, "return_state": return_state, "go_backwards": go_backwards);

impl Reading {
    /// The options in a description. Two that Keras writes change no number here: whether the loop over the steps is
    /// unrolled, which it always is, and what a masked step gives, since no step is masked.
    pub fn of(config: &Config) -> Result<Self> {
        config.ignore("unroll");
        config.ignore("zero_output_for_mask");
        let mut reading = Self::default();
        reading.read(config)?;
        Ok(reading)
    }

    /// Makes all steps. `step` gets the place of each and the state before it, and gives its output and the state
    /// after it.
    pub fn run(
        self,
        steps: usize,
        mut state: Vec<Tensor>,
        label: &str,
        mut step: impl FnMut(usize, Vec<Tensor>) -> Result<(Tensor, Vec<Tensor>)>,
    ) -> Result<Vec<Tensor>> {
        let mut outputs = Vec::with_capacity(steps);
        for place in 0..steps {
            let (output, after) = step(if self.go_backwards { steps - 1 - place } else { place }, state)?;
            outputs.push(output);
            state = after;
        }
        let output = if self.return_sequences { sequence(&outputs, label)? } else { outputs[steps - 1].clone() };
        Ok(std::iter::once(output).chain(state.into_iter().filter(|_| self.return_state)).collect())
    }
}

/// The methods that set these options, for layers that keep them in the field `reading`.
macro_rules! reading_options {
    ($layer:ty $(, for $($parameters:tt)*)?) => {
        impl $(<$($parameters)*>)? $layer {
            /// Whether the outputs of all steps are given, and not only that of the last.
            #[must_use]
            pub fn return_sequences(mut self, return_sequences: bool) -> Self {
                self.reading.return_sequences = return_sequences;
                self
            }

            /// Whether the state after the last step is given as well, as outputs behind the first: of an LSTM the
            /// output and the cell. A decoder begins with it: `decoder.call([&x, &h, &c])`.
            ///
            /// ```
            /// use course::prelude::*;
            /// let (x, y) = (Input::new([5, 3]).tensor(), Input::new([7, 3]).tensor());
            /// let states = LSTM::new(4).return_state(true).call_all(&x);
            /// let decoded = LSTM::new(4).return_sequences(true).call([&y, &states[1], &states[2]]);
            /// assert_eq!(Model::new([&x, &y], &decoded).output_shape().unwrap().to_string(), "(None, 7, 4)");
            /// ```
            #[must_use]
            pub fn return_state(mut self, return_state: bool) -> Self {
                self.reading.return_state = return_state;
                self
            }

            /// Whether the sequence is gone through from its end; the outputs come in the order in which they are
            /// made.
            #[must_use]
            pub fn go_backwards(mut self, go_backwards: bool) -> Self {
                self.reading.go_backwards = go_backwards;
                self
            }
        }
    };
}
pub(super) use reading_options;
