//! Sequences read with any cell.

use super::cell_layers::{GRUCell, LSTMCell, SimpleRNNCell};
use super::reading::{Reading, reading_options};
use super::time_distributed;
use crate::config::{Config, OptionGroup, serialize};
use crate::error::{Error, Report, Result};
use crate::layers::{AnyLayer, Layer, LayerBase};
use crate::{Tensor, Weight, ops};
use engine_api::{Json, Shape};

/// A layer that makes one step of a sequence: from the input and the parts of its state to the output and the
/// parts of the state after the step.
pub trait RnnCell: Layer + Sized {
    /// How many numbers each part of the state has.
    fn state_sizes(&self) -> Vec<usize>;
}

/// Goes through a sequence with a cell: one of this crate, several on top of each other, or one's own.
///
/// # Shapes
/// (batch, steps, features) -> (batch, units), or (batch, steps, units) with `return_sequences`
///
/// Source: `keras/src/layers/rnn/rnn.py`.
///
/// ```
/// use course::prelude::*;
/// let rows = Input::new([28, 28]).tensor();
/// let layer = RNN::new(LSTMCell::new(16));
/// assert_eq!(layer.call(&rows).shape().to_string(), "(None, 16)");
/// assert_eq!(layer.count_params(), 4 * 16 * (28 + 16 + 1));
/// let cells = StackedRNNCells::new(GRUCell::new(8)).then(LSTMCell::new(4));
/// assert_eq!(RNN::new(cells).return_sequences(true).call(&rows).shape().to_string(), "(None, 28, 4)");
/// ```
#[derive(Clone, Debug)]
pub struct RNN {
    base: LayerBase,
    cell: AnyLayer,
    state_sizes: Vec<usize>,
    reading: Reading,
}

reading_options!(RNN);

impl RNN {
    /// A layer that makes its steps with this cell.
    pub fn new(cell: impl RnnCell) -> Self {
        let state_sizes = cell.state_sizes();
        Self { base: LayerBase::new("RNN"), cell: cell.handle(), state_sizes, reading: Reading::default() }
    }

    fn steps(&self, input: &Shape) -> Result<usize> {
        match *input.0 {
            [_, Some(steps), Some(_)] if steps > 0 => Ok(steps),
            _ => {
                let report = Report::new(self.base.place(), "the input must be a sequence of known length");
                Err(Error::shape(report.expected("(None, steps, features)", input)))
            }
        }
    }

    /// The state before the first step: zeros.
    fn zeros(&self, step: &Tensor) -> Result<Vec<Tensor>> {
        let name = self.base.name();
        let column = ops::affine(&ops::slice(step, -1, 0, 1, &name)?, 0.0, 0.0, &name)?;
        self.state_sizes.iter().map(|&size| ops::repeat(&column, 1, size, &name)).collect()
    }
}

impl Layer for RNN {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        self.reading.describe(config.with("cell", serialize(&self.cell)))
    }

    fn with_options(config: &Config) -> Result<Self> {
        let (base, (cell, state_sizes)) = (LayerBase::new("RNN"), cell_of(&config.inner(&config["cell"]))?);
        Ok(Self { base, cell, state_sizes, reading: Reading::of(config)? })
    }

    fn parts(&self) -> Vec<AnyLayer> {
        vec![self.cell.clone()]
    }

    fn build(&self, input: &Shape) -> Result<Vec<Weight>> {
        self.forward(&Tensor::input(input.clone(), "input"), &[])?;
        Ok(self.cell.weights())
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        Ok(self.forward_all(std::slice::from_ref(input), weights)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], _: &[Weight]) -> Result<Vec<Tensor>> {
        let (name, input, steps) = (self.base.name(), &inputs[0], self.steps(inputs[0].shape())?);
        self.reading.run(steps, inputs[1..].to_vec(), &name, |place, state| {
            let now = time_distributed::at(input, place, &name)?;
            let state = if state.is_empty() { self.zeros(&now)? } else { state };
            let mut made = self.cell.try_call_all(&[vec![now], state].concat())?;
            let output = made.remove(0);
            Ok((output, made))
        })
    }
}

