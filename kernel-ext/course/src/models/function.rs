//! Symbolic tensors as a function of arrays.

use super::lower::Dependencies;
use super::program::{Pass, Program};
use crate::display::check_interrupt;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, View, array, shape_text};
use crate::{Tensor, ops};
use engine_api::{Mode, Shape};
use ndarray::ArrayD;

/// A function from arrays to arrays: the computation that leads from some symbolic tensors to others.
///
/// Source: `keras.backend.function`.
///
/// ```
/// use course::prelude::*;
/// let x = Input::new([2]).tensor();
/// let dense = Dense::new(1);
/// let y = dense.call(&x);
/// dense.set_weights(&[array![[2.0], [3.0]].into_dyn(), array![1.0].into_dyn()]);
/// let slope = &gradients(&y, &[&x])[0];
/// let values = Function::new(&[&x], &[&y, slope]).call(&[&array![[1.0, 1.0], [0.0, 2.0]]]);
/// assert_eq!(values[0], array![[6.0], [7.0]].into_dyn());
/// assert_eq!(values[1], array![[2.0, 3.0], [2.0, 3.0]].into_dyn());
/// ```
#[derive(Debug)]
pub struct Function {
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
    mode: Mode,
    program: Program,
}

impl Function {
    /// The function that computes `outputs` from `inputs`, with weights as they are at each call.
    ///
    /// # Panics
    /// When an output depends on an input that is not among `inputs`.
    #[track_caller]
    pub fn new(inputs: &[&Tensor], outputs: &[&Tensor]) -> Self {
        expect_good(Self::try_new(inputs, outputs))
    }

    /// As [`Function::new`].
    ///
    /// # Errors
    /// [`Error::Backend`] when the backend refuses the computation.
    pub fn try_new(inputs: &[&Tensor], outputs: &[&Tensor]) -> Result<Self> {
        let own = |tensors: &[&Tensor]| tensors.iter().map(|&tensor| tensor.clone()).collect::<Vec<_>>();
        let (inputs, outputs) = (own(inputs), own(outputs));
        let program = Program::between(&inputs, &outputs, &Dependencies::between(&inputs, &outputs).weights, None)?;
        Ok(Self { inputs, outputs, mode: Mode::Predict, program })
    }

    /// Whether layers do what they do in training: dropout drops, batch normalisation uses the batch
    /// and moves its statistics.
    #[must_use]
    pub fn training(mut self, training: bool) -> Self {
        self.mode = if training { Mode::Forward } else { Mode::Predict };
        self
    }

    /// Computes the outputs for one batch.
    ///
    /// # Panics
    /// When the arrays do not fit; [`Function::try_call`] returns the error instead.
    #[track_caller]
    pub fn call(&self, inputs: &[&dyn Numbers]) -> Vec<ArrayD<f32>> {
        expect_good(self.try_call(inputs))
    }

    /// As [`Function::call`].
    ///
    /// # Errors
    /// [`Error::Shape`] when number or shapes of the arrays are wrong.
    pub fn try_call(&self, inputs: &[&dyn Numbers]) -> Result<Vec<ArrayD<f32>>> {
        let views: Vec<View> = inputs.iter().map(|input| input.numbers()).collect();
        let samples = self.samples(&views)?;
        let shapes: Vec<Vec<usize>> =
            self.outputs.iter().map(|output| known(output.shape(), samples)).collect::<Result<_>>()?;
        let mut rooms: Vec<Vec<f32>> = shapes.iter().map(|shape| vec![0.0; shape.iter().product()]).collect();
        let data = views.iter().map(|view| view.data(0, samples)).collect();
        let pass = Pass::of(self.mode, data, samples, samples).into(&mut rooms);
        self.program.run(pass, |_| check_interrupt("Function"))?;
        Ok(shapes.iter().zip(rooms).map(|(shape, values)| array(shape, values)).collect())
    }

    fn samples(&self, views: &[View]) -> Result<usize> {
        if views.len() != self.inputs.len() {
            let report = Report::new("Function", "it got another number of arrays than it has inputs");
            return Err(Error::shape(report.expected(self.inputs.len(), views.len())));
        }
        let samples = views.first().map_or(1, View::samples);
        for (view, input) in views.iter().zip(&self.inputs) {
            let fits = known(input.shape(), samples).is_ok_and(|shape| shape == view.shape());
            if samples == 0 || !fits {
                let report = Report::new("Function", format!("the array for {input} has another shape"))
                    .expected(input.shape(), shape_text(view.shape()))
                    .hint("all arrays of a call have the same number of samples, at least one");
                return Err(Error::shape(report));
            }
        }
        Ok(samples)
    }
}

fn known(shape: &Shape, samples: usize) -> Result<Vec<usize>> {
    shape.with_batch(samples).ok_or_else(|| {
        Error::shape(Report::new("Function", format!("an axis of {shape} besides the batch is not known")))
    })
}

/// The gradient of a tensor's sum with respect to other tensors, as new symbolic tensors.
///
/// Source: `keras.backend.gradients`.
///
/// # Panics
/// When an op on the way has no gradient.
#[track_caller]
pub fn gradients(of: &Tensor, with_respect_to: &[&Tensor]) -> Vec<Tensor> {
    expect_good(try_gradients(of, with_respect_to))
}

/// As [`gradients`].
///
/// # Errors
/// [`Error::Backend`] when the backend refuses the op.
pub fn try_gradients(of: &Tensor, with_respect_to: &[&Tensor]) -> Result<Vec<Tensor>> {
    let total = if of.shape().rank() == 0 { of.clone() } else { ops::unary("sum", of, "gradients")? };
    with_respect_to.iter().map(|source| ops::gradient(&total, source)).collect()
}
