//! The ops, one folder each: shape rule, gradient, kernel and tests side by side.
//!
//! A new op is a folder and a line in `OPERATIONS`. What may not be in this file: anything about one
//! particular op.

mod broadcasting;
mod copies;
mod elementwise;
pub mod ending;
mod folding;
mod function;
mod losses;
#[cfg(test)]
mod properties;
mod rows;
mod shapes;
#[cfg(test)]
pub mod testing;
mod window;

use crate::autodiff::Backward;
use crate::cpu::Kernel;
use crate::fault::Fault;
use ending::Ending;
use engine_api::{Error, Op, Shape};

/// A value while gradients are being written down: its place among those that `Backward` knows.
pub use crate::autodiff::Value;

/// The most inputs that an op has.
pub const MOST_INPUTS: usize = 8;

/// One kind of op.
pub trait Operation: Sync {
    /// Its name in graphs: that of its folder, or of one that a family of ops shares.
    fn name(&self) -> &'static str;

    /// The shape of its output.
    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault>;

    /// Whether the output changes smoothly with this input, so that a gradient can flow through it.
    fn differentiable(&self, _input: usize) -> bool {
        true
    }

    /// Whether the output is its first input under another shape, so that nothing is computed.
    fn is_view(&self) -> bool {
        false
    }

    /// Whether its kernels can end in this.
    fn can_end_in(&self, ending: Ending) -> bool {
        ending == Ending::Plain
    }

    /// Whether each run gives other numbers, so that the op is never computed in advance.
    fn is_random(&self) -> bool {
        false
    }

    /// For each input the gradient of the loss with respect to it, or `None` where there is none. A view's
    /// is a view.
    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        if self.is_view() {
            let (shape, gradient) = (backward.shape(backward.input(0)), backward.output_gradient());
            return vec![Some(reshape::emit_view(backward, gradient, &shape))];
        }
        vec![None; backward.inputs()]
    }

    /// The computation for concrete shapes; sources and views have none.
    fn kernel(&self, _op: &Op, _inputs: &[&[usize]], _output: &[usize]) -> Option<Kernel> {
        None
    }

    /// Floating-point operations of one run, for the listing of a plan.
    fn flops(&self, _op: &Op, _inputs: &[&[usize]], output: &[usize]) -> u64 {
        if self.is_view() { 0 } else { output.iter().product::<usize>() as u64 }
    }
}

macro_rules! operations {
    ($($folder:ident),* $(,)?) => {
        $(pub mod $folder;)*
        static OPERATIONS: &[&[&dyn Operation]] = &[$($folder::OPERATIONS),*];
    };
}

operations!(
    abs,
    add,
    affine,
    affine_transform,
    argmax,
    batch_mean,
    binary_accuracy,
    binary_crossentropy,
    broadcast_to,
    cast,
    categorical_accuracy,
    categorical_crossentropy,
    clip,
    comparisons,
    concatenate,
    constant,
    convolution,
    cos,
    cumsum,
    dense,
    divide,
    dropout,
    elu,
    erf,
    exp,
    expand_dims,
    extremes,
    flatten,
    flip,
    gather,
    gelu,
    glu,
    gradient,
    hard_sigmoid,
    hyperbolic,
    in_training,
    input,
    inverse_trigonometric,
    leaky_relu,
    log,
    logical,
    logsumexp,
    matmul,
    mean,
    mean_absolute_error,
    mean_squared_error,
    multiply,
    negative,
    one_hot,
    pad,
    pooling,
    power,
    prelu,
    prod,
    random_normal,
    reciprocal,
    relu,
    repeat,
    reshape,
    rounding,
    select,
    shrink,
    sigmoid,
    sign,
    silu,
    sin,
    slice,
    softmax,
    softplus,
    softsign,
    sparse_categorical_accuracy,
    sparse_categorical_crossentropy,
    sparsemax,
    sqrt,
    square,
    subtract,
    sum,
    sum_to,
    tan,
    tanh,
    transpose,
    variable,
    variance,
);

/// The op of this name.
pub fn find(name: &str) -> Result<&'static dyn Operation, Error> {
    let all = || OPERATIONS.iter().flat_map(|folder| folder.iter().copied());
    all().find(|operation| operation.name() == name).ok_or_else(|| Error::Unknown {
        name: name.into(),
        known: all().map(|operation| operation.name().into()).collect(),
    })
}

/// The shape of an op's output.
///
/// # Errors
/// [`Error::Unknown`] for an op that is not there, [`Error::Shape`] for inputs that do not fit.
pub fn infer_shape(op: &Op, inputs: &[Shape], label: &str) -> Result<Shape, Error> {
    find(&op.name)?.infer(op, inputs).map_err(|fault| fault.at(label, op))
}
