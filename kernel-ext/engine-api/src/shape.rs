//! The shape of a symbolic tensor, whose batch dimension is not yet known.

use std::fmt;

/// The sizes of a tensor's axes; `None` is a size that only the data will tell (the batch).
///
/// ```
/// use engine_api::Shape;
/// let images = Shape::batch_of(&[28, 28, 1]);
/// assert_eq!(images.to_string(), "(None, 28, 28, 1)");
/// assert_eq!(images.with_batch(16).unwrap(), [16, 28, 28, 1]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape(pub Vec<Option<usize>>);

impl Shape {
    /// A shape whose sizes are all known.
    pub fn known(sizes: &[usize]) -> Self {
        Self(sizes.iter().copied().map(Some).collect())
    }

    /// An unknown batch size in front of `sizes`.
    pub fn batch_of(sizes: &[usize]) -> Self {
        Self(std::iter::once(None).chain(sizes.iter().copied().map(Some)).collect())
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The sizes with `batch` in place of every unknown one, or `None` when an axis other than the
    /// first is unknown.
    pub fn with_batch(&self, batch: usize) -> Option<Vec<usize>> {
        self.0.iter().enumerate().map(|(axis, size)| size.or((axis == 0).then_some(batch))).collect()
    }

    /// The number of elements of one sample: the product of all sizes but the first.
    pub fn sample_len(&self) -> Option<usize> {
        self.0.iter().skip(1).copied().product()
    }
}

impl fmt::Display for Shape {
    /// As Keras prints it: `(None, 10)`, and `(None,)` for one axis.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(")?;
        for (axis, size) in self.0.iter().enumerate() {
            if axis > 0 {
                write!(f, ", ")?;
            }
            match size {
                Some(size) => write!(f, "{size}")?,
                None => write!(f, "None")?,
            }
        }
        write!(f, "{})", if self.0.len() == 1 { "," } else { "" })
    }
}
