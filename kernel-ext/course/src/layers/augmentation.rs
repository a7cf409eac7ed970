//! Images that are changed at random while a model trains, so that it never sees the same one twice.

use super::convolution::channels;
use super::{Layer, LayerBase};
use crate::config::{Config, group, options};
use crate::error::{Error, Report, Result, expect_good};
use crate::named::{name_of, names_of};
use crate::seed::Seed;
use crate::{Tensor, Weight, ops};
use engine_api::{Attr, Json, Op};
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// What stands where a moved image leaves its frame empty.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum FillMode {
    /// The image in a mirror at its edge: `d c b a | a b c d | d c b a`.
    #[default]
    Reflect,
    /// Zeros.
    Constant,
    /// The pixel at the edge: `a a a a | a b c d | d d d d`.
    Nearest,
    /// The image again: `a b c d | a b c d | a b c d`.
    Wrap,
}

names_of! {
    FillMode, "fill mode" {
        "reflect" => FillMode::Reflect,
        "constant" => FillMode::Constant,
        "nearest" => FillMode::Nearest,
        "wrap" => FillMode::Wrap,
    }
}

/// Which sides of an image change places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlipMode {
    /// Left and right, and by itself top and bottom.
    #[default]
    HorizontalAndVertical,
    /// Left and right.
    Horizontal,
    /// Top and bottom.
    Vertical,
}

names_of! {
    FlipMode, "flip mode" {
        "horizontal_and_vertical" => FlipMode::HorizontalAndVertical,
        "horizontal" => FlipMode::Horizontal,
        "vertical" => FlipMode::Vertical,
    }
}

/// Turns half of the images over while the model trains; while it is used, nothing happens.
///
/// # Shapes
/// Output as input: (batch, height, width, channels).
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_flip.py`.
///
/// ```
/// use course::prelude::*;
/// let x = Input::new([1, 2, 1]).tensor();
/// let y = RandomFlip::new("horizontal").call(&x);
/// let images = Array4::from_shape_fn((1000, 1, 2, 1), |(.., column, _)| column as f32);
/// assert_eq!(Function::new(&[&x], &[&y]).call(&[&images])[0], images.clone().into_dyn());
/// let turned = Function::new(&[&x], &[&y]).training(true).call(&[&images])[0].slice(s![.., 0, 0, 0]).sum();
/// assert!((400.0..600.0).contains(&turned));
/// ```
#[derive(Clone, Debug)]
pub struct RandomFlip {
    base: LayerBase,
    mode: FlipMode,
    seed: Seed,
}

impl RandomFlip {
    /// A layer that turns images over like this: `"horizontal"`, `"vertical"`, `"horizontal_and_vertical"`.
    ///
    /// # Panics
    /// When there is no mode of this name.
    #[track_caller]
    pub fn new(mode: impl Into<FlipMode>) -> Self {
        Self { base: LayerBase::new("RandomFlip"), mode: mode.into(), seed: Seed::next() }
    }

    /// From which numbers is drawn; without this they follow from the process's seed.
    #[must_use]
    pub fn seed(mut self, seed: i64) -> Self {
        self.seed = seed.into();
        self
    }

    /// Turns half of the images over along an axis.
    fn flip(&self, input: &Tensor, axis: i64) -> Result<Tensor> {
        let name = self.base.name();
        let turned = Tensor::apply(Op::new("flip").with("axes", Attr::Ints(vec![axis])), &[input], &name)?;
        let corner = [1, 2, 3].iter().try_fold(input.clone(), |part, &axis| ops::slice(&part, axis, 0, 1, &name))?;
        let seed = self.seed.number.wrapping_add(axis);
        let normal = Tensor::apply(Op::new("random_normal").with("seed", Attr::Int(seed)), &[&corner], &name)?;
        let chosen = ops::binary("greater", &normal, &ops::number(0.0, &name)?, &name)?;
        Tensor::apply(Op::new("where"), &[&chosen, &turned, input], &name)
    }
}

impl Layer for RandomFlip {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(|config| Self::new(config.get::<FlipMode>("mode")?), given { "mode": mode }, then { "seed": seed });

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        channels(&self.base, input.shape(), 2)?;
        let axes: &[i64] = match self.mode {
            FlipMode::HorizontalAndVertical => &[2, 1],
            FlipMode::Horizontal => &[2],
            FlipMode::Vertical => &[1],
        };
        let turned = axes.iter().try_fold(input.clone(), |image, &axis| self.flip(&image, axis))?;
        Tensor::in_training(&turned, input, Vec::new(), &self.base)
    }
}

