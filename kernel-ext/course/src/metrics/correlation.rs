//! How target and prediction go together within each sample.
//!
//! Source: `keras/src/metrics/correlation_metrics.py`.

use super::{EPSILON, Metric};
use crate::{Result, Tensor, ops};

impl Metric {
    fn over_last(&self, reduction: &str, tensor: &Tensor) -> Result<Tensor> {
        ops::reduce(reduction, tensor, &[-1], true, &self.name)
    }

    fn without_mean(&self, tensor: &Tensor) -> Result<Tensor> {
        ops::binary("subtract", tensor, &self.over_last("mean", tensor)?, &self.name)
    }

    /// The mean of the products of both in standard deviations from their means.
    pub(super) fn pearson(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let name = &self.name;
        ops::compare("mean_squared_error", target, prediction, name)?;
        let standard = |tensor: &Tensor| {
            let deviation = ops::unary("sqrt", &self.over_last("variance", tensor)?, name)?;
            ops::binary("divide", &self.without_mean(tensor)?, &deviation, name)
        };
        ops::mean_of_samples(&ops::binary("multiply", &standard(target)?, &standard(prediction)?, name)?, name)
    }

    /// Twice the covariance over both variances and the square of the distance between the means.
    pub(super) fn concordance(&self, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
        let name = &self.name;
        ops::compare("mean_squared_error", target, prediction, name)?;
        let covariance = ops::binary("multiply", &self.without_mean(target)?, &self.without_mean(prediction)?, name)?;
        let distance = self.over_last("mean", &ops::binary("subtract", target, prediction, name)?)?;
        let (a, b) = (self.over_last("variance", target)?, self.over_last("variance", prediction)?);
        let spread =
            ops::binary("add", &ops::binary("add", &a, &b, name)?, &ops::unary("square", &distance, name)?, name)?;
        let twice = ops::affine(&covariance, 2.0, 0.0, name)?;
        ops::mean_of_samples(&ops::binary("divide", &twice, &ops::affine(&spread, 1.0, EPSILON, name)?, name)?, name)
    }
}
