//! Layers that make one tensor of several.

use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result};
use crate::{Tensor, Weight, ops};
use std::fmt::Debug;
use std::marker::PhantomData;

/// The sum of tensors: see [`Merge`].
pub type Add = Merge<Sum>;
/// The first of two tensors less the second: see [`Merge`].
pub type Subtract = Merge<Difference>;
/// The product of tensors, number by number: see [`Merge`].
pub type Multiply = Merge<Product>;
/// The mean of tensors: see [`Merge`].
pub type Average = Merge<Mean>;
/// The greatest number at each place: see [`Merge`].
pub type Maximum = Merge<Greatest>;
/// The least number at each place: see [`Merge`].
pub type Minimum = Merge<Least>;

/// How tensors become one.
pub trait Merging: Clone + Debug + Send + Sync + 'static {
    /// The layer's kind.
    #[doc(hidden)]
    const CLASS_NAME: &'static str;
    /// The op on two of them.
    #[doc(hidden)]
    const OP: &'static str;
    /// The most tensors that it takes.
    #[doc(hidden)]
    const MOST: usize = usize::MAX;
    /// By what the result is divided.
    #[doc(hidden)]
    fn divisor(_tensors: usize) -> usize {
        1
    }
}

macro_rules! mergings {
    ($($(#[$doc:meta])* $name:ident: $class_name:literal, $op:literal $({ $($rest:item)* })?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub enum $name {}

        impl Merging for $name {
            const CLASS_NAME: &'static str = $class_name;
            const OP: &'static str = $op;
            $($($rest)*)?
        }
    )*};
}

mergings! {
    /// Adding.
    Sum: "Add", "add";
    /// Subtracting the second from the first.
    Difference: "Subtract", "subtract" { const MOST: usize = 2; };
    /// Multiplying.
    Product: "Multiply", "multiply";
    /// Taking the mean.
    Mean: "Average", "add" { fn divisor(tensors: usize) -> usize { tensors } };
    /// Taking the greatest.
    Greatest: "Maximum", "maximum";
    /// Taking the least.
    Least: "Minimum", "minimum";
}

/// Makes one tensor of several, number by number: [`Add`], [`Subtract`], [`Multiply`], [`Average`], [`Maximum`],
/// [`Minimum`].
///
/// # Shapes
/// (batch, ...), (batch, ...), ... -> (batch, ...), with broadcasting; tensors of fewer axes get axes of size 1
/// behind the batch.
///
/// Source: `keras/src/layers/merging/base_merge.py`.
///
/// ```
/// use course::prelude::*;
/// let (a, b) = (Input::new([2]).tensor(), Input::new([2]).tensor());
/// let outputs = [Add::new().call([&a, &b]), Subtract::new().call([&a, &b]), Average::new().call([&a, &b])];
/// let values = Function::new(&[&a, &b], &[&outputs[0], &outputs[1], &outputs[2]])
///     .call(&[&array![[5.0, 1.0]], &array![[3.0, 4.0]]]);
/// assert_eq!(values[0], array![[8.0, 5.0]].into_dyn());
/// assert_eq!(values[1], array![[2.0, -3.0]].into_dyn());
/// assert_eq!(values[2], array![[4.0, 2.5]].into_dyn());
/// ```
#[derive(Clone, Debug)]
pub struct Merge<M: Merging> {
    base: LayerBase,
    merging: PhantomData<M>,
}

impl<M: Merging> Merge<M> {
    /// A layer that merges what it is called on.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new(M::CLASS_NAME), merging: PhantomData }
    }
}

impl<M: Merging> Layer for Merge<M> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|_config| Self::new());

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        Err(too_few(&self.base, std::slice::from_ref(input)))
    }

    fn forward_all(&self, inputs: &[Tensor], _: &[Weight]) -> Result<Vec<Tensor>> {
        let name = self.base.name();
        if inputs.len() < 2 {
            return Err(too_few(&self.base, inputs));
        }
        if inputs.len() > M::MOST {
            let report = Report::new(self.base.place(), format!("it takes {} tensors", M::MOST));
            return Err(Error::shape(report.expected(M::MOST, inputs.len())));
        }
        let rank = inputs.iter().map(|input| input.shape().rank()).max().unwrap_or(0);
        let mut merged = with_rank(&inputs[0], rank, &name)?;
        for input in &inputs[1..] {
            merged = ops::binary(M::OP, &merged, &with_rank(input, rank, &name)?, &name)?;
        }
        let divisor = M::divisor(inputs.len());
        Ok(vec![if divisor == 1 { merged } else { ops::affine(&merged, 1.0 / divisor as f64, 0.0, &name)? }])
    }
}

pub(super) fn too_few(base: &LayerBase, inputs: &[Tensor]) -> Error {
    let report = Report::new(base.place(), "it merges at least two tensors").expected("2 or more", inputs.len());
    Error::shape(report.hint("call it on an array of tensors: `.call([&a, &b])`"))
}

/// The tensor with axes of size 1 behind the batch.
fn with_rank(tensor: &Tensor, rank: usize, label: &str) -> Result<Tensor> {
    let mut tensor = tensor.clone();
    while tensor.shape().rank() < rank {
        tensor = ops::expand_dims(&tensor, 1, label)?;
    }
    Ok(tensor)
}

/// Puts tensors side by side.
///
/// # Shapes
/// (batch, ..., a), (batch, ..., b) -> (batch, ..., a + b): all axes but one are alike.
///
/// Source: `keras/src/layers/merging/concatenate.py`.
///
/// ```
/// use course::prelude::*;
/// let (a, b) = (Input::new([8, 8, 3]).tensor(), Input::new([8, 8, 5]).tensor());
/// assert_eq!(Concatenate::new().call([&a, &b]).shape().to_string(), "(None, 8, 8, 8)");
/// ```
#[derive(Clone, Debug)]
pub struct Concatenate {
    base: LayerBase,
    axis: i64,
}

impl Concatenate {
    /// A layer that joins along the last axis.
    #[expect(clippy::new_without_default, reason = "each layer takes a new name, so no two are equal")]
    pub fn new() -> Self {
        Self { base: LayerBase::new("Concatenate"), axis: -1 }
    }

    /// Along which axis tensors are joined; the batch is axis 0, the last axis -1.
    #[must_use]
    pub fn axis(mut self, axis: i64) -> Self {
        self.axis = axis;
        self
    }
}

impl Layer for Concatenate {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|_config| Self::new(), then { "axis": axis });

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        Ok(input.clone())
    }

    fn forward_all(&self, inputs: &[Tensor], _: &[Weight]) -> Result<Vec<Tensor>> {
        if inputs.is_empty() {
            return Err(too_few(&self.base, inputs));
        }
        Ok(vec![ops::concatenate(&inputs.iter().collect::<Vec<_>>(), self.axis, &self.base.name())?])
    }
}
