//! Windows that slide over one or two axes: sizes, strides and padding as attributes.

use crate::fault::Fault;
use engine_api::{Attr, Op, Shape};

/// What an op says about its windows, with one or two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    pub size: Vec<usize>,
    pub strides: Vec<usize>,
    pub dilation: Vec<usize>,
    pub padding: Padding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    Valid,
    Same,
    Causal,
}

impl Window {
    /// The window of this size with the op's attributes `strides`, `dilation` (1 without them) and
    /// `padding` (`valid` without it).
    pub fn of(op: &Op, size: &[usize]) -> Result<Self, Fault> {
        let sizes = |name: &str| match op.ints(name) {
            None => Ok(vec![1; size.len()]),
            Some(asked) if asked.len() == size.len() && asked.iter().all(|&size| size > 0) => {
                Ok(asked.iter().map(|&size| size as usize).collect())
            }
            Some(asked) => Err(Fault::new(
                format!("expected {} whole numbers above 0 as `{name}`, received {asked:?}", size.len()),
                "give one for each axis over which the window slides",
            )),
        };
        let padding = match op.attr("padding") {
            None => Padding::Valid,
            Some(Attr::Text(name)) if name == "valid" => Padding::Valid,
            Some(Attr::Text(name)) if name == "same" => Padding::Same,
            Some(Attr::Text(name)) if name == "causal" && size.len() == 1 => Padding::Causal,
            Some(other) => {
                let known = if size.len() == 1 { "valid, same or causal" } else { "valid or same" };
                return Err(Fault::new(
                    format!("expected the padding {known}, received {other:?}"),
                    "choose one of them",
                ));
            }
        };
        Ok(Self { size: size.to_vec(), strides: sizes("strides")?, dilation: sizes("dilation")?, padding })
    }

    /// How far apart the first and the last number are that the window sees, plus one.
    fn reach(&self, axis: usize) -> usize {
        (self.size[axis] - 1) * self.dilation[axis] + 1
    }

    /// How many places the window has on an axis of this size.
    ///
    /// # Errors
    /// When it is larger than the axis and may not reach over its ends.
    pub fn places(&self, axis: usize, size: usize) -> Result<usize, Fault> {
        if self.padding != Padding::Valid {
            return Ok(size.div_ceil(self.strides[axis]));
        }
        let reach = self.reach(axis);
        let left = size.checked_sub(reach).ok_or_else(|| {
            Fault::new(
                format!("a window that reaches over {reach} does not fit on an axis of size {size}"),
                "use the padding \"same\", a smaller window, or larger inputs",
            )
        })?;
        Ok(left / self.strides[axis] + 1)
    }

    /// How many places beyond the axis lie before it.
    pub fn before(&self, axis: usize, size: usize, places: usize) -> usize {
        let beyond = (places.saturating_sub(1) * self.strides[axis] + self.reach(axis)).saturating_sub(size);
        match self.padding {
            Padding::Valid => 0,
            Padding::Same => beyond / 2,
            Padding::Causal => self.reach(axis) - 1,
        }
    }

    /// The shape of a batch of images or sequences with windows in place of positions; channels stay.
    pub fn slide(&self, x: &Shape) -> Result<Shape, Fault> {
        let axes = self.size.len();
        if x.rank() != axes + 2 {
            let form = if axes == 1 { "(batch, steps, channels)" } else { "(batch, height, width, channels)" };
            return Err(Fault::new(
                format!("expected an input of shape {form}, received {x}"),
                "insert the missing axis",
            ));
        }
        let mut shape = x.0.clone();
        for axis in 0..axes {
            shape[axis + 1] = shape[axis + 1].map(|size| self.places(axis, size)).transpose()?;
        }
        Ok(Shape(shape))
    }
}

/// The sizes of two axes, of which a sequence has the second only.
pub fn pair(sizes: &[usize]) -> [usize; 2] {
    match *sizes {
        [size] => [1, size],
        [first, second, ..] => [first, second],
        [] => [1, 1],
    }
}
