//! One step of each kind of recurrent layer.

use crate::config::{OptionGroup, group};
use crate::layers::dropout::Forgetful;
use crate::{Activation, Initializer, Result, Tensor, ops};
use std::fmt::Debug;

/// What the steps of a layer share.
pub struct Step<'a> {
    pub units: usize,
    pub activation: Activation,
    pub recurrent_activation: Activation,
    pub recurrent_kernel: Tensor,
    /// What the state forgets before a recurrent product.
    pub forgetful: Forgetful<'a>,
    pub label: &'a str,
}

impl Step<'_> {
    /// Part number `gate` of what stands side by side for all gates.
    fn gate(&self, all: &Tensor, gate: usize) -> Result<Tensor> {
        ops::slice(all, -1, gate * self.units, self.units, self.label)
    }

    /// The recurrent product of a state, with a bias if there is one; at the first step the state is 0.
    fn product(&self, state: Option<&Tensor>, kernel: &Tensor, bias: Option<&Tensor>) -> Result<Option<Tensor>> {
        match state {
            Some(state) => ops::dense(&self.forgetful.apply(state)?, kernel, bias, self.label).map(Some),
            None => Ok(bias.cloned()),
        }
    }

    fn add(&self, a: &Tensor, b: Option<&Tensor>) -> Result<Tensor> {
        b.map_or(Ok(a.clone()), |b| ops::binary("add", a, b, self.label))
    }

    fn multiply(&self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        ops::binary("multiply", a, b, self.label)
    }

    /// The activation of a gate: its part of the projected input plus its part of the recurrent product.
    fn opened(&self, now: &Tensor, recurrent: Option<&Tensor>, gate: usize) -> Result<Tensor> {
        let recurrent = recurrent.map(|recurrent| self.gate(recurrent, gate)).transpose()?;
        self.recurrent_activation.apply(&self.add(&self.gate(now, gate)?, recurrent.as_ref())?, self.label)
    }
}

/// A kind of recurrent layer.
pub trait Cell: OptionGroup + Clone + Debug + Default + Send + Sync + 'static {
    /// The layer's class.
    #[doc(hidden)]
    const CLASS_NAME: &'static str;
    /// The class of a layer of one step.
    #[doc(hidden)]
    const CELL_NAME: &'static str;
    /// How many parts the kernels have.
    #[doc(hidden)]
    const GATES: usize;
    /// How many parts the state has.
    #[doc(hidden)]
    const STATES: usize = 1;

    /// The shape of the bias and its first values.
    #[doc(hidden)]
    fn bias(&self, units: usize, initializer: &Initializer) -> (Vec<usize>, Vec<f32>) {
        let shape = vec![Self::GATES * units];
        let values = initializer.values(&shape);
        (shape, values)
    }

    /// The bias of the input's product, and that of the state's.
    #[doc(hidden)]
    fn biases(&self, bias: Option<Tensor>, _: &Step) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((bias, None))
    }

    /// The state after a step, output first, from the projected input and the state before it, which
    /// has no tensors at the first step.
    #[doc(hidden)]
    fn step(&self, step: &Step, now: &Tensor, state: &[Tensor], recurrent_bias: Option<&Tensor>)
    -> Result<Vec<Tensor>>;
}

/// The state is the output.
#[derive(Clone, Debug, Default)]
pub struct Simple;

impl OptionGroup for Simple {}

impl Cell for Simple {
    const CLASS_NAME: &'static str = "SimpleRNN";
    const CELL_NAME: &'static str = "SimpleRNNCell";
    const GATES: usize = 1;

    fn step(&self, step: &Step, now: &Tensor, state: &[Tensor], _: Option<&Tensor>) -> Result<Vec<Tensor>> {
        let recurrent = step.product(state.first(), &step.recurrent_kernel, None)?;
        Ok(vec![step.activation.apply(&step.add(now, recurrent.as_ref())?, step.label)?])
    }
}

/// A cell that gates write, keep and read.
#[derive(Clone, Debug)]
pub struct Lstm {
    pub(super) unit_forget_bias: bool,
}

impl Default for Lstm {
    fn default() -> Self {
        Self { unit_forget_bias: true }
    }
}

