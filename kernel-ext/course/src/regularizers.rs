//! What is added to the loss so that weights stay small.

use crate::named::names_of;
use crate::{Result, Tensor, Weight, ops};

/// A penalty for large weights: l1 Σ |w| + l2 Σ w², which is added to the loss, also where it is reported.
///
/// By name: `"l1"` and `"l2"` with the factor 0.01, `"l1_l2"` with both.
///
/// Source: `keras/src/regularizers/regularizers.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([2]));
/// model.add(Dense::new(1).kernel_initializer("ones").kernel_regularizer(Regularizer::l2(0.1)));
/// model.compile(Sgd::new(1.0), "mse", ["mse"]);
/// let (x, y) = (array![[3.0, 4.0]], array![[7.0]]);
/// let logs = model.evaluate(&x, &y);
/// assert!(logs["mse"] == 0.0 && (logs.loss() - 0.2).abs() < 1e-6);
/// // The slope of the penalty is 0.2 w.
/// model.train_on_batch(&x, &y);
/// assert!((model.get_weights()[0][[0, 0]] - 0.8).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Regularizer {
    l1: f64,
    l2: f64,
}

names_of! {
    Regularizer, "regularizer" {
        "l1" => Regularizer::l1(0.01),
        "l2" => Regularizer::l2(0.01),
        "l1_l2" => Regularizer::l1_l2(0.01, 0.01),
    }
}

impl Regularizer {
    /// `factor` times the sum of the absolute values: weights that matter little become 0.
    pub fn l1(factor: f64) -> Self {
        Self { l1: factor, l2: 0.0 }
    }

    /// `factor` times the sum of the squares: weights that are large shrink most.
    pub fn l2(factor: f64) -> Self {
        Self { l1: 0.0, l2: factor }
    }

    /// Both.
    pub fn l1_l2(l1: f64, l2: f64) -> Self {
        Self { l1, l2 }
    }

    /// The factors of the absolute values and of the squares.
    pub(crate) fn factors(self) -> [f64; 2] {
        [self.l1, self.l2]
    }

    /// The penalty for a weight, a scalar; `None` when there is none.
    fn penalty(self, weight: &Tensor) -> Result<Option<Tensor>> {
        self.sums(weight, 0)
    }

    /// The penalty for what a layer gives: the mean over the samples.
    pub(crate) fn penalty_of_samples(self, output: &Tensor) -> Result<Option<Tensor>> {
        self.sums(output, 1)?.map(|sums| ops::batch_mean(&sums, "penalty")).transpose()
    }

    /// The penalty for all numbers along the axes from this one on.
    fn sums(self, of: &Tensor, first: i64) -> Result<Option<Tensor>> {
        let mut total: Option<Tensor> = None;
        for (factor, op) in [(self.l1, "abs"), (self.l2, "square")] {
            if factor != 0.0 {
                let axes: Vec<i64> = (first..of.shape().rank() as i64).collect();
                let sum = ops::reduce("sum", &ops::unary(op, of, "penalty")?, &axes, false, "penalty")?;
                let scaled = ops::affine(&sum, factor, 0.0, "penalty")?;
                total = Some(total.map_or(Ok(scaled.clone()), |total| ops::binary("add", &total, &scaled, "penalty"))?);
            }
        }
        Ok(total)
    }
}

/// A loss with the penalties of all weights that training changes, and what calls of layers add.
pub(crate) fn with_penalties(loss: Tensor, weights: &[Weight], added: &[Tensor]) -> Result<Tensor> {
    let regularized = weights.iter().filter(|weight| weight.trainable());
    let penalty = |weight: &Weight| weight.regularizer()?.penalty(&weight.tensor()).transpose();
    let penalties = regularized.filter_map(penalty).chain(added.iter().cloned().map(Ok));
    penalties.into_iter().try_fold(loss, |loss, penalty| ops::binary("add", &loss, &penalty?, "loss"))
}
