//! Layers that go through a sequence and keep a state.

mod bidirectional;
mod cell_layers;
mod cells;
mod reading;
mod rnn;
mod step_options;
mod time_distributed;

pub use bidirectional::{Bidirectional, MergeMode};
pub use cell_layers::{CellLayer, GRUCell, LSTMCell, SimpleRNNCell};
pub use cells::{Cell, Gru, Lstm, Simple};
pub use rnn::{RNN, RnnCell, StackedRNNCells};
pub use time_distributed::TimeDistributed;

use super::dropout::Forgetful;
use super::kernel::at_least_1;
use super::{Layer, LayerBase};
use crate::config::{Config, OptionGroup};
use crate::error::{Error, Report, Result};
use crate::seed::Seed;
use crate::{Tensor, Weight, ops};
use cells::Step;
use engine_api::Shape;
use reading::{Reading, reading_options};
use step_options::{StepOptions, step_options};

/// A network whose state is its last output: see [`Recurrent`].
pub type SimpleRNN = Recurrent<Simple>;
/// Long short-term memory: see [`Recurrent`].
pub type LSTM = Recurrent<Lstm>;
/// Gated recurrent units: see [`Recurrent`].
pub type GRU = Recurrent<Gru>;

/// Goes through a sequence step by step and gives its last output, or all of them: [`SimpleRNN`],
/// [`LSTM`], [`GRU`].
///
/// With the input x of a step and the output h of the step before:
///
/// | layer | output of a step |
/// | --- | --- |
/// | `SimpleRNN` | tanh(x W + h U + b) |
/// | `LSTM` | o tanh(c), with c ← f c + i tanh(x Wc + h Uc + bc), where i, f, o are sigmoids of the same form |
/// | `GRU` | z h + (1 - z) tanh(x Wh + r (h Uh + bh') + bh), where z, r are sigmoids of the same form |
///
/// # Shapes
/// (batch, steps, features) -> (batch, units), or (batch, steps, units) with `return_sequences`. The
/// kernel is (features, g · units), the recurrent kernel (units, g · units) with g = 1, 4 (i, f, c, o)
/// or 3 (z, r, h) gates.
///
/// Sources: Hochreiter and Schmidhuber, 1997; Cho et al., 2014; `keras/src/layers/rnn/lstm.py`,
/// `gru.py`, `simple_rnn.py`.
///
/// ```
/// use course::prelude::*;
/// let rows = Input::new([28, 28]).tensor();
/// let layer = LSTM::new(128);
/// assert_eq!(layer.call(&rows).shape().to_string(), "(None, 128)");
/// assert_eq!(layer.count_params(), 4 * 128 * (28 + 128 + 1));
/// let all = GRU::new(16).return_sequences(true).call(&rows);
/// assert_eq!(all.shape().to_string(), "(None, 28, 16)");
/// ```
#[derive(Clone, Debug)]
pub struct Recurrent<C: Cell> {
    base: LayerBase,
    units: usize,
    options: StepOptions,
    reading: Reading,
    cell: C,
}

step_options!(Recurrent<C>, for [C: Cell]; options);
reading_options!(Recurrent<C>, for C: Cell);

impl<C: Cell> Recurrent<C> {
    /// A layer with so many units.
    ///
    /// # Panics
    /// When `units` is 0.
    #[track_caller]
    pub fn new(units: usize) -> Self {
        Self::with_base(LayerBase::new(C::CLASS_NAME), units)
    }

    #[track_caller]
    fn with_base(base: LayerBase, units: usize) -> Self {
        Self {
            base,
            units: at_least_1(C::CLASS_NAME, "units", units),
            options: StepOptions::default(),
            reading: Reading::default(),
            cell: C::default(),
        }
    }

    /// The same kind of layer in the other direction, with a name and weights of its own.
    fn reversed(&self) -> Self {
        let reading = Reading { go_backwards: !self.reading.go_backwards, ..self.reading };
        let options = StepOptions { seed: Seed::next(), ..self.options.clone() };
        Self { base: LayerBase::new(C::CLASS_NAME), options, reading, ..self.clone() }
    }

    /// The steps and features of a sequence.
    fn sizes(&self, input: &Shape) -> Result<(usize, usize)> {
        match *input.0 {
            [_, Some(steps), Some(features)] if steps > 0 => Ok((steps, features)),
            _ => {
                let report = Report::new(self.base.place(), "the input must be a sequence of known length");
                let hint = "words become sequences with `Embedding`, the rows of an image are one as they are";
                Err(Error::shape(report.expected("(None, steps, features)", input).hint(hint)))
            }
        }
    }
}

impl Recurrent<Gru> {
    /// Whether the reset gate comes after the recurrent product, as in cuDNN, and not before it.
    #[must_use]
    pub fn reset_after(mut self, reset_after: bool) -> Self {
        self.cell.reset_after = reset_after;
        self
    }
}

