//! Where the numbers of a graph come from.

use super::named;
use crate::numbers::Numbers;
use crate::{Tensor, Weight, names};
use engine_api::{Op, Shape};

/// A shape for a placeholder: sizes, `None` for what is not known yet; `()` takes a number or a list of numbers.
pub trait PlaceholderShape {
    /// The sizes of the axes.
    fn shape(self) -> Shape;
}

impl PlaceholderShape for () {
    fn shape(self) -> Shape {
        Shape(vec![None])
    }
}

impl<const AXES: usize> PlaceholderShape for [usize; AXES] {
    fn shape(self) -> Shape {
        Shape::known(&self)
    }
}

impl<const AXES: usize> PlaceholderShape for [Option<usize>; AXES] {
    fn shape(self) -> Shape {
        Shape(self.into())
    }
}

/// A tensor whose numbers are given when something is computed from it.
///
/// Source: `keras.backend.placeholder`, `tf.placeholder`.
///
/// ```
/// use course::prelude::*;
/// let x = placeholder(());
/// let y = &x * 2.0;
/// assert_eq!(y.eval(&[(&x, &21.0)]), array![42.0].into_shape_with_order(()).unwrap().into_dyn());
/// assert_eq!(y.eval(&[(&x, &[1.0, 2.0])]), array![2.0, 4.0].into_dyn());
/// ```
pub fn placeholder(shape: impl PlaceholderShape) -> Tensor {
    Tensor::input(shape.shape(), &names::next_node("Placeholder")).into_node()
}

/// A tensor that keeps its numbers.
///
/// Source: `keras.backend.variable`.
///
/// ```
/// use course::prelude::*;
/// let a = variable(&array![[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(a.dot(&a).eval(&[]), array![[7.0, 10.0], [15.0, 22.0]].into_dyn());
/// ```
pub fn variable(value: &dyn Numbers) -> Tensor {
    let view = value.numbers();
    Weight::new(names::next_node("Variable"), view.shape(), view.to_f32()).tensor().into_node()
}

impl Tensor {
    /// A tensor of fixed numbers.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = Input::new([2]).tensor();
    /// let y = &x * Tensor::constant(&array![10.0, 100.0]) + 1.0;
    /// assert_eq!(Function::new(&[&x], &[&y]).call(&[&array![[1.0, 2.0]]])[0], array![[11.0, 201.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// When the backend cannot be reached.
    #[track_caller]
    pub fn constant(values: &dyn Numbers) -> Self {
        let view = values.numbers();
        named("Const", |name| Self::apply(Op::constant(view.shape(), view.to_f32()), &[], name))
    }
}
