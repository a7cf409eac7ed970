//! Principal components.

use super::{fitted, samples, two_axes};
use crate::error::{Error, Report, Result, expect_good};
use crate::models::Function;
use crate::numbers::Numbers;
use crate::{Tensor, ops, waist};
use engine_api::{DecomposeSymmetric, Op, Shape};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};

/// How many samples are taken at once, so that their copy in single precision stays small.
const CHUNK: usize = 4096;

/// Principal component analysis: the directions in which samples differ most.
///
/// The components are the eigenvectors of the covariance matrix with the largest eigenvalues. The sign
/// of each is chosen so that its largest number is positive, as in scikit-learn.
///
/// # Shapes
/// (samples, features) -> (samples, components)
///
/// Sources: Pearson, 1901; `sklearn.decomposition.PCA`.
///
/// ```
/// use course::prelude::*;
/// // Points near the line y = 2x.
/// let x = array![[0.0_f32, 0.0], [1.0, 2.0], [2.0, 4.0], [3.0, 6.1]];
/// let mut pca = Pca::new(1);
/// let y = pca.fit_transform(&x);
/// assert_eq!(y.shape(), [4, 1]);
/// let direction = pca.components().row(0);
/// assert!((direction[1] / direction[0] - 2.0).abs() < 0.05);
/// assert!(pca.explained_variance_ratio()[0] > 0.999);
/// ```
#[derive(Clone, Debug)]
pub struct Pca {
    n_components: usize,
    mean: Array1<f32>,
    components: Array2<f32>,
    explained_variance: Array1<f64>,
    total_variance: f64,
}

impl Pca {
    /// An analysis that keeps so many components.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn new(n_components: usize) -> Self {
        if n_components == 0 {
            let report = Report::new("Pca", "`n_components` is out of range");
            expect_good(Err(Error::value(report.expected("1 or more", n_components))))
        }
        let (mean, components) = (Array1::zeros(0), Array2::zeros((0, 0)));
        Self { n_components, mean, components, explained_variance: Array1::zeros(0), total_variance: 0.0 }
    }

    /// Finds the components of samples.
    ///
    /// # Panics
    /// When the array does not have two axes, or fewer samples or features than there are components;
    /// [`Pca::try_fit`] returns the error instead.
    #[track_caller]
    pub fn fit(&mut self, x: &dyn Numbers) -> &mut Self {
        expect_good(self.try_fit(x));
        self
    }

    /// As [`Pca::fit`]. After an error everything is as it was.
    ///
    /// # Errors
    /// [`Error::Shape`] when the array cannot have so many components.
    pub fn try_fit(&mut self, x: &dyn Numbers) -> Result<()> {
        let x = samples("Pca", x)?;
        let (count, features) = x.dim();
        if self.n_components > count.min(features) {
            let report = Report::new("Pca", "there cannot be more components than samples or features");
            return Err(Error::shape(report.expected(format!("at most {}", count.min(features)), self.n_components)));
        }
        let mean = sum_of(&x, &column_sums(features)?, features)?.mapv(|sum| (sum / count as f64) as f32);
        let scatter = sum_of(&x, &scatter_around(&mean)?, features * features)?;
        let covariance = scatter.mapv(|sum| sum / (count.max(2) - 1) as f64);
        let total_variance = (0..features).map(|feature| covariance[feature * (features + 1)]).sum();
        let eigen = waist::call(&DecomposeSymmetric { size: features, values: covariance.to_vec() })?;
        let kept = eigen.vectors[..self.n_components * features].chunks(features).flat_map(with_sign);
        self.components = Array2::from_shape_fn((self.n_components, features), |_| 0.0);
        self.components.iter_mut().zip(kept).for_each(|(to, number)| *to = number as f32);
        self.explained_variance = eigen.values[..self.n_components].iter().map(|value| value.max(0.0)).collect();
        (self.mean, self.total_variance) = (mean, total_variance);
        Ok(())
    }

    /// Gives samples by their components.
    ///
    /// # Panics
    /// Before `fit`, or when the samples have another number of features; [`Pca::try_transform`] returns
    /// the error instead.
    #[track_caller]
    pub fn transform(&self, x: &dyn Numbers) -> Array2<f32> {
        expect_good(self.try_transform(x))
    }

    /// As [`Pca::transform`].
    ///
    /// # Errors
    /// [`Error::Order`] before `fit`, [`Error::Shape`] for another number of features.
    pub fn try_transform(&self, x: &dyn Numbers) -> Result<Array2<f32>> {
        let features = self.mean.len();
        let x = fitted("Pca", x, features)?;
        let input = Tensor::input(Shape::batch_of(&[features]), "samples");
        let centred = centre(&input, &self.mean)?;
        let kernel = Tensor::constant(&self.components.t());
        let function = Function::try_new(&[&input], &[&ops::dense(&centred, &kernel, None, "Pca")?])?;
        let mut output = Array2::zeros((x.nrows(), self.n_components));
        for (from, mut to) in x.axis_chunks_iter(Axis(0), CHUNK).zip(output.axis_chunks_iter_mut(Axis(0), CHUNK)) {
            to.assign(&two_axes("Pca", function.try_call(&[&from])?.remove(0))?);
        }
        Ok(output)
    }

    /// Finds the components of samples and gives the samples by them.
    ///
    /// # Panics
    /// As [`Pca::fit`].
    #[track_caller]
    pub fn fit_transform(&mut self, x: &dyn Numbers) -> Array2<f32> {
        self.fit(x).transform(x)
    }

    /// The directions, one a row, the most important first.
    pub fn components(&self) -> &Array2<f32> {
        &self.components
    }

    /// The mean of the samples, which lies where all components are 0.
    pub fn mean(&self) -> &Array1<f32> {
        &self.mean
    }

    /// The variance along each component.
    pub fn explained_variance(&self) -> &Array1<f64> {
        &self.explained_variance
    }

    /// The part of the whole variance along each component.
    pub fn explained_variance_ratio(&self) -> Array1<f64> {
        &self.explained_variance / self.total_variance
    }
}

