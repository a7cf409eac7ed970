//! What a graph makes of numbers.

use crate::error::{Error, Report, Result, expect_good};
use crate::models::{Function, Network};
use crate::numbers::{Numbers, shape_text};
use crate::tensor::{Source, Tensors};
use crate::{Tensor, Weight};
use ndarray::ArrayD;
use std::collections::HashSet;

impl Tensor {
    /// The numbers of this tensor, when placeholders have these.
    ///
    /// Every tensor on the way can be given numbers, also one that would be computed otherwise.
    ///
    /// Source: TensorFlow 1's `tensor.eval(feed_dict={...})`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = placeholder(());
    /// let y = x.sin();
    /// let slope = &gradients(&y, &[&x])[0];
    /// assert_eq!(slope.eval(&[(&x, &0.0)]).sum(), 1.0);
    /// assert_eq!(y.exp().eval(&[(&y, &0.0)]).sum(), 1.0);
    /// ```
    ///
    /// # Panics
    /// When a placeholder has no numbers, or numbers of another shape; [`Tensor::try_eval`] returns the error
    /// instead.
    #[track_caller]
    pub fn eval(&self, feed: &[(&Tensor, &dyn Numbers)]) -> ArrayD<f32> {
        expect_good(self.try_eval(feed))
    }

    /// As [`Tensor::eval`].
    ///
    /// # Errors
    /// [`Error::Order`] when a placeholder has no numbers, [`Error::Shape`] for numbers of another shape.
    pub fn try_eval(&self, feed: &[(&Tensor, &dyn Numbers)]) -> Result<ArrayD<f32>> {
        let mut values = Vec::with_capacity(feed.len());
        for (tensor, numbers) in feed {
            values.push(value_of(tensor, *numbers)?);
        }
        let fed: Vec<Tensor> = feed.iter().map(|(tensor, _)| (*tensor).clone()).collect();
        expect_fed(self, &fed)?;
        let network = Network::new(Tensors(fed), self.into());
        let output = network.replay(&values)?.remove(0);
        Ok(Function::try_new(&[], &[&output])?.try_call(&[])?.remove(0))
    }
}

/// The numbers that a tensor is given, as a tensor.
fn value_of(tensor: &Tensor, numbers: &dyn Numbers) -> Result<Tensor> {
    let view = numbers.numbers();
    let (expected, shape) = (&tensor.shape().0, view.shape());
    let fits = expected.len() == shape.len()
        && expected.iter().zip(shape).all(|(expected, size)| expected.is_none_or(|expected| expected == *size));
    let is_number = shape.is_empty() && expected.as_slice() == [None];
    if !fits && !is_number {
        let report = Report::new("eval", format!("the numbers for {tensor} have another shape"));
        return Err(Error::shape(report.expected(tensor.shape(), shape_text(shape))));
    }
    Ok(Weight::statistic(tensor.name(), shape, view.to_f32()).tensor())
}

/// Every placeholder on the way must have numbers.
fn expect_fed(output: &Tensor, fed: &[Tensor]) -> Result<()> {
    let (mut waiting, mut seen) = (vec![output.clone()], HashSet::new());
    while let Some(tensor) = waiting.pop() {
        if fed.iter().any(|other| other.is(&tensor)) || !seen.insert(tensor.key()) {
            continue;
        }
        match tensor.source() {
            Source::Op(_, inputs) => waiting.extend(inputs.iter().cloned()),
            Source::Weight(_) => {}
            Source::Input => {
                let report = Report::new("eval", format!("{tensor} has no numbers, and {output} depends on it"));
                return Err(Error::order(report.hint("give them: `y.eval(&[(&x, &array![1.0, 2.0])])`")));
            }
        }
    }
    Ok(())
}
