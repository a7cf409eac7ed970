//! Images made larger.

use super::LayerBase;
use super::stateless::stateless;
use super::window::Sizes;
use crate::error::{Error, Report, Result};
use crate::named::names_of;
use crate::{Tensor, ops};
use engine_api::Op;
use ndarray::Array2;

/// What the pixels between those of a smaller image become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// What the nearest pixel is.
    #[default]
    Nearest,
    /// The mean of the pixels around, the nearer ones counting more.
    Bilinear,
}

names_of! {
    Interpolation, "interpolation" {
        "nearest" => Interpolation::Nearest,
        "bilinear" => Interpolation::Bilinear,
    }
}

stateless! {
    /// Makes images larger by repeating rows and columns, or by going from one to the next in steps.
    ///
    /// # Shapes
    /// (batch, height, width, channels) -> (batch, size · height, size · width, channels)
    ///
    /// Source: `keras/src/layers/reshaping/up_sampling2d.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let large = UpSampling2D::new(2).call(&Input::new([7, 7, 16]).tensor());
    /// assert_eq!(large.shape().to_string(), "(None, 14, 14, 16)");
    /// let x = Input::new([1, 2, 1]).tensor();
    /// let y = UpSampling2D::new((1, 2)).interpolation("bilinear").call(&x);
    /// let row = Function::new(&[&x], &[&y]).call(&[&array![[[[0.0], [4.0]]]]]).remove(0);
    /// assert_eq!(row, array![[[[0.0], [1.0], [3.0], [4.0]]]].into_dyn());
    /// ```
    UpSampling2D { size: Sizes<2>, interpolation: Interpolation }
    options(|config| Self::new(config.sizes("size")?), given { "size": size }, then { "interpolation": interpolation })
    |layer, input, label| {
        super::convolution::channels(&layer.base, input.shape(), 2)?;
        let [height, width] = layer.size.0;
        match layer.interpolation {
            Interpolation::Nearest => ops::repeat(&ops::repeat(input, 1, height, &label)?, 2, width, &label),
            Interpolation::Bilinear => {
                let columns = between(&layer.base, input, 2, width)?;
                ops::transpose(&between(&layer.base, &ops::transpose(&columns, &[0, 2, 1, 3], &label)?, 2, height)?, &[0, 2, 1, 3], &label)
            }
        }
    }
}

impl UpSampling2D {
    /// A layer that repeats each row and column so often.
    ///
    /// # Panics
    /// When a number is 0.
    #[track_caller]
    pub fn new(size: impl Into<Sizes<2>>) -> Self {
        let (base, interpolation) = (LayerBase::new("UpSampling2D"), Interpolation::Nearest);
        Self { base, size: size.into().positive("UpSampling2D", "size"), interpolation }
    }

    /// What the pixels between become: `"nearest"` or `"bilinear"`.
    ///
    /// # Panics
    /// When there is no interpolation of this name.
    #[must_use]
    #[track_caller]
    pub fn interpolation(mut self, interpolation: impl Into<Interpolation>) -> Self {
        self.interpolation = interpolation.into();
        self
    }
}

/// Makes an axis `times` as long, each place a mean of the two around it: a product with a fixed matrix.
fn between(base: &LayerBase, input: &Tensor, axis: usize, times: usize) -> Result<Tensor> {
    let name = base.name();
    let Some(size) = input.shape().0[axis] else {
        let report = Report::new(base.place(), "height and width of the input must be known");
        return Err(Error::shape(report.expected("(None, height, width, channels)", input.shape())));
    };
    let mut weights = Array2::<f32>::zeros((size * times, size));
    for place in 0..size * times {
        // Centres of pixels; beyond the outer ones their values go on.
        let at = ((place as f32 + 0.5) / times as f32 - 0.5).clamp(0.0, (size - 1) as f32);
        let before = at.floor() as usize;
        weights[[place, before]] += 1.0 - at.fract();
        weights[[place, (before + 1).min(size - 1)]] += at.fract();
    }
    let matrix = Op::constant(weights.shape(), weights.iter().copied().collect());
    ops::binary("matmul", &Tensor::apply(matrix, &[], &name)?, input, &name)
}