/// The sum of what a function gives for chunks of the samples, in double precision.
fn sum_of(x: &Array2<f32>, function: &Function, len: usize) -> Result<Array1<f64>> {
    let mut total = Array1::<f64>::zeros(len);
    for begin in (0..x.nrows()).step_by(CHUNK) {
        let chunk: ArrayView2<f32> = x.slice(s![begin..(begin + CHUNK).min(x.nrows()), ..]);
        let part = function.try_call(&[&chunk])?.remove(0);
        total.iter_mut().zip(&part).for_each(|(total, &number)| *total += f64::from(number));
    }
    Ok(total)
}

fn column_sums(features: usize) -> Result<Function> {
    let input = Tensor::input(Shape::batch_of(&[features]), "samples");
    Function::try_new(&[&input], &[&ops::reduce("sum", &input, &[0], false, "Pca")?])
}

/// The products of all pairs of centred features, summed over samples.
fn scatter_around(mean: &Array1<f32>) -> Result<Function> {
    let input = Tensor::input(Shape::batch_of(&[mean.len()]), "samples");
    let centred = centre(&input, mean)?;
    let products = Tensor::apply(Op::new("dense_kernel_gradient"), &[&centred, &centred], "Pca")?;
    Function::try_new(&[&input], &[&products])
}

fn centre(input: &Tensor, mean: &Array1<f32>) -> Result<Tensor> {
    ops::binary("subtract", input, &Tensor::constant(mean), "Pca")
}

/// The vector with the sign that makes its largest number positive.
fn with_sign(vector: &[f64]) -> Vec<f64> {
    let largest = vector
        .iter()
        .copied()
        .fold(0.0_f64, |largest, number| if number.abs() > largest.abs() { number } else { largest });
    vector.iter().map(|number| number * largest.signum()).collect()
}
