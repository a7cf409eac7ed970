//! Numbers of words as vectors.

use super::kernel::at_least_1;
use super::weight_options::{WeightOptions, weight_options};
use super::{Layer, LayerBase};
use crate::config::options;
use crate::{Initializer, Result, Tensor, Weight};
use engine_api::{Op, Shape};

/// Gives each whole number, such as that of a word, a vector that is learned.
///
/// # Shapes
/// (batch, ...) -> (batch, ..., output_dim); the table is (input_dim, output_dim). A number without a
/// row becomes NaN.
///
/// Source: `keras/src/layers/core/embedding.py`.
///
/// ```
/// use course::prelude::*;
/// let vectors = Embedding::new(1000, 64);
/// let words = Input::new([20]).tensor();
/// assert_eq!(vectors.call(&words).shape().to_string(), "(None, 20, 64)");
/// assert_eq!(vectors.count_params(), 64_000);
/// ```
#[derive(Clone, Debug)]
pub struct Embedding {
    base: LayerBase,
    input_dim: usize,
    output_dim: usize,
    embeddings: WeightOptions,
}

impl Embedding {
    /// Vectors of `output_dim` numbers for the numbers 0 to below `input_dim`.
    ///
    /// # Panics
    /// When one of the two is 0.
    #[track_caller]
    pub fn new(input_dim: usize, output_dim: usize) -> Self {
        Self {
            base: LayerBase::new("Embedding"),
            input_dim: at_least_1("Embedding", "input_dim", input_dim),
            output_dim: at_least_1("Embedding", "output_dim", output_dim),
            embeddings: Initializer::RandomUniform { minval: -0.05, maxval: 0.05 }.into(),
        }
    }
}

weight_options! {
    Embedding; "the vectors" in embeddings: embeddings_initializer, embeddings_regularizer, embeddings_constraint
}

impl Layer for Embedding {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(config.size("input_dim")?, config.size("output_dim")?),
        given { "input_dim": input_dim, "output_dim": output_dim },
        weights { "embeddings": embeddings },
    );

    fn build(&self, _: &Shape) -> Result<Vec<Weight>> {
        let shape = [self.input_dim, self.output_dim];
        Ok(vec![self.embeddings.weight(format!("{}/embeddings", self.base.name()), &shape)])
    }

    fn forward(&self, input: &Tensor, weights: &[Weight]) -> Result<Tensor> {
        Tensor::apply(Op::new("gather"), &[&weights[0].tensor(), input], &self.base.name())
    }
}
