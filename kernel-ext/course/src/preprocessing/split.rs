//! Samples for training, and others for testing.

use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::shape_text;
use crate::seed::next_generator;
use ndarray::{Array, ArrayBase, Axis, Data, Dimension, RemoveAxis};

/// Which samples are for training, and which for testing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Split {
    train: Vec<usize>,
    test: Vec<usize>,
}

/// Arrays of which some samples can be taken.
pub trait Selection {
    /// The arrays that the samples make.
    type Taken;
    /// How many samples each array has.
    fn counts(&self) -> Vec<usize>;
    /// The samples at these places.
    fn take(&self, places: &[usize]) -> Self::Taken;
}

impl<S, D> Selection for &ArrayBase<S, D>
where
    S: Data<Elem: Clone>,
    D: Dimension + RemoveAxis,
{
    type Taken = Array<S::Elem, D>;

    fn counts(&self) -> Vec<usize> {
        vec![self.len_of(Axis(0))]
    }

    fn take(&self, places: &[usize]) -> Self::Taken {
        self.select(Axis(0), places)
    }
}

impl<A: Selection, B: Selection> Selection for (A, B) {
    type Taken = (A::Taken, B::Taken);

    fn counts(&self) -> Vec<usize> {
        [self.0.counts(), self.1.counts()].concat()
    }

    fn take(&self, places: &[usize]) -> Self::Taken {
        (self.0.take(places), self.1.take(places))
    }
}

/// Splits samples and their targets at random: `test_size` of them, rounded up, are for testing.
///
/// The arrays may have any type of numbers; samples and targets stay together. The seed is that of
/// [`set_random_seed`](crate::prelude::set_random_seed).
///
/// # Panics
/// When `test_size` does not leave a sample on each side, or when the arrays have different numbers of samples.
///
/// Source: `sklearn.model_selection.train_test_split`; the random numbers are not scikit-learn's.
///
/// ```
/// use course::prelude::*;
/// let (x, y) = (array![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]], array![0_u8, 1, 2, 3]);
/// let ((x_train, y_train), (x_test, y_test)) = train_test_split((&x, &y), 0.25);
/// assert_eq!((x_train.nrows(), x_test.nrows()), (3, 1));
/// assert_eq!(x_test[[0, 0]], f64::from(y_test[0]));
/// assert_eq!(y_train.sum() + y_test[0], 6);
/// ```
#[track_caller]
pub fn train_test_split<A: Selection>(arrays: A, test_size: f64) -> (A::Taken, A::Taken) {
    let split = expect_good(Split::of(&arrays.counts(), test_size));
    (arrays.take(&split.train), arrays.take(&split.test))
}

impl Split {
    fn of(counts: &[usize], test_size: f64) -> Result<Self> {
        let (place, count) = ("train_test_split", counts[0]);
        if counts.iter().any(|&other| other != count) {
            let report = Report::new(place, "the arrays must have the same number of samples");
            return Err(Error::shape(report.expected(count, shape_text(&counts[1..]))));
        }
        let test = (test_size * count as f64).ceil();
        if !(test >= 1.0 && test < count as f64) {
            let report = Report::new(place, format!("`test_size` must leave samples on each side of {count}"));
            return Err(Error::value(report.expected("a share between 0 and 1", test_size)));
        }
        let order: Vec<usize> = next_generator().permutation(count).into_iter().map(|place| place as usize).collect();
        let (test, train) = order.split_at(test as usize);
        Ok(Self { train: train.to_vec(), test: test.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::Split;

    #[test]
    fn every_sample_is_on_one_side() {
        let split = Split::of(&[7, 7], 0.3).expect("a split");
        assert_eq!((split.train.len(), split.test.len()), (4, 3));
        let mut all = [split.train, split.test].concat();
        all.sort_unstable();
        assert_eq!(all, (0..7).collect::<Vec<_>>());
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        for (counts, test_size, message) in [
            (&[7, 6][..], 0.3, "train_test_split: the arrays must have the same number of samples\n  expected: 7"),
            (&[7], 1.0, "train_test_split: `test_size` must leave samples on each side of 7"),
            (&[7], f64::NAN, "train_test_split: `test_size` must leave samples on each side of 7"),
            (&[1], 0.5, "train_test_split: `test_size` must leave samples on each side of 1"),
            (&[0], 0.5, "train_test_split: `test_size` must leave samples on each side of 0"),
        ] {
            let error = Split::of(counts, test_size).expect_err(message).to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
