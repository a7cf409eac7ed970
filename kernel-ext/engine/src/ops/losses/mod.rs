//! The form that losses and metrics share: targets and predictions go in, one value a sample comes
//! out, and for losses a gradient with respect to the predictions.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::{Kernel, Work, math};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

/// Keras's small number: probabilities are kept this far from 0 and 1.
pub const EPSILON: f32 = 1e-7;

/// How the targets of a row are given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// As many as predictions.
    Dense,
    /// One class number instead of a row of probabilities.
    Sparse,
}

/// What a loss computes from the targets and the predictions of one row (the last axis).
pub trait RowLoss: Sync {
    const NAME: &'static str;
    const GRADIENT: &'static str;
    const CURVATURE: &'static str;
    const TARGETS: Targets = Targets::Dense;

    /// The value of a row.
    fn value(from_logits: bool, targets: &[f32], predictions: &[f32]) -> f32;

    /// The derivative of the value with respect to each prediction.
    fn slope(from_logits: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]);

    /// How the slopes change along a direction of the predictions: the matrix of second derivatives times it.
    fn curvature(from_logits: bool, targets: &[f32], predictions: &[f32], direction: &[f32], change: &mut [f32]);
}

/// The op of a loss.
pub struct Loss<L>(pub L);

/// The op of a loss's gradient: inputs are the gradient of each sample's value, targets, predictions.
pub struct LossGradient<L>(pub L);

/// The op of the gradient's gradient with respect to the predictions: inputs are those of [`LossGradient`], and the
/// direction in which the predictions move.
pub struct LossCurvature<L>(pub L);

fn from_logits(op: &Op) -> bool {
    matches!(op.attr("from_logits"), Some(Attr::Bool(true)))
}

/// How arrays of targets and predictions are cut into samples, and these into rows.
#[derive(Clone, Copy)]
struct Rows {
    samples: usize,
    /// Rows of a sample.
    count: usize,
    /// Predictions of a row.
    width: usize,
    /// Targets of a row.
    targets: usize,
}

impl Rows {
    fn of(predictions: &[usize], targets: Targets) -> Self {
        let width = if predictions.len() > 1 { predictions[predictions.len() - 1] } else { 1 }.max(1);
        let sample: usize = predictions.iter().skip(1).product();
        let targets = if targets == Targets::Dense { width } else { 1 };
        Self { samples: predictions.first().copied().unwrap_or(1), count: sample / width, width, targets }
    }

    /// What one number costs, in the unit of `Pool::split`.
    fn cost(&self) -> u64 {
        40 * (self.samples * self.count * self.width) as u64
    }

    fn targets_of(self, row: usize, targets: &[f32]) -> &[f32] {
        &targets[row * self.targets..(row + 1) * self.targets]
    }

    fn of_row(self, row: usize, numbers: &[f32]) -> &[f32] {
        &numbers[row * self.width..(row + 1) * self.width]
    }

    /// Writes for each sample the mean of a function of its rows. Each is computed by one thread, so that results do
    /// not depend on their number.
    fn means(self, work: &mut Work<'_>, value: impl Fn(&[f32], &[f32]) -> f32 + Sync) {
        let (targets, predictions, output) = (work.inputs[0], work.inputs[1], SharedSlice::new(work.output));
        work.pool.split(self.samples, 1, self.cost(), &|samples| {
            // SAFETY: the ranges of a split do not overlap.
            let values = unsafe { output.range(samples.clone()) };
            for (output, sample) in values.iter_mut().zip(samples) {
                let rows = sample * self.count..(sample + 1) * self.count;
                let total: f32 =
                    rows.map(|row| value(self.targets_of(row, targets), self.of_row(row, predictions))).sum();
                *output = total / self.count as f32;
            }
        });
    }

    /// Writes each row with a function of its number, weighted by the first input's number for its sample.
    fn weighted(self, work: &mut Work<'_>, write: impl Fn(usize, &mut [f32]) + Sync) {
        let (weights, output, rows) = (work.inputs[0], SharedSlice::new(work.output), self.samples * self.count);
        work.pool.split(rows, 1, self.cost(), &|rows| {
            for row in rows {
                // SAFETY: the ranges of a split do not overlap.
                let output = unsafe { output.range(row * self.width..(row + 1) * self.width) };
                write(row, output);
                let weight = weights[row / self.count] / self.count as f32;
                output.iter_mut().for_each(|number| *number = math::flush(*number * weight));
            }
        });
    }
}

/// The rule of sparse targets: those of the predictions without their last axis, or with 1 there.
pub fn per_sample_sparse(inputs: &[Shape]) -> Result<Shape, Fault> {
    expect_inputs(inputs, 2..=2)?;
    let (targets, predictions) = (&inputs[0], &inputs[1]);
    let mut reduced = predictions.clone();
    let classes = reduced.0.pop().flatten();
    let mut kept = reduced.clone();
    kept.0.push(Some(1));
    if predictions.rank() >= 2 && (shapes::agree(targets, &reduced) || shapes::agree(targets, &kept)) {
        return Ok(Shape(vec![predictions.0[0]]));
    }
    let classes = classes.map_or("the classes".into(), |classes| format!("0..{classes}"));
    Err(Fault::new(
        format!("expected one class number a prediction, shape {reduced}, received targets of shape {targets}"),
        format!("give whole numbers in {classes}; targets that are already one-hot go with the loss without `sparse_`"),
    ))
}

