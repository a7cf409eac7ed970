//! The class of the samples that are most alike.

use super::classes;
use crate::display::check_interrupt;
use crate::error::{Error, Report, Result, expect_good};
use crate::models::Function;
use crate::numbers::Numbers;
use crate::preprocessing::{samples, two_axes};
use crate::{Tensor, Weight, ops};
use engine_api::{Attr, Op, Shape};
use ndarray::{Array1, Array2, ArrayView1, Axis, s};

/// The most distances that are held at once.
const DISTANCES: usize = 1 << 24;

/// Gives a sample the class of the k samples nearest to it: a baseline that learns nothing.
///
/// All neighbours count alike; among equally frequent classes the smallest wins, as in scikit-learn. Distances
/// are computed in single precision.
///
/// # Shapes
/// samples (samples, features), labels (samples,) or (samples, classes)
///
/// Sources: Fix and Hodges, 1951; `sklearn.neighbors.KNeighborsClassifier`.
///
/// ```
/// use course::prelude::*;
/// let mut neighbors = KNeighborsClassifier::new(3);
/// neighbors.fit(&array![[0.0], [1.0], [2.0], [10.0], [11.0]], &[1, 1, 0, 2, 2]);
/// let x = array![[1.4], [6.5]];
/// assert_eq!(neighbors.predict(&x), array![1, 2]);
/// assert!((neighbors.predict_proba(&x)[[0, 1]] - 2.0 / 3.0).abs() < 1e-7);
/// assert_eq!(neighbors.score(&x, &[1, 0]), 0.5);
/// ```
#[derive(Debug)]
pub struct KNeighborsClassifier {
    n_neighbors: usize,
    seen: Option<Seen>,
}

/// The samples to compare with.
#[derive(Debug)]
struct Seen {
    labels: Vec<usize>,
    classes: usize,
    mean: Array1<f32>,
    /// How near each of these samples is to each of a batch: half the square of the former's length less their
    /// product, which orders them as their distances do.
    nearness: Function,
}

impl KNeighborsClassifier {
    /// A classifier that asks so many neighbours.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn new(n_neighbors: usize) -> Self {
        if n_neighbors == 0 {
            let report = Report::new("KNeighborsClassifier", "`n_neighbors` is out of range");
            expect_good(Err(Error::value(report.expected("1 or more", n_neighbors))))
        }
        Self { n_neighbors, seen: None }
    }

    /// Remembers samples and their classes.
    ///
    /// # Panics
    /// When the arrays do not fit, or hold fewer samples than neighbours; [`KNeighborsClassifier::try_fit`] returns
    /// the error instead.
    #[track_caller]
    pub fn fit(&mut self, x: &dyn Numbers, y: &dyn Numbers) -> &mut Self {
        expect_good(self.try_fit(x, y));
        self
    }

    /// As [`KNeighborsClassifier::fit`]. After an error everything is as it was.
    ///
    /// # Errors
    /// [`Error::Shape`] when the arrays do not fit, [`Error::Data`] for labels that are no classes.
    pub fn try_fit(&mut self, x: &dyn Numbers, y: &dyn Numbers) -> Result<()> {
        let place = "KNeighborsClassifier";
        x.numbers().check_finite(place, "x")?;
        let mut x = samples(place, x)?;
        let (labels, width) = classes(place, "y", y)?;
        if labels.len() != x.nrows() {
            let report = Report::new(place, "`x` and `y` must have the same number of samples");
            return Err(Error::shape(report.expected(x.nrows(), labels.len())));
        }
        if labels.len() < self.n_neighbors {
            let report = Report::new(place, "there cannot be more neighbours than samples");
            return Err(Error::value(report.expected(format!("at most {}", labels.len()), self.n_neighbors)));
        }
        // Differences do not change when all samples are shifted, and small numbers lose less to rounding.
        let mean = x.mapv(f64::from).mean_axis(Axis(0)).unwrap_or_default().mapv(|mean| mean as f32);
        x -= &mean;
        let classes = width.max(labels.iter().max().map_or(0, |most| most + 1));
        self.seen = Some(Seen { labels, classes, nearness: nearness(x)?, mean });
        Ok(())
    }

    /// The share of each class among a sample's neighbours.
    ///
    /// # Shapes
    /// (samples, features) -> (samples, classes)
    ///
    /// # Panics
    /// Before `fit`, when the samples have another number of features, or when the user interrupts;
    /// [`KNeighborsClassifier::try_predict_proba`] returns the error instead.
    #[track_caller]
    pub fn predict_proba(&self, x: &dyn Numbers) -> Array2<f32> {
        expect_good(self.try_predict_proba(x))
    }

    /// As [`KNeighborsClassifier::predict_proba`].
    ///
    /// # Errors
    /// [`Error::Order`] before `fit`, [`Error::Shape`] for another number of features, [`Error::Interrupted`].
    pub fn try_predict_proba(&self, x: &dyn Numbers) -> Result<Array2<f32>> {
        let place = "KNeighborsClassifier";
        x.numbers().check_finite(place, "x")?;
        let x = samples(place, x)?;
        let Some(Seen { labels, classes, mean, nearness }) = &self.seen else {
            return Err(Error::order(Report::new(place, "it has seen no samples yet").hint("call `fit` first")));
        };
        if x.ncols() != mean.len() {
            let report = Report::new(place, "the samples have another number of features than those of `fit`");
            return Err(Error::shape(report.expected(mean.len(), x.ncols())));
        }
        let batch = (DISTANCES / labels.len()).clamp(1, x.nrows());
        let mut shares = Array2::zeros((x.nrows(), *classes));
        for begin in (0..x.nrows()).step_by(batch) {
            check_interrupt(place)?;
            let samples = &x.slice(s![begin..x.nrows().min(begin + batch), ..]) - mean;
            let near = two_axes(place, nearness.try_call(&[&samples])?.remove(0))?;
            for (row, near) in near.rows().into_iter().enumerate() {
                for sample in nearest(near, self.n_neighbors) {
                    shares[[begin + row, labels[sample]]] += 1.0 / self.n_neighbors as f32;
                }
            }
        }
        Ok(shares)
    }

    /// The class of each sample.
    ///
    /// # Shapes
    /// (samples, features) -> (samples,)
    ///
    /// # Panics
    /// As [`KNeighborsClassifier::predict_proba`].
    #[track_caller]
    pub fn predict(&self, x: &dyn Numbers) -> Array1<usize> {
        crate::utils::argmax(&self.predict_proba(x))
    }

    /// The share of samples whose class is found.
    ///
    /// # Panics
    /// As [`KNeighborsClassifier::predict_proba`], and when there are other labels than samples.
    #[track_caller]
    pub fn score(&self, x: &dyn Numbers, y: &dyn Numbers) -> f64 {
        super::accuracy_score(y, &self.predict(x))
    }
}

