//! Windows that slide over images or sequences: sizes along each axis, and what happens at the edges.

use crate::config::group;
use crate::named::{name_of, names_of};
use engine_api::{Attr, Op};

/// A size along each axis of a window: one number for all, or one each.
///
/// ```
/// use course::layers::Sizes;
/// assert_eq!(Sizes::<2>::from(3), Sizes([3, 3]));
/// assert_eq!(Sizes::<2>::from((3, 5)), Sizes([3, 5]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes<const RANK: usize>(pub [usize; RANK]);

impl<const RANK: usize> From<usize> for Sizes<RANK> {
    fn from(size: usize) -> Self {
        Self([size; RANK])
    }
}

impl<const RANK: usize> From<[usize; RANK]> for Sizes<RANK> {
    fn from(sizes: [usize; RANK]) -> Self {
        Self(sizes)
    }
}

impl From<(usize, usize)> for Sizes<2> {
    fn from((height, width): (usize, usize)) -> Self {
        Self([height, width])
    }
}

impl<const RANK: usize> Sizes<RANK> {
    /// Checks that no size is 0, where they are given.
    #[track_caller]
    pub(super) fn positive(self, layer: &str, option: &str) -> Self {
        self.0.iter().for_each(|&size| {
            super::kernel::at_least_1(layer, option, size);
        });
        self
    }

    pub(super) fn attribute(self) -> Attr {
        Attr::Ints(self.0.iter().map(|&size| size as i64).collect())
    }
}

/// What a window sees beyond the edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// Nothing: it stays inside, so the output is smaller than the input.
    #[default]
    Valid,
    /// Zeros on all sides, so that with strides of 1 the output is as large as the input.
    Same,
    /// Zeros before the beginning: no output of a sequence sees what comes later.
    Causal,
}

names_of! {
    Padding, "padding" {
        "valid" => Padding::Valid,
        "same" => Padding::Same,
        "causal" => Padding::Causal,
    }
}

impl Padding {
    /// Its name, as ops and Keras write it.
    pub fn name(self) -> &'static str {
        name_of(&self, Self::NAMES)
    }
}

/// How a window moves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement<const RANK: usize> {
    pub strides: Sizes<RANK>,
    pub padding: Padding,
    /// How far apart the numbers are that the window sees.
    pub dilation: Sizes<RANK>,
}

impl<const RANK: usize> Movement<RANK> {
    /// The op with these options.
    pub fn describe(&self, op: Op) -> Op {
        let op = op.with("strides", self.strides.attribute()).with("padding", Attr::Text(self.padding.name().into()));
        if self.dilation.0 == [1; RANK] { op } else { op.with("dilation", self.dilation.attribute()) }
    }
}

group!(Movement<RANK>, for [const RANK: usize]; "padding": padding; sizes "strides": strides, "dilation_rate": dilation);

impl<const RANK: usize> Default for Movement<RANK> {
    /// Step by step, and never over an edge.
    fn default() -> Self {
        Self { strides: 1.into(), padding: Padding::Valid, dilation: 1.into() }
    }
}

/// The methods that set these options, for layers that keep them in the field `movement`.
macro_rules! movement_options {
    ($layer:ty, $rank:expr $(, for $($parameters:tt)*)?) => {
        impl $(<$($parameters)*>)? $layer {
            /// How far the window moves from place to place.
            ///
            /// # Panics
            /// When a number is 0.
            #[must_use]
            #[track_caller]
            pub fn strides(mut self, strides: impl Into<crate::layers::Sizes<{ $rank }>>) -> Self {
                self.movement.strides = strides.into().positive(self.base.class_name(), "strides");
                self
            }

            /// What the window sees beyond the edges: `"valid"`, `"same"`, and in [`Conv1D`](crate::layers::Conv1D)
            /// `"causal"`.
            ///
            /// # Panics
            /// When there is no padding of this name.
            #[must_use]
            #[track_caller]
            pub fn padding(mut self, padding: impl Into<crate::layers::Padding>) -> Self {
                self.movement.padding = padding.into();
                self
            }
        }
    };
}
pub(super) use movement_options;

/// The method that sets how far apart a window's numbers are, for the same layers.
macro_rules! dilation_options {
    ($layer:ty, $rank:expr $(, for $($parameters:tt)*)?) => {
        impl $(<$($parameters)*>)? $layer {
            /// How far apart the numbers are that the window sees.
            ///
            /// # Panics
            /// When a number is 0.
            #[must_use]
            #[track_caller]
            pub fn dilation_rate(mut self, dilation_rate: impl Into<crate::layers::Sizes<{ $rank }>>) -> Self {
                self.movement.dilation = dilation_rate.into().positive(self.base.class_name(), "dilation_rate");
                self
            }
        }
    };
}
pub(super) use dilation_options;
