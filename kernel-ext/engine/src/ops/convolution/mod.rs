//! `conv1d`, `conv2d`: slide filters over sequences (batch, steps, channels) or images (batch, height,
//! width, channels).
//!
//! Inputs: `x`, `kernel` (window..., channels / groups, filters), and optionally `bias` (filters).
//! Attributes: `strides`, `dilation` (whole numbers, one an axis; 1 without them), `padding` (`valid`,
//! `same` as in TensorFlow, and `causal` for sequences), `groups`. The plan may choose an [`Ending`].
//!
//! `conv1d_transpose`, `conv2d_transpose`: the same read backwards, from outputs to inputs; the
//! attribute `size` says how large the positions' axes are. That is the gradient of the first with
//! respect to `x`, and Keras's `Conv2DTranspose`.
//!
//! `conv1d_kernel_gradient`, `conv2d_kernel_gradient`: that with respect to the kernel, from `x` and
//! the gradient; the attribute `kernel_size` says how large the window is.
//!
//! All three are linear in both inputs, so that each one's gradients are the other two.

mod kernel_gradient;
#[cfg(test)]
mod tests;
mod transpose;

use super::ending::Ending;
use super::window::{Window, pair};
use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::conv::{Convolution, Depthwise, Slide};
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[
    &Forward { names: &SEQUENCES },
    &Forward { names: &IMAGES },
    &transpose::Transpose { names: &SEQUENCES },
    &transpose::Transpose { names: &IMAGES },
    &kernel_gradient::KernelGradient { names: &SEQUENCES },
    &kernel_gradient::KernelGradient { names: &IMAGES },
];

/// The names of the three ops over so many axes.
struct Names {
    axes: usize,
    forward: &'static str,
    transpose: &'static str,
    kernel_gradient: &'static str,
}

static SEQUENCES: Names =
    Names { axes: 1, forward: "conv1d", transpose: "conv1d_transpose", kernel_gradient: "conv1d_kernel_gradient" };

static IMAGES: Names =
    Names { axes: 2, forward: "conv2d", transpose: "conv2d_transpose", kernel_gradient: "conv2d_kernel_gradient" };

impl Names {
    /// An op of the family with the window's attributes of another one.
    fn emit(&self, backward: &mut Backward, name: &str, sizes: Option<(&str, &[usize])>, inputs: [Value; 2]) -> Value {
        let mut op = Op::new(name);
        let shared = ["strides", "dilation", "padding", "groups"];
        op.attrs = backward.op.attrs.iter().filter(|(name, _)| shared.contains(&name.as_str())).cloned().collect();
        if let Some((name, sizes)) = sizes {
            op = op.with(name, shapes::to_attribute(sizes));
        }
        backward.emit(op, &inputs)
    }

    /// From the outputs' side to the inputs'.
    fn emit_transpose(&self, backward: &mut Backward, x: Value, y: Value, kernel: Value) -> Value {
        let size = backward.shape(x)[1..=self.axes].to_vec();
        self.emit(backward, self.transpose, Some(("size", &size)), [y, kernel])
    }

    fn emit_kernel_gradient(&self, backward: &mut Backward, kernel: Value, x: Value, y: Value) -> Value {
        let size = backward.shape(kernel)[..self.axes].to_vec();
        self.emit(backward, self.kernel_gradient, Some(("kernel_size", &size)), [x, y])
    }

    fn emit_forward(&self, backward: &mut Backward, x: Value, kernel: Value) -> Value {
        self.emit(backward, self.forward, None, [x, kernel])
    }
}

fn groups(op: &Op) -> usize {
    op.int("groups").and_then(|groups| usize::try_from(groups).ok()).unwrap_or(1).max(1)
}

