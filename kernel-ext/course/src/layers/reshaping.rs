//! Layers that move, repeat, surround or cut numbers.

use super::LayerBase;
use super::stateless::stateless;
use crate::error::{Error, Report, expect_good};
use crate::{Tensor, ops};
use engine_api::{Attr, Op};

stateless! {
    /// Puts the axes of a sample into another order.
    ///
    /// # Shapes
    /// (batch, a, b, ...) -> (batch, ...): axis number i of the output is axis `dims[i - 1]` of the
    /// input, counted from 1 as the batch is axis 0.
    ///
    /// Source: `keras/src/layers/reshaping/permute.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let turned = Permute::new([2, 1]).call(&Input::new([10, 64]).tensor());
    /// assert_eq!(turned.shape().to_string(), "(None, 64, 10)");
    /// ```
    Permute { dims: Vec<i64> }
    options(
        |config| Self::to(&config.checked("dims", "each axis of a sample once, from 1 on", |dims: &Vec<i64>| is_order(dims))?),
        given { "dims": dims }
    )
    |layer, input, label| {
        let order: Vec<i64> = std::iter::once(0).chain(layer.dims.iter().copied()).collect();
        ops::transpose(input, &order, &label)
    }
}

/// Whether each axis of a sample is named once.
fn is_order(dims: &[i64]) -> bool {
    (1..=dims.len() as i64).all(|axis| dims.contains(&axis))
}

impl Permute {
    /// A layer that takes the axes in this order.
    ///
    /// # Panics
    /// When an axis is missing or named twice.
    #[track_caller]
    pub fn new<const RANK: usize>(dims: [usize; RANK]) -> Self {
        Self::to(&dims.map(|axis| axis as i64))
    }

    /// As [`Permute::new`], for axes whose number is not known when the program is written.
    ///
    /// # Panics
    /// When an axis is missing or named twice.
    #[track_caller]
    pub fn to(dims: &[i64]) -> Self {
        if !is_order(dims) {
            let report = Report::new("Permute", "`dims` must name each axis of a sample once, from 1 on");
            expect_good(Err(Error::value(
                report.expected(format!("an order of 1 to {}", dims.len()), format!("{dims:?}")),
            )))
        }
        Self { base: LayerBase::new("Permute"), dims: dims.to_vec() }
    }
}

stateless! {
    /// Repeats each sample, so that a sequence begins with a single row.
    ///
    /// # Shapes
    /// (batch, features) -> (batch, n, features)
    ///
    /// Source: `keras/src/layers/reshaping/repeat_vector.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let sequence = RepeatVector::new(3).call(&Input::new([32]).tensor());
    /// assert_eq!(sequence.shape().to_string(), "(None, 3, 32)");
    /// ```
    RepeatVector { n: usize }
    options(|config| Self::new(config.size("n")?), given { "n": n })
    |layer, input, label| {
        if input.shape().rank() != 2 {
            let report = Report::new(layer.base.place(), "only rows can be repeated");
            return Err(Error::shape(report.expected("(None, features)", input.shape())));
        }
        let row = Tensor::apply(Op::new("expand_dims").with("axis", Attr::Int(1)), &[input], &label)?;
        ops::repeat(&row, 1, layer.n, &label)
    }
}

impl RepeatVector {
    /// A layer that makes each row a sequence of `n` equal ones.
    ///
    /// # Panics
    /// When `n` is 0.
    #[track_caller]
    pub fn new(n: usize) -> Self {
        Self { base: LayerBase::new("RepeatVector"), n: super::kernel::at_least_1("RepeatVector", "n", n) }
    }
}

/// How many rows and columns are added or taken away: the same on all sides, on both sides of each
/// axis, or at top, bottom, left and right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins(pub [[usize; 2]; 2]);

impl From<usize> for Margins {
    fn from(size: usize) -> Self {
        Self([[size; 2]; 2])
    }
}

impl From<(usize, usize)> for Margins {
    fn from((rows, columns): (usize, usize)) -> Self {
        Self([[rows; 2], [columns; 2]])
    }
}

impl From<[[usize; 2]; 2]> for Margins {
    fn from(sizes: [[usize; 2]; 2]) -> Self {
        Self(sizes)
    }
}

