//! The engine's ops as this crate uses them: the one place that knows their names.

use crate::{Result, Tensor, Weight};
use engine_api::{Attr, Op};

/// `input` times a kernel on the last axis, plus a bias where there is one.
pub(crate) fn dense(input: &Tensor, kernel: &Tensor, bias: Option<&Tensor>, label: &str) -> Result<Tensor> {
    let inputs: Vec<&Tensor> = [input, kernel].into_iter().chain(bias).collect();
    Tensor::apply(Op::new("dense"), &inputs, label)
}

/// An op on an input and the weights of a layer.
pub(crate) fn with_weights(op: Op, input: &Tensor, weights: &[Weight], label: &str) -> Result<Tensor> {
    let weights: Vec<Tensor> = weights.iter().map(Weight::tensor).collect();
    let inputs: Vec<&Tensor> = std::iter::once(input).chain(&weights).collect();
    Tensor::apply(op, &inputs, label)
}

/// All axes but the first in one, row-major.
pub(crate) fn flatten(input: &Tensor, label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new("flatten"), &[input], label)
}

/// Other axes for a sample; one size may be -1.
pub(crate) fn reshape(input: &Tensor, sizes: &[i64], label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new("reshape").with("shape", Attr::Ints(sizes.to_vec())), &[input], label)
}

/// The axes in another order; the batch is axis 0.
pub(crate) fn transpose(input: &Tensor, order: &[i64], label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new("transpose").with("perm", Attr::Ints(order.to_vec())), &[input], label)
}

/// An axis of size 1 at this place.
pub(crate) fn expand_dims(input: &Tensor, axis: i64, label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new("expand_dims").with("axis", Attr::Int(axis)), &[input], label)
}

/// A fixed number.
pub(crate) fn number(value: f64, label: &str) -> Result<Tensor> {
    Tensor::apply(Op::constant(&[], vec![value as f32]), &[], label)
}

/// An op on one tensor that needs no options.
pub(crate) fn unary(name: &str, input: &Tensor, label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new(name), &[input], label)
}

/// An op on two tensors, with broadcasting.
pub(crate) fn binary(name: &str, a: &Tensor, b: &Tensor, label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new(name), &[a, b], label)
}

/// `scale` times a tensor plus `shift`.
pub(crate) fn affine(input: &Tensor, scale: f64, shift: f64, label: &str) -> Result<Tensor> {
    let op = Op::new("affine").with("scale", Attr::Float(scale)).with("shift", Attr::Float(shift));
    Tensor::apply(op, &[input], label)
}

/// A reduction over axes: `sum`, `mean`, `max`, ...
pub(crate) fn reduce(name: &str, input: &Tensor, axes: &[i64], keepdims: bool, label: &str) -> Result<Tensor> {
    let op = Op::new(name).with("axes", Attr::Ints(axes.to_vec())).with("keepdims", Attr::Bool(keepdims));
    Tensor::apply(op, &[input], label)
}

/// The mean over all places of each sample.
pub(crate) fn mean_of_samples(values: &Tensor, label: &str) -> Result<Tensor> {
    let axes: Vec<i64> = (1..values.shape().rank() as i64).collect();
    if axes.is_empty() { Ok(values.clone()) } else { reduce("mean", values, &axes, false, label) }
}

/// Class numbers as rows with 1 at the class's place, on a new last axis.
pub(crate) fn one_hot(numbers: &Tensor, classes: usize, label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new("one_hot").with("classes", Attr::Int(classes as i64)), &[numbers], label)
}

/// Each part along an axis so often, one behind the other.
pub(crate) fn repeat(input: &Tensor, axis: i64, repeats: usize, label: &str) -> Result<Tensor> {
    let op = Op::new("repeat").with("axis", Attr::Int(axis)).with("repeats", Attr::Int(repeats as i64));
    Tensor::apply(op, &[input], label)
}

/// `size` numbers along an axis.
pub(crate) fn slice(input: &Tensor, axis: i64, start: usize, size: usize, label: &str) -> Result<Tensor> {
    let op = Op::new("slice").with("axis", Attr::Int(axis));
    Tensor::apply(op.with("start", Attr::Int(start as i64)).with("size", Attr::Int(size as i64)), &[input], label)
}

/// Tensors joined along an axis; many are joined in groups first.
pub(crate) fn concatenate(inputs: &[&Tensor], axis: i64, label: &str) -> Result<Tensor> {
    /// The most inputs that an op has.
    const MOST: usize = 8;
    if inputs.len() > MOST {
        let groups = inputs.chunks(MOST).map(|group| concatenate(group, axis, label)).collect::<Result<Vec<_>>>()?;
        return concatenate(&groups.iter().collect::<Vec<_>>(), axis, label);
    }
    Tensor::apply(Op::new("concatenate").with("axis", Attr::Int(axis)), inputs, label)
}

/// The same numbers with other axes; -1 is the batch.
pub(crate) fn view(input: &Tensor, sizes: &[i64], label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new("view").with("shape", Attr::Ints(sizes.to_vec())), &[input], label)
}

/// A loss or metric: one number for each sample from target and prediction.
pub(crate) fn compare(name: &str, target: &Tensor, prediction: &Tensor, label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new(name), &[target, prediction], label)
}

/// A cross-entropy, on probabilities or on the logits before them.
pub(crate) fn crossentropy(
    name: &str,
    target: &Tensor,
    prediction: &Tensor,
    from_logits: bool,
    label: &str,
) -> Result<Tensor> {
    let op = Op::new(name).with("from_logits", Attr::Bool(from_logits));
    Tensor::apply(op, &[target, prediction], label)
}

/// The mean of all numbers, a scalar.
pub(crate) fn batch_mean(input: &Tensor, label: &str) -> Result<Tensor> {
    Tensor::apply(Op::new("batch_mean"), &[input], label)
}

/// The gradient of a scalar with respect to another tensor.
pub(crate) fn gradient(loss: &Tensor, with_respect_to: &Tensor) -> Result<Tensor> {
    Tensor::apply(Op::new("gradient"), &[loss, with_respect_to], "gradients")
}