/// Cells on top of each other: each reads what the one below gives.
///
/// Source: `keras/src/layers/rnn/stacked_rnn_cells.py`.
#[derive(Clone, Debug)]
pub struct StackedRNNCells {
    base: LayerBase,
    /// Each cell with the sizes of the parts of its state.
    cells: Vec<(AnyLayer, Vec<usize>)>,
}

impl StackedRNNCells {
    /// The lowest cell, which reads the input.
    pub fn new(cell: impl RnnCell) -> Self {
        Self { base: LayerBase::new("StackedRNNCells"), cells: Vec::new() }.then(cell)
    }

    /// One more cell on top.
    #[must_use]
    pub fn then(mut self, cell: impl RnnCell) -> Self {
        self.cells.push((cell.handle(), cell.state_sizes()));
        self
    }
}

impl Layer for StackedRNNCells {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn describe(&self, config: Config) -> Config {
        config.with("cells", Json::List(self.cells.iter().map(|(cell, _)| serialize(cell)).collect()))
    }

    fn with_options(config: &Config) -> Result<Self> {
        let cell = |described: &Json| cell_of(&config.inner(described));
        let cells: Vec<_> = config["cells"].as_list().iter().map(cell).collect::<Result<_>>()?;
        if cells.is_empty() {
            return Err(config.cannot_be("cells", "a list of cells", &config["cells"]));
        }
        Ok(Self { base: LayerBase::new("StackedRNNCells"), cells })
    }

    fn parts(&self) -> Vec<AnyLayer> {
        self.cells.iter().map(|(cell, _)| cell.clone()).collect()
    }

    fn build_all(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
        let inputs: Vec<Tensor> = inputs.iter().map(|shape| Tensor::input(shape.clone(), "input")).collect();
        self.forward_all(&inputs, &[])?;
        Ok(self.cells.iter().flat_map(|(cell, _)| cell.weights()).collect())
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        Ok(self.forward_all(std::slice::from_ref(input), weights)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], _: &[Weight]) -> Result<Vec<Tensor>> {
        let (mut output, mut rest, mut states) = (inputs[0].clone(), &inputs[1..], Vec::new());
        for (cell, sizes) in &self.cells {
            let Some((own, others)) = rest.split_at_checked(sizes.len()) else {
                let all: usize = self.cells.iter().map(|(_, sizes)| sizes.len()).sum();
                let report = Report::new(self.base.place(), "the state has other parts than these cells keep");
                return Err(Error::shape(report.expected(all, inputs.len() - 1)));
            };
            let mut made = cell.try_call_all(&[&[output], own].concat())?;
            (output, rest) = (made.remove(0), others);
            states.extend(made);
        }
        Ok(std::iter::once(output).chain(states).collect())
    }
}

/// The cell of a config, with the sizes of the parts of its state.
fn cell_of(config: &Config) -> Result<(AnyLayer, Vec<usize>)> {
    fn made<C: RnnCell>(config: &Config) -> Result<(AnyLayer, Vec<usize>)> {
        let cell = C::from_config(config)?;
        Ok((cell.handle(), cell.state_sizes()))
    }
    match config.class_name() {
        "SimpleRNNCell" => made::<SimpleRNNCell>(config),
        "LSTMCell" => made::<LSTMCell>(config),
        "GRUCell" => made::<GRUCell>(config),
        "StackedRNNCells" => made::<StackedRNNCells>(config),
        other => Err(Error::Name {
            kind: "cell",
            given: other.into(),
            known: ["SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells"].map(String::from).to_vec(),
        }),
    }
}

impl RnnCell for StackedRNNCells {
    fn state_sizes(&self) -> Vec<usize> {
        self.cells.iter().flat_map(|(_, sizes)| sizes.clone()).collect()
    }
}
