//! Scalar products between two tensors.

use super::merging::too_few;
use super::{Layer, LayerBase};
use crate::config::options;
use crate::error::{Error, Report, Result};
use crate::{Tensor, Weight, ops};
use engine_api::{Attr, Op};

/// The scalar products of the vectors along one axis of two tensors.
///
/// # Shapes
/// With axes (i, j): the axes of the first but i, then those of the second but j and the batch. (batch, n),
/// (batch, n) -> (batch, 1); (batch, a, n), (batch, b, n) with axes (2, 2) -> (batch, a, b).
///
/// Source: `keras/src/layers/merging/dot.py`.
///
/// ```
/// use course::prelude::*;
/// let (a, b) = (Input::new([2]).tensor(), Input::new([2]).tensor());
/// let (dot, cosine) = (Dot::new(1).call([&a, &b]), Dot::new(1).normalize(true).call([&a, &b]));
/// let values = Function::new(&[&a, &b], &[&dot, &cosine]).call(&[&array![[3.0, 4.0]], &array![[4.0, 3.0]]]);
/// assert_eq!(values[0], array![[24.0]].into_dyn());
/// assert!((values[1][[0, 0]] - 24.0 / 25.0).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct Dot {
    base: LayerBase,
    axes: [i64; 2],
    normalize: bool,
}

impl Dot {
    /// A layer that sums over this axis of both tensors.
    pub fn new(axis: i64) -> Self {
        Self::over([axis, axis])
    }

    /// A layer that sums over one axis of the first tensor and one of the second.
    pub fn over(axes: [i64; 2]) -> Self {
        Self { base: LayerBase::new("Dot"), axes, normalize: false }
    }

    /// Whether the vectors get length 1 first: then the products are cosines.
    #[must_use]
    pub fn normalize(mut self, normalize: bool) -> Self {
        self.normalize = normalize;
        self
    }

    /// A tensor as matrices (batch, vectors, numbers of a vector), with the axes that count the vectors.
    fn matrices(&self, tensor: &Tensor, axis: i64) -> Result<(Tensor, Vec<Option<usize>>)> {
        let (name, shape) = (self.base.name(), &tensor.shape().0);
        let rank = shape.len() as i64;
        let axis = if axis < 0 { axis + rank } else { axis };
        if !(1..rank).contains(&axis) {
            let report = Report::new(self.base.place(), "the axis that is summed over is not one of a sample");
            return Err(Error::shape(report.expected(format!("1 to {}", rank - 1), axis)));
        }
        let tensor = if self.normalize { unit_length(tensor, axis, &name)? } else { tensor.clone() };
        let others: Vec<i64> = (1..rank).filter(|&other| other != axis).collect();
        let order: Vec<i64> = [0].into_iter().chain(others.iter().copied()).chain([axis]).collect();
        let turned = ops::transpose(&tensor, &order, &name)?;
        let kept = others.iter().map(|&axis| shape[axis as usize]).collect();
        let width = shape[axis as usize].map_or(-1, |size| size as i64);
        Ok((ops::reshape(&turned, &[-1, width], &name)?, kept))
    }
}

/// Divides each vector along an axis by its length.
fn unit_length(tensor: &Tensor, axis: i64, label: &str) -> Result<Tensor> {
    let squares = ops::reduce("sum", &ops::unary("square", tensor, label)?, &[axis], true, label)?;
    let at_least = Op::new("clip").with("min", Attr::Float(1e-12));
    let length = ops::unary("rsqrt", &Tensor::apply(at_least, &[&squares], label)?, label)?;
    ops::binary("multiply", tensor, &length, label)
}

impl Layer for Dot {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|config| Self::over(config.get("axes")?), given { "axes": axes }, then { "normalize": normalize });

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        Err(too_few(&self.base, std::slice::from_ref(input)))
    }

    fn forward_all(&self, inputs: &[Tensor], _: &[Weight]) -> Result<Vec<Tensor>> {
        let [a, b] = inputs else {
            let report = Report::new(self.base.place(), "it takes two tensors").expected(2, inputs.len());
            return Err(Error::shape(report.hint("call it on two tensors: `.call([&a, &b])`")));
        };
        let name = self.base.name();
        let ((a, mut kept), (b, kept_of_b)) = (self.matrices(a, self.axes[0])?, self.matrices(b, self.axes[1])?);
        let products = Tensor::apply(Op::new("matmul").with("transpose_b", Attr::Bool(true)), &[&a, &b], &name)?;
        kept.extend(kept_of_b);
        let sizes: Vec<i64> = kept.iter().map(|size| size.map_or(-1, |size| size as i64)).collect();
        Ok(vec![ops::reshape(&products, if sizes.is_empty() { &[1] } else { &sizes }, &name)?])
    }
}
