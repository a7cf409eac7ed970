//! The losses of a model with several outputs.

use super::{Loss, LossKind};
use crate::Result;
use crate::error::{Error, Report};
use crate::named::lists_of;

/// What a model makes small: one loss for all outputs, or one an output; with several outputs the sum counts.
///
/// ```
/// use course::prelude::*;
/// let x = Input::new([4]).tensor();
/// let (class, size) = (Dense::new(3).activation("softmax").call(&x), Dense::new(1).call(&x));
/// let mut model = Model::new(&x, [&class, &size]);
/// let losses = Losses::from(["categorical_crossentropy", "mse"]).weights(&[1.0, 0.2]);
/// model.compile("adam", losses, ());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Losses {
    losses: Vec<Loss>,
    weights: Vec<f64>,
}

impl Losses {
    /// How much each output's loss counts in the sum; 1 without this.
    #[must_use]
    pub fn weights(mut self, weights: &[f64]) -> Self {
        self.weights = weights.to_vec();
        self
    }

    /// The loss of each output with its weight.
    pub(crate) fn for_outputs(&self, outputs: usize) -> Result<Vec<(Loss, f64)>> {
        let fits = |given: usize| given == outputs || given == 1;
        if !fits(self.losses.len()) || !(self.weights.is_empty() || self.weights.len() == outputs) {
            let report = Report::new("compile", "there is not one loss, or one weight of a loss, for each output");
            let received = format!("{} losses and {} weights", self.losses.len(), self.weights.len());
            let hint = "give one loss for all outputs, or an array with one for each: `[\"mse\", \"mae\"]`";
            return Err(Error::value(report.expected(format!("{outputs} of each"), received).hint(hint)));
        }
        let loss = |output: usize| self.losses[output.min(self.losses.len() - 1)].clone();
        let weight = |output: usize| self.weights.get(output).copied().unwrap_or(1.0);
        Ok((0..outputs).map(|output| (loss(output), weight(output))).collect())
    }
}

lists_of!(Losses, Loss);

impl From<LossKind> for Losses {
    fn from(kind: LossKind) -> Self {
        Loss::from(kind).into()
    }
}

impl From<Vec<Loss>> for Losses {
    fn from(losses: Vec<Loss>) -> Self {
        Self { losses, weights: Vec::new() }
    }
}