/// The options of layers that move images.
macro_rules! moving_options {
    ($layer:ident) => {
        impl $layer {
            /// What stands where the image leaves its frame empty: `"reflect"`, `"constant"`, `"nearest"`, `"wrap"`.
            ///
            /// # Panics
            /// When there is no mode of this name.
            #[must_use]
            #[track_caller]
            pub fn fill_mode(mut self, fill_mode: impl Into<FillMode>) -> Self {
                self.moving.fill_mode = fill_mode.into();
                self
            }

            /// The number that stands there with `"constant"`; 0 without this.
            #[must_use]
            pub fn fill_value(mut self, fill_value: f64) -> Self {
                self.moving.fill_value = fill_value;
                self
            }

            /// From which numbers is drawn; without this they follow from the process's seed.
            #[must_use]
            pub fn seed(mut self, seed: i64) -> Self {
                self.moving.seed = seed.into();
                self
            }
        }
    };
}

/// How images are moved.
#[derive(Clone, Copy, Debug)]
struct Moving {
    fill_mode: FillMode,
    fill_value: f64,
    seed: Seed,
}

group!(Moving; "fill_mode": fill_mode, "fill_value": fill_value, "seed": seed);

impl Moving {
    fn new() -> Self {
        Self { fill_mode: FillMode::Reflect, fill_value: 0.0, seed: Seed::next() }
    }

    /// For each image `count` numbers between 0 and 1, as columns.
    fn uniform(&self, input: &Tensor, count: usize, label: &str) -> Result<Vec<Tensor>> {
        let corner = [1, 2, 3].iter().try_fold(input.clone(), |part, &axis| ops::slice(&part, axis, 0, 1, label))?;
        let places = ops::repeat(&ops::reshape(&corner, &[1], label)?, 1, count, label)?;
        let normal =
            Tensor::apply(Op::new("random_normal").with("seed", Attr::Int(self.seed.number)), &[&places], label)?;
        // The distribution function of normal numbers makes them even.
        let even = ops::unary("erf", &ops::affine(&normal, FRAC_1_SQRT_2, 0.0, label)?, label)?;
        let even = ops::affine(&even, 0.5, 0.5, label)?;
        (0..count).map(|place| ops::slice(&even, 1, place, 1, label)).collect()
    }

    /// Moves each image by its six numbers.
    fn apply(&self, input: &Tensor, numbers: [&Tensor; 6], base: &LayerBase) -> Result<Tensor> {
        let mode = name_of(&self.fill_mode, FillMode::NAMES);
        let numbers = ops::concatenate(&numbers, 1, &base.name())?;
        let op = Op::new("affine_transform")
            .with("fill_mode", Attr::Text(mode.into()))
            .with("fill_value", Attr::Float(self.fill_value));
        let moved = Tensor::apply(op, &[input, &numbers], &base.name())?;
        Tensor::in_training(&moved, input, Vec::new(), base)
    }
}

/// Height and width of images, which must be known.
fn sizes(base: &LayerBase, input: &Tensor) -> Result<[f64; 2]> {
    channels(base, input.shape(), 2)?;
    match input.shape().0[1..3] {
        [Some(height), Some(width)] => Ok([height as f64, width as f64]),
        _ => {
            let report = Report::new(base.place(), "height and width of the input must be known");
            Err(Error::shape(report.expected("(None, height, width, channels)", input.shape())))
        }
    }
}

/// A share of an image's size or of a turn, in both directions.
#[track_caller]
fn share(layer: &str, option: &str, share: f64) -> f64 {
    if !(0.0..=1.0).contains(&share) {
        let report = Report::new(layer, format!("`{option}` is the largest share"));
        expect_good(Err(Error::value(report.expected("0 to 1", share))))
    }
    share
}

/// The same share from a config, where Keras writes the ends of a range.
fn share_of(config: &Config, option: &str) -> Result<f64> {
    let [from, to] = match &config[option] {
        Json::List(_) => config.get(option)?,
        _ => config.get::<f64>(option).map(|share| [-share, share])?,
    };
    if from == -to && (0.0..=1.0).contains(&to) {
        return Ok(to);
    }
    Err(config.cannot_be(option, "a share from 0 to 1, the same both ways", &config[option]))
}

/// Moves images up or down and to the left or right while the model trains; while it is used, nothing happens.
///
/// # Shapes
/// Output as input: (batch, height, width, channels).
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_translation.py`.
///
/// ```
/// use course::prelude::*;
/// let x = Input::new([1, 100, 1]).tensor();
/// let y = RandomTranslation::new(0.0, 0.2).fill_mode("constant").call(&x);
/// let images = Array4::<f32>::ones((500, 1, 100, 1));
/// assert_eq!(Function::new(&[&x], &[&y]).call(&[&images])[0], images.clone().into_dyn());
/// let moved = &Function::new(&[&x], &[&y]).training(true).call(&[&images])[0];
/// // At most a fifth leaves the frame, on average a tenth.
/// assert!(moved.sum_axis(Axis(2)).iter().all(|&left| left > 79.0));
/// assert!((moved.mean().unwrap() - 0.9).abs() < 0.02);
/// ```
#[derive(Clone, Debug)]
pub struct RandomTranslation {
    base: LayerBase,
    height_factor: f64,
    width_factor: f64,
    moving: Moving,
}