impl Recurrent<Lstm> {
    /// Whether the bias of the forget gate begins at 1, so that nothing is forgotten at first.
    #[must_use]
    pub fn unit_forget_bias(mut self, unit_forget_bias: bool) -> Self {
        self.cell.unit_forget_bias = unit_forget_bias;
        self
    }
}

impl<C: Cell> Layer for Recurrent<C> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        self.reading.describe(self.describe_step(config))
    }

    fn with_options(config: &Config) -> Result<Self> {
        let mut layer = Self::new(config.size("units")?);
        layer.read_step(config)?;
        layer.reading = Reading::of(config)?;
        Ok(layer)
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        let (_, features) = self.sizes(input)?;
        Ok(self.weights_of(&self.base.name(), features))
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        Ok(self.forward_all(std::slice::from_ref(input), weights)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], weights: &[Weight]) -> Result<Vec<Tensor>> {
        let (input, first) = (&inputs[0], &inputs[1..]);
        let (name, (steps, _)) = (self.base.name(), self.sizes(input.shape())?);
        if !first.is_empty() {
            self.check_states(&self.base, first)?;
        }
        let steps_of = self.prepare(weights, &name)?;
        // One product serves the inputs of all steps, and all steps forget the same of them.
        let forgetful = Forgetful::new(self.options.dropout, self.options.seed, &self.base).along(1);
        let projected = steps_of.project(&forgetful.apply(input)?)?;
        self.reading.run(steps, first.to_vec(), &name, |place, state| {
            let state = steps_of.next(&time_distributed::at(&projected, place, &name)?, &state)?;
            Ok((state[0].clone(), state))
        })
    }
}

impl<C: Cell> Recurrent<C> {
    /// The options of its steps, which a cell has as well.
    fn describe_step(&self, config: Config) -> Config {
        self.cell.describe(self.options.describe::<C>(config.with("units", self.units)))
    }

    fn read_step(&mut self, config: &Config) -> Result<()> {
        self.options.read::<C>(config)?;
        self.cell.read(config)
    }

    fn weights_of(&self, name: &str, features: usize) -> Vec<Weight> {
        let StepOptions { kernel, recurrent, .. } = &self.options;
        let width = C::GATES * self.units;
        let mut weights = vec![kernel.kernel(name, "kernel", &[features, width])];
        weights.push(recurrent.weight(format!("{name}/recurrent_kernel"), &[self.units, width]));
        if kernel.use_bias {
            let (shape, values) = self.cell.bias(self.units, &kernel.bias.initializer);
            weights.push(kernel.bias.weight_with(format!("{name}/bias"), &shape, values));
        }
        weights
    }

    /// What all steps share.
    fn prepare<'a>(&'a self, weights: &[Weight], label: &'a str) -> Result<Steps<'a, C>> {
        let step = Step {
            units: self.units,
            activation: self.options.kernel.activation,
            recurrent_activation: self.options.recurrent_activation,
            recurrent_kernel: weights[1].tensor(),
            forgetful: Forgetful::new(self.options.recurrent_dropout, self.options.seed.second(), &self.base),
            label,
        };
        let (bias, recurrent_bias) = self.cell.biases(weights.get(2).map(Weight::tensor), &step)?;
        Ok(Steps { cell: &self.cell, kernel: weights[0].tensor(), step, bias, recurrent_bias })
    }

    /// A given state must have a tensor of as many units for each part.
    fn check_states(&self, base: &LayerBase, states: &[Tensor]) -> Result<()> {
        let fits = |state: &Tensor| state.shape().rank() == 2 && state.shape().0[1] == Some(self.units);
        if states.len() == C::STATES && states.iter().all(fits) {
            return Ok(());
        }
        let expected = vec![format!("(None, {})", self.units); C::STATES].join(", ");
        let received: Vec<String> = states.iter().map(|state| state.shape().to_string()).collect();
        let report = Report::new(base.place(), "the state has other parts than this layer keeps");
        Err(Error::shape(report.expected(expected, received.join(", "))))
    }
}

/// Steps that share weights.
struct Steps<'a, C> {
    cell: &'a C,
    step: Step<'a>,
    kernel: Tensor,
    bias: Option<Tensor>,
    recurrent_bias: Option<Tensor>,
}

impl<C: Cell> Steps<'_, C> {
    /// The input's part of all sums of one step, or of several.
    fn project(&self, input: &Tensor) -> Result<Tensor> {
        ops::dense(input, &self.kernel, self.bias.as_ref(), self.step.label)
    }

    /// The state after a step, output first; before the first it may have no parts.
    fn next(&self, projected: &Tensor, state: &[Tensor]) -> Result<Vec<Tensor>> {
        self.cell.step(&self.step, projected, state, self.recurrent_bias.as_ref())
    }
}
