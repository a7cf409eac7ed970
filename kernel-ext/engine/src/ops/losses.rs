//! The form that losses and metrics share: targets and predictions go in, one value a sample comes
//! out, and for losses a gradient with respect to the predictions.

use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

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
    const TARGETS: Targets = Targets::Dense;

    /// The value of a row.
    fn value(from_logits: bool, targets: &[f32], predictions: &[f32]) -> f32;

    /// The derivative of the value with respect to each prediction.
    fn slope(from_logits: bool, targets: &[f32], predictions: &[f32], slope: &mut [f32]);
}

/// The op of a loss.
pub struct Loss<L>(pub L);

/// The op of a loss's gradient: inputs are the gradient of each sample's value, targets, predictions.
pub struct LossGradient<L>(pub L);

fn from_logits(op: &Op) -> bool {
    matches!(op.attr("from_logits"), Some(engine_api::Attr::Bool(true)))
}

/// How a prediction array is cut into rows: rows a sample, and numbers a row.
fn rows(predictions: &[usize]) -> (usize, usize) {
    let width = if predictions.len() > 1 { predictions[predictions.len() - 1] } else { 1 };
    let sample: usize = predictions.iter().skip(1).product();
    (sample / width.max(1), width.max(1))
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

fn target_width<L: RowLoss>(width: usize) -> usize {
    if L::TARGETS == Targets::Dense { width } else { 1 }
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
        let ((rows, width), logits) = (rows(inputs[1]), from_logits(op));
        let target_width = target_width::<L>(width);
        Some(Kernel::new(L::NAME, move |work: &mut Work<'_>| {
            let mut pairs = work.inputs[0].chunks_exact(target_width).zip(work.inputs[1].chunks_exact(width));
            for value in work.output.iter_mut() {
                let total: f32 = pairs.by_ref().take(rows).map(|(t, p)| L::value(logits, t, p)).sum();
                *value = total / rows as f32;
            }
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

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        backward.refuse()
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let ((rows, width), logits) = (rows(inputs[2]), from_logits(op));
        let target_width = target_width::<L>(width);
        Some(Kernel::new(L::GRADIENT, move |work: &mut Work<'_>| {
            let pairs = work.inputs[1].chunks_exact(target_width).zip(work.inputs[2].chunks_exact(width));
            for (row, ((targets, predictions), slope)) in pairs.zip(work.output.chunks_exact_mut(width)).enumerate() {
                L::slope(logits, targets, predictions, slope);
                let share = work.inputs[0][row / rows] / rows as f32;
                slope.iter_mut().for_each(|slope| *slope *= share);
            }
        }))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], _: &[usize]) -> u64 {
        12 * inputs[2].iter().product::<usize>() as u64
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
        let (rows, width) = rows(inputs[1]);
        let target_width = if self.targets == Targets::Dense { width } else { 1 };
        let value_of_row = self.value;
        Some(Kernel::new(self.name, move |work: &mut Work<'_>| {
            let mut pairs = work.inputs[0].chunks_exact(target_width).zip(work.inputs[1].chunks_exact(width));
            for value in work.output.iter_mut() {
                let total: f32 = pairs.by_ref().take(rows).map(|(t, p)| value_of_row(t, p)).sum();
                *value = total / rows as f32;
            }
        }))
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