fn nearness(samples: Array2<f32>) -> Result<Function> {
    let (place, (count, features)) = ("KNeighborsClassifier", samples.dim());
    let half_squares =
        samples.rows().into_iter().map(|row| -0.5 * row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>());
    let bias = Weight::statistic("half_squares", &[count], half_squares.map(|square| square as f32).collect());
    let kernel = Weight::statistic("samples", &[count, features], samples.into_iter().collect());
    let input = Tensor::input(Shape::batch_of(&[features]), "samples");
    let op = Op::new("dense").with("transpose_kernel", Attr::Bool(true));
    Function::try_new(&[&input], &[&ops::with_weights(op, &input, &[kernel, bias], place)?])
}

/// The places of the greatest numbers, of equal ones the first.
fn nearest(near: ArrayView1<f32>, count: usize) -> Vec<usize> {
    let mut found: Vec<(f32, usize)> = Vec::with_capacity(count + 1);
    let mut least = f32::NEG_INFINITY;
    for (place, &number) in near.iter().enumerate() {
        if found.len() < count || number > least {
            let at = found.partition_point(|&(other, _)| other >= number);
            found.insert(at, (number, place));
            found.truncate(count);
            least = found[found.len() - 1].0;
        }
    }
    found.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::{KNeighborsClassifier, nearest};
    use ndarray::{Array1, array};

    #[test]
    fn the_first_of_equally_near_samples_count() {
        let near = Array1::from(vec![1.0, 3.0, 2.0, 3.0, 2.0]);
        assert_eq!(nearest(near.view(), 3), [1, 3, 2]);
        assert_eq!(nearest(near.view(), 5), [1, 3, 2, 4, 0]);
    }

    #[test]
    fn wrong_uses_are_named() {
        let mut neighbors = KNeighborsClassifier::new(2);
        let x = array![[0.0], [1.0]];
        let error = neighbors.try_predict_proba(&x).expect_err("no samples yet").to_string();
        assert_eq!(error, "KNeighborsClassifier: it has seen no samples yet\n  hint: call `fit` first");
        for (x, y, message) in [
            (array![[0.0], [1.0]], vec![1.0], "`x` and `y` must have the same number of samples"),
            (array![[0.0], [1.0]], vec![1.0, 0.5], "`y` holds a label that is no class (sample 1)"),
            (array![[0.0]], vec![1.0], "there cannot be more neighbours than samples"),
            (array![[0.0], [f64::NAN]], vec![1.0, 0.0], "`x` holds NaN at index [1, 0]"),
        ] {
            let error = neighbors.try_fit(&x, &y).expect_err(message).to_string();
            assert!(error.starts_with(&format!("KNeighborsClassifier: {message}")), "{error}");
        }
        neighbors.fit(&x, &[0, 1]);
        let error = neighbors.try_predict_proba(&array![[0.0, 1.0]]).expect_err("two features").to_string();
        assert!(error.contains("another number of features"), "{error}");
    }
}
