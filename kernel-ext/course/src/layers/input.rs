//! Where data enters a model.

use crate::Tensor;
use crate::names::next_name;
use engine_api::Shape;

/// The shape of one sample, with which a model begins. It is not a layer: `model.layers()` does not
/// list it.
///
/// # Shapes
/// `Input::new([28, 28, 1])` stands for (batch, 28, 28, 1).
///
/// Source: `keras/src/layers/core/input_layer.py`.
///
/// ```
/// use course::prelude::*;
/// assert_eq!(Input::new([28, 28, 1]).tensor().shape().to_string(), "(None, 28, 28, 1)");
/// ```
#[derive(Clone, Debug)]
pub struct Input {
    tensor: Tensor,
}

impl Input {
    /// An input of samples of these sizes, without the batch axis.
    pub fn new<const RANK: usize>(sizes: [usize; RANK]) -> Self {
        Self::of(&sizes)
    }

    /// As [`Input::new`], for sizes whose number is not known when the program is written.
    pub fn of(sizes: &[usize]) -> Self {
        Self { tensor: Tensor::input(Shape::batch_of(sizes), &next_name("InputLayer")) }
    }

    /// The input under a name of the user's choice.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { tensor: Tensor::input(self.tensor.shape().clone(), name) }
    }

    /// The symbolic tensor on which layers are called.
    pub fn tensor(&self) -> Tensor {
        self.tensor.clone()
    }
}
