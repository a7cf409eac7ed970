//! Single steps of recurrent layers, as layers.

use super::step_options::step_options;
use super::{Cell, Gru, Lstm, Recurrent, RnnCell, Simple};
use crate::config::Config;
use crate::error::{Error, Report, Result};
use crate::layers::dropout::Forgetful;
use crate::layers::{Layer, LayerBase};
use crate::{Tensor, Weight};
use engine_api::Shape;

/// A step of a [`SimpleRNN`](super::SimpleRNN): see [`CellLayer`].
pub type SimpleRNNCell = CellLayer<Simple>;
/// A step of an [`LSTM`](super::LSTM): see [`CellLayer`].
pub type LSTMCell = CellLayer<Lstm>;
/// A step of a [`GRU`](super::GRU): see [`CellLayer`].
pub type GRUCell = CellLayer<Gru>;

/// One step of a recurrent layer: from an input and the state before it to an output and the state after it.
///
/// [`RNN`](super::RNN) goes through a sequence with it.
///
/// # Shapes
/// (batch, features), (batch, units) a part of the state -> (batch, units), (batch, units) a part of the state
///
/// Source: `keras/src/layers/rnn/lstm.py`, `gru.py`, `simple_rnn.py`.
///
/// ```
/// use course::prelude::*;
/// let (x, h) = (Input::new([3]).tensor(), Input::new([4]).tensor());
/// let cell = SimpleRNNCell::new(4);
/// let next = cell.call_all([&x, &h]);
/// assert_eq!((next.len(), cell.count_params()), (2, 3 * 4 + 4 * 4 + 4));
/// ```
#[derive(Clone, Debug)]
pub struct CellLayer<C: Cell> {
    base: LayerBase,
    layer: Recurrent<C>,
}

impl<C: Cell> CellLayer<C> {
    /// A step with so many units.
    ///
    /// # Panics
    /// When `units` is 0.
    #[track_caller]
    pub fn new(units: usize) -> Self {
        let base = LayerBase::new(C::CELL_NAME);
        let layer = Recurrent::with_base(base.clone(), units);
        Self { base, layer }
    }
}

step_options!(CellLayer<C>, for [C: Cell]; layer.options);

impl CellLayer<Gru> {
    /// Whether the reset gate comes after the recurrent product, as in cuDNN, and not before it.
    #[must_use]
    pub fn reset_after(self, reset_after: bool) -> Self {
        Self { layer: self.layer.reset_after(reset_after), ..self }
    }
}

impl CellLayer<Lstm> {
    /// Whether the bias of the forget gate begins at 1, so that nothing is forgotten at first.
    #[must_use]
    pub fn unit_forget_bias(self, unit_forget_bias: bool) -> Self {
        Self { layer: self.layer.unit_forget_bias(unit_forget_bias), ..self }
    }
}

impl<C: Cell> Layer for CellLayer<C> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        self.layer.describe_step(config)
    }

    fn with_options(config: &Config) -> Result<Self> {
        let mut cell = Self::new(config.size("units")?);
        cell.layer.read_step(config)?;
        Ok(cell)
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        match *input.0 {
            [_, Some(features)] => Ok(self.layer.weights_of(&self.base.name(), features)),
            _ => {
                let report = Report::new(self.base.place(), "a cell reads one step of a sequence");
                let hint = "`RNN::new(cell)` goes through a whole sequence";
                Err(Error::shape(report.expected("(None, features)", input).hint(hint)))
            }
        }
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        Ok(self.forward_all(std::slice::from_ref(input), weights)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], weights: &[Weight]) -> Result<Vec<Tensor>> {
        let name = self.base.name();
        self.layer.check_states(&self.base, &inputs[1..])?;
        let steps = self.layer.prepare(weights, &name)?;
        let forgetful = Forgetful::new(self.layer.options.dropout, self.layer.options.seed, &self.base);
        let state = steps.next(&steps.project(&forgetful.apply(&inputs[0])?)?, &inputs[1..])?;
        Ok(std::iter::once(state[0].clone()).chain(state).collect())
    }
}

impl<C: Cell> RnnCell for CellLayer<C> {
    fn state_sizes(&self) -> Vec<usize> {
        vec![self.layer.units; C::STATES]
    }
}