fn infer<L: RowLoss>(inputs: &[Shape]) -> Result<Shape, Fault> {
    match L::TARGETS {
        Targets::Dense => shapes::per_sample(inputs),
        Targets::Sparse => per_sample_sparse(inputs),
    }
}

impl<L: RowLoss> Operation for Loss<L> {
    fn name(&self) -> &'static str {
        L::NAME
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        infer::<L>(inputs)
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 1
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (targets, predictions) = (backward.input(0), backward.input(1));
        let op = Op { name: L::GRADIENT.into(), attrs: backward.op.attrs.clone() };
        vec![None, Some(backward.emit(op, &[backward.output_gradient(), targets, predictions]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let (rows, logits) = (Rows::of(inputs[1], L::TARGETS), from_logits(op));
        Some(Kernel::new(L::NAME, move |work: &mut Work<'_>| {
            rows.means(work, |targets, predictions| L::value(logits, targets, predictions));
        }))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        10 * inputs[1].iter().product::<usize>() as u64
    }
}

impl<L: RowLoss> Operation for LossGradient<L> {
    fn name(&self) -> &'static str {
        L::GRADIENT
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 3..=3)?;
        infer::<L>(&inputs[1..])?;
        Ok(inputs[2].clone())
    }

    fn differentiable(&self, input: usize) -> bool {
        input != 1
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let [weights, targets, predictions] = [0, 1, 2].map(|input| backward.input(input));
        let (direction, attrs) = (backward.output_gradient(), &backward.op.attrs);
        let (gradient, curvature) = (
            Op { name: L::GRADIENT.into(), attrs: attrs.clone() },
            Op { name: L::CURVATURE.into(), attrs: attrs.clone() },
        );
        let to_predictions = backward.emit(curvature, &[weights, targets, predictions, direction]);
        // The gradient is the weights times the slopes.
        let shape = backward.shape(weights);
        let ones = backward.emit(Op::constant(&shape, vec![1.0; shape.iter().product()]), &[]);
        let slopes = backward.emit(gradient, &[ones, targets, predictions]);
        let products = backward.emit(Op::new("multiply"), &[direction, slopes]);
        let axes: Vec<i64> = (1..backward.shape(predictions).len() as i64).collect();
        let sum = Op::new("sum").with("axes", Attr::Ints(axes.clone()));
        let to_weights = if axes.is_empty() { products } else { backward.emit(sum, &[products]) };
        vec![Some(to_weights), None, Some(to_predictions)]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let (rows, logits) = (Rows::of(inputs[2], L::TARGETS), from_logits(op));
        Some(Kernel::new(L::GRADIENT, move |work: &mut Work<'_>| {
            let (targets, predictions) = (work.inputs[1], work.inputs[2]);
            rows.weighted(work, |row, slope| {
                L::slope(logits, rows.targets_of(row, targets), rows.of_row(row, predictions), slope);
            });
        }))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        12 * inputs[2].iter().product::<usize>() as u64
    }
}

impl<L: RowLoss> Operation for LossCurvature<L> {
    fn name(&self) -> &'static str {
        L::CURVATURE
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 4..=4)?;
        infer::<L>(&inputs[1..3])?;
        shapes::all_same(&inputs[2..], 2)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        backward.refuse()
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let (rows, logits) = (Rows::of(inputs[2], L::TARGETS), from_logits(op));
        Some(Kernel::new(L::CURVATURE, move |work: &mut Work<'_>| {
            let [targets, predictions, direction] = [1, 2, 3].map(|input| work.inputs[input]);
            rows.weighted(work, |row, change| {
                let [predictions, direction] = [predictions, direction].map(|numbers| rows.of_row(row, numbers));
                L::curvature(logits, rows.targets_of(row, targets), predictions, direction, change);
            });
        }))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        14 * inputs[2].iter().product::<usize>() as u64
    }
}

/// A metric with one value a sample, from the targets and the predictions of each row.
pub struct RowMetric {
    pub name: &'static str,
    pub targets: Targets,
    pub value: fn(targets: &[f32], predictions: &[f32]) -> f32,
}

impl Operation for RowMetric {
    fn name(&self) -> &'static str {
        self.name
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        match self.targets {
            Targets::Dense => shapes::per_sample(inputs),
            Targets::Sparse => per_sample_sparse(inputs),
        }
    }

    fn differentiable(&self, _: usize) -> bool {
        false
    }

    fn kernel(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let (rows, value) = (Rows::of(inputs[1], self.targets), self.value);
        Some(Kernel::new(self.name, move |work: &mut Work<'_>| rows.means(work, value)))
    }
}

/// The place of the first largest number.
pub fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (place, &number) in row.iter().enumerate() {
        if number > row[best] {
            best = place;
        }
    }
    best
}

#[cfg(test)]
mod tests;