group!(Lstm; "unit_forget_bias": unit_forget_bias);

impl Cell for Lstm {
    const CLASS_NAME: &'static str = "LSTM";
    const CELL_NAME: &'static str = "LSTMCell";
    const GATES: usize = 4;
    const STATES: usize = 2;

    fn bias(&self, units: usize, initializer: &Initializer) -> (Vec<usize>, Vec<f32>) {
        let mut values = initializer.values(&[4 * units]);
        if self.unit_forget_bias {
            values[units..2 * units].fill(1.0);
        }
        (vec![4 * units], values)
    }

    fn step(&self, step: &Step, now: &Tensor, state: &[Tensor], _: Option<&Tensor>) -> Result<Vec<Tensor>> {
        // All sums at once, then gate by gate: input, forget, cell, output.
        let recurrent = step.product(state.first(), &step.recurrent_kernel, None)?;
        let sums = step.add(now, recurrent.as_ref())?;
        let candidate = step.activation.apply(&step.gate(&sums, 2)?, step.label)?;
        let written = step.multiply(&step.opened(&sums, None, 0)?, &candidate)?;
        let cell = match state.get(1) {
            Some(cell) => step.add(&written, Some(&step.multiply(&step.opened(&sums, None, 1)?, cell)?))?,
            None => written,
        };
        let shown = step.activation.apply(&cell, step.label)?;
        Ok(vec![step.multiply(&step.opened(&sums, None, 3)?, &shown)?, cell])
    }
}

/// An output that gates renew.
#[derive(Clone, Debug)]
pub struct Gru {
    pub(super) reset_after: bool,
}

impl Default for Gru {
    fn default() -> Self {
        Self { reset_after: true }
    }
}

group!(Gru; "reset_after": reset_after);

impl Cell for Gru {
    const CLASS_NAME: &'static str = "GRU";
    const CELL_NAME: &'static str = "GRUCell";
    const GATES: usize = 3;

    fn bias(&self, units: usize, initializer: &Initializer) -> (Vec<usize>, Vec<f32>) {
        let shape = if self.reset_after { vec![2, 3 * units] } else { vec![3 * units] };
        let values = initializer.values(&shape);
        (shape, values)
    }

    fn biases(&self, bias: Option<Tensor>, step: &Step) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let Some(bias) = bias.as_ref().filter(|_| self.reset_after) else { return Ok((bias, None)) };
        let row = |place: usize| {
            let row = ops::slice(bias, 0, place, 1, step.label)?;
            ops::view(&row, &[3 * step.units as i64], step.label).map(Some)
        };
        Ok((row(0)?, row(1)?))
    }

    fn step(
        &self,
        step: &Step,
        now: &Tensor,
        state: &[Tensor],
        recurrent_bias: Option<&Tensor>,
    ) -> Result<Vec<Tensor>> {
        let before = state.first();
        let recurrent = if self.reset_after {
            step.product(before, &step.recurrent_kernel, recurrent_bias)?
        } else {
            let gates = ops::slice(&step.recurrent_kernel, -1, 0, 2 * step.units, step.label)?;
            step.product(before, &gates, None)?
        };
        let update = step.opened(now, recurrent.as_ref(), 0)?;
        let reset = step.opened(now, recurrent.as_ref(), 1)?;
        let recalled = if self.reset_after {
            let last = recurrent.as_ref().map(|recurrent| step.gate(recurrent, 2)).transpose()?;
            last.map(|last| step.multiply(&reset, &last)).transpose()?
        } else {
            let kernel = step.gate(&step.recurrent_kernel, 2)?;
            let seen = before.map(|before| step.multiply(&reset, before)).transpose()?;
            step.product(seen.as_ref(), &kernel, None)?
        };
        let candidate = step.activation.apply(&step.add(&step.gate(now, 2)?, recalled.as_ref())?, step.label)?;
        // z h + (1 - z) candidate
        let fresh = step.multiply(&ops::affine(&update, -1.0, 1.0, step.label)?, &candidate)?;
        let kept = before.map(|before| step.multiply(&update, before)).transpose()?;
        Ok(vec![step.add(&fresh, kept.as_ref())?])
    }
}