stateless! {
    /// Surrounds images with zeros.
    ///
    /// # Shapes
    /// (batch, height, width, channels) -> (batch, height + top + bottom, width + left + right, channels)
    ///
    /// Source: `keras/src/layers/reshaping/zero_padding2d.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let image = Input::new([28, 28, 1]).tensor();
    /// assert_eq!(ZeroPadding2D::new(2).call(&image).shape().to_string(), "(None, 32, 32, 1)");
    /// assert_eq!(ZeroPadding2D::new([[1, 0], [0, 3]]).call(&image).shape().to_string(), "(None, 29, 31, 1)");
    /// ```
    ZeroPadding2D { padding: Margins }
    options(|config| Self::new(config.get::<Margins>("padding")?), given { "padding": padding })
    |layer, input, label| {
        super::convolution::channels(&layer.base, input.shape(), 2)?;
        let [[top, bottom], [left, right]] = layer.padding.0.map(|sides| sides.map(|size| size as i64));
        let paddings = vec![0, 0, top, bottom, left, right, 0, 0];
        Tensor::apply(Op::new("pad").with("paddings", Attr::Ints(paddings)), &[input], &label)
    }
}

impl ZeroPadding2D {
    /// A layer that adds so many rows and columns of zeros: `2`, `(rows, columns)`, or
    /// `[[top, bottom], [left, right]]`.
    pub fn new(padding: impl Into<Margins>) -> Self {
        Self { base: LayerBase::new("ZeroPadding2D"), padding: padding.into() }
    }
}

stateless! {
    /// Cuts the margins of images off.
    ///
    /// # Shapes
    /// (batch, height, width, channels) -> (batch, height - top - bottom, width - left - right, channels)
    ///
    /// Source: `keras/src/layers/reshaping/cropping2d.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let middle = Cropping2D::new(4).call(&Input::new([28, 28, 1]).tensor());
    /// assert_eq!(middle.shape().to_string(), "(None, 20, 20, 1)");
    /// ```
    Cropping2D { cropping: Margins }
    options(|config| Self::new(config.get::<Margins>("cropping")?), given { "cropping": cropping })
    |layer, input, label| {
        super::convolution::channels(&layer.base, input.shape(), 2)?;
        let mut cut = input.clone();
        for (axis, [before, after]) in layer.cropping.0.into_iter().enumerate() {
            let size = input.shape().0[axis + 1].unwrap_or(0);
            let left = size.checked_sub(before + after).filter(|&left| left > 0).ok_or_else(|| {
                let report = Report::new(layer.base.place(), "the margins are as large as the image");
                Error::shape(report.expected(format!("less than {size} on axis {}", axis + 1), before + after))
            })?;
            cut = ops::slice(&cut, axis as i64 + 1, before, left, &label)?;
        }
        Ok(cut)
    }
}

impl Cropping2D {
    /// A layer that cuts so many rows and columns off: `2`, `(rows, columns)`, or
    /// `[[top, bottom], [left, right]]`.
    pub fn new(cropping: impl Into<Margins>) -> Self {
        Self { base: LayerBase::new("Cropping2D"), cropping: cropping.into() }
    }
}

stateless! {
    /// Multiplies by a number and adds another one, such as 1/255 for pixels.
    ///
    /// # Shapes
    /// Output as input.
    ///
    /// Source: `keras/src/layers/preprocessing/rescaling.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = Input::new([1]).tensor();
    /// let y = Rescaling::new(2.0).offset(-1.0).call(&x);
    /// assert_eq!(Function::new(&[&x], &[&y]).call(&[&array![[3.0]]])[0], array![[5.0]].into_dyn());
    /// ```
    Rescaling { scale: f64, offset: f64 }
    options(|config| Self::new(config.get("scale")?), given { "scale": scale }, then { "offset": offset })
    |layer, input, label| ops::affine(input, layer.scale, layer.offset, &label)
}

impl Rescaling {
    /// A layer that multiplies by `scale`.
    pub fn new(scale: f64) -> Self {
        Self { base: LayerBase::new("Rescaling"), scale, offset: 0.0 }
    }

    /// What is added after that.
    #[must_use]
    pub fn offset(mut self, offset: f64) -> Self {
        self.offset = offset;
        self
    }
}