/// The sizes of a kernel: its window, channels of a group, filters.
fn kernel_sizes(kernel: &Shape, axes: usize) -> Result<Vec<usize>, Fault> {
    let sizes: Option<Vec<usize>> = kernel.0.iter().copied().collect();
    sizes.filter(|sizes| sizes.len() == axes + 2 && !sizes.contains(&0)).ok_or_else(|| {
        let form = if axes == 1 { "(steps, channels, filters)" } else { "(height, width, channels, filters)" };
        Fault::new(format!("expected a kernel of shape {form}, received {kernel}"), "check how the graph was built")
    })
}

/// The sizes in which kernels compute, from those of the three arrays.
fn geometry(op: &Op, axes: usize, x: &[usize], kernel: &[usize], y: &[usize]) -> Option<Convolution> {
    let window = Window::of(op, &kernel[..axes]).ok()?;
    let before: Vec<usize> = (0..axes).map(|axis| window.before(axis, x[axis + 1], y[axis + 1])).collect();
    let before = if axes == 1 { [0, before[0]] } else { pair(&before) };
    Some(Convolution {
        batch: x[0],
        input: pair(&x[1..=axes]),
        channels: x[axes + 1],
        output: pair(&y[1..=axes]),
        filters: y[axes + 1],
        kernel: pair(&kernel[..axes]),
        strides: pair(&window.strides),
        dilation: pair(&window.dilation),
        before,
        groups: groups(op),
    })
}

struct Forward {
    names: &'static Names,
}

impl Operation for Forward {
    fn name(&self) -> &'static str {
        self.names.forward
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=3)?;
        let (axes, groups) = (self.names.axes, groups(op));
        let kernel = kernel_sizes(&inputs[1], axes)?;
        let mut shape = Window::of(op, &kernel[..axes])?.slide(&inputs[0])?;
        let (channels, filters) = (kernel[axes] * groups, kernel[axes + 1]);
        if shape.0[axes + 1] != Some(channels) {
            return Err(Fault::new(
                format!("expected {channels} channels on axis -1, received {}", inputs[0]),
                "give data with as many channels as the layer was built for; a grey image has one",
            ));
        }
        if !filters.is_multiple_of(groups) {
            return Err(Fault::new(
                format!("{filters} filters cannot be parted into {groups} groups"),
                "choose a divisor",
            ));
        }
        if let Some(bias) = inputs.get(2).filter(|bias| bias.0 != [Some(filters)]) {
            return Err(Fault::new(format!("the bias has shape {bias}, for {filters} filters"), "one bias a filter"));
        }
        shape.0[axes + 1] = Some(filters);
        Ok(shape)
    }

    fn can_end_in(&self, _: Ending) -> bool {
        true
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, kernel, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
        let to_x = self.names.emit_transpose(backward, x, gradient, kernel);
        let to_kernel = self.names.emit_kernel_gradient(backward, kernel, x, gradient);
        let mut gradients = vec![Some(to_x), Some(to_kernel)];
        if backward.inputs() == 3 {
            let bias = backward.input(2);
            gradients.push(Some(super::sum_to::reduce(backward, gradient, bias)));
        }
        gradients
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let convolution = geometry(op, self.names.axes, inputs[0], inputs[1], output)?;
        let (slide, ending) = (Slide::outputs(&convolution), Ending::of(op));
        let scratch = slide.scratch();
        let name = ending.describe("convolution", inputs.len());
        let kernel = Kernel::new(name, move |work: &mut Work<'_>| {
            let (x, kernel, finish) = (work.inputs[0], work.inputs[1], ending.finish(work.inputs.get(2).copied()));
            match Depthwise::of(&convolution) {
                Some(depthwise) => depthwise.outputs(x, kernel, work.output, finish, work.scratch, work.pool),
                None => slide.run(x, kernel, work.output, finish, work.scratch, work.pool),
            }
        });
        Some(kernel.with_scratch(scratch))
    }

    fn flops(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> u64 {
        geometry(op, self.names.axes, inputs[0], inputs[1], output).map_or(0, |convolution| convolution.flops())
    }
}
