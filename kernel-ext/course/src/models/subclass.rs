//! Models whose way from input to output is a method of one's own.

use super::model::{Kind, Model};
use super::network::Network;
use crate::Tensor;
use crate::layers::Input;
use crate::{Result, names::next_name};

/// A model of one's own: layers as fields, and a method that says what leads from the input to the output.
///
/// The weights of all layers that `call` uses belong to the model. `call` runs once, on a symbolic tensor, when the
/// shape of the first samples is known; what it does with Rust's own `if` and `for` is decided then.
///
/// Source: Keras's subclassing of `keras.Model`.
///
/// ```
/// use course::prelude::*;
/// struct MyModel {
///     hidden: Dense,
///     scores: Dense,
/// }
///
/// impl Subclass for MyModel {
///     fn call(&self, inputs: &Tensor) -> Tensor {
///         let x = self.hidden.call(inputs);
///         self.scores.call(&x)
///     }
/// }
///
/// let layers = MyModel { hidden: Dense::new(20).activation("relu"), scores: Dense::new(2).activation("softmax") };
/// let mut model = Model::subclass(layers);
/// assert!(model.name().starts_with("my_model"));
/// model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"]);
/// let (x, y) = toy::moons(200, 0.1);
/// model.fit(&x, &y, Fit::new().epochs(2).verbose(0));
/// assert_eq!(model.count_params(), (2 * 20 + 20) + (20 * 2 + 2));
/// assert_eq!(model.predict(&x).shape(), [200, 2]);
/// ```
pub trait Subclass: Send + Sync + 'static {
    /// The output for an input of the model; several tensors are put together with
    /// [`Concatenate`](crate::layers::Concatenate) or by operators.
    fn call(&self, inputs: &Tensor) -> Tensor;
}

impl Model {
    /// A model whose `call` is one's own; it takes its input's shape from the first data, or from
    /// [`Model::build_on`].
    pub fn subclass<M: Subclass>(model: M) -> Self {
        let path = std::any::type_name::<M>().split('<').next().unwrap_or_default();
        let class_name = path.rsplit("::").next().unwrap_or_default();
        Self::empty(next_name(class_name), Kind::Subclass { class_name, model: Box::new(model) })
    }

    /// Makes the weights for samples of this shape, before the first data are there.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Dense::new(3));
    /// model.build_on([4])?;
    /// assert_eq!(model.count_params(), 15);
    /// # Ok::<(), course::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when a layer does not fit what stands before it.
    pub fn build_on<const AXES: usize>(&mut self, sample_shape: [usize; AXES]) -> Result<()> {
        self.build(&sample_shape)
    }
}

/// The way from an input of this shape to the output, and the layers on it.
pub(super) fn network_of(model: &dyn Subclass, sample_shape: &[usize]) -> Network {
    let input = Input::of(sample_shape).tensor();
    let output = model.call(&input);
    Network::new((&input).into(), (&output).into())
}