moving_options!(RandomTranslation);

impl RandomTranslation {
    /// A layer that moves images by at most these shares of their height and width, either way.
    ///
    /// # Panics
    /// When a share is not between 0 and 1.
    #[track_caller]
    pub fn new(height_factor: f64, width_factor: f64) -> Self {
        let base = LayerBase::new("RandomTranslation");
        let height_factor = share("RandomTranslation", "height_factor", height_factor);
        let width_factor = share("RandomTranslation", "width_factor", width_factor);
        Self { base, height_factor, width_factor, moving: Moving::new() }
    }
}

impl Layer for RandomTranslation {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(share_of(config, "height_factor")?, share_of(config, "width_factor")?),
        given { "height_factor": height_factor, "width_factor": width_factor },
        fixed { "interpolation": String::from("bilinear") },
        groups { moving },
    );

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        let (name, [height, width]) = (self.base.name(), sizes(&self.base, input)?);
        let drawn = self.moving.uniform(input, 2, &name)?;
        let number = |of: usize, scale: f64, shift: f64| ops::affine(&drawn[of], scale, shift, &name);
        let offset = |of: usize, most: f64| number(of, -2.0 * most, most);
        let (one, zero) = (number(0, 0.0, 1.0)?, number(0, 0.0, 0.0)?);
        let (down, right) = (offset(0, self.height_factor * height)?, offset(1, self.width_factor * width)?);
        self.moving.apply(input, [&one, &zero, &right, &zero, &one, &down], &self.base)
    }
}

/// Turns images around their centre while the model trains; while it is used, nothing happens.
///
/// # Shapes
/// Output as input: (batch, height, width, channels).
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_rotation.py`.
///
/// ```
/// use course::prelude::*;
/// let x = Input::new([9, 9, 1]).tensor();
/// let y = RandomRotation::new(0.5).fill_mode("nearest").call(&x);
/// // A ring stays a ring.
/// let ring = |row: usize, column: usize| (row as f32 - 4.0).hypot(column as f32 - 4.0);
/// let images = Array4::from_shape_fn((20, 9, 9, 1), |(_, row, column, _)| (-ring(row, column)).exp());
/// let turned = &Function::new(&[&x], &[&y]).training(true).call(&[&images])[0];
/// assert!((turned.slice(s![.., 4, 4, 0]).sum() - 20.0).abs() < 1e-4);
/// assert!(turned.iter().zip(&images).all(|(a, b)| (a - b).abs() < 0.1));
/// assert!(turned.iter().zip(&images).any(|(a, b)| (a - b).abs() > 0.001));
/// ```
#[derive(Clone, Debug)]
pub struct RandomRotation {
    base: LayerBase,
    factor: f64,
    moving: Moving,
}

moving_options!(RandomRotation);

impl RandomRotation {
    /// A layer that turns images by at most this share of a full turn, either way.
    ///
    /// # Panics
    /// When the share is not between 0 and 1.
    #[track_caller]
    pub fn new(factor: f64) -> Self {
        let factor = share("RandomRotation", "factor", factor);
        Self { base: LayerBase::new("RandomRotation"), factor, moving: Moving::new() }
    }
}

impl Layer for RandomRotation {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    options!(
        |config| Self::new(share_of(config, "factor")?),
        given { "factor": factor },
        fixed { "interpolation": String::from("bilinear") },
        groups { moving },
    );

    fn forward(&self, input: &Tensor, _: &[Weight]) -> Result<Tensor> {
        let (name, [height, width]) = (self.base.name(), sizes(&self.base, input)?);
        let (row, column) = ((height - 1.0) / 2.0, (width - 1.0) / 2.0);
        let drawn = &self.moving.uniform(input, 1, &name)?[0];
        let angle = ops::affine(drawn, 2.0 * TAU * self.factor, -TAU * self.factor, &name)?;
        let (cos, sin) = (ops::unary("cos", &angle, &name)?, ops::unary("sin", &angle, &name)?);
        let scaled = |tensor: &Tensor, scale: f64, shift: f64| ops::affine(tensor, scale, shift, &name);
        let sum = |a: Tensor, b: Tensor| ops::binary("add", &a, &b, &name);
        // Around the centre: what lies at it stays.
        let x = sum(scaled(&cos, -column, column)?, scaled(&sin, row, 0.0)?)?;
        let y = sum(scaled(&cos, -row, row)?, scaled(&sin, -column, 0.0)?)?;
        self.moving.apply(input, [&cos, &scaled(&sin, -1.0, 0.0)?, &x, &sin, &cos, &y], &self.base)
    }
}
