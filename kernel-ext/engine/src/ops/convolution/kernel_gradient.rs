//! What filters should have been.

use super::{Names, geometry, groups};
use crate::autodiff::Backward;
use crate::cpu::conv::{self, Convolution, Depthwise};
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use crate::ops::window::Window;
use crate::ops::{Operation, Value};
use engine_api::{Op, Shape};

pub struct KernelGradient {
    pub(super) names: &'static Names,
}

impl KernelGradient {
    fn geometry(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Convolution> {
        geometry(op, self.names.axes, inputs[0], output, inputs[1])
    }
}

impl Operation for KernelGradient {
    fn name(&self) -> &'static str {
        self.names.kernel_gradient
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        let (x, y, axes) = (&inputs[0], &inputs[1], self.names.axes);
        let asked = op.ints("kernel_size").unwrap_or_default();
        let size: Option<Vec<usize>> = asked.iter().map(|&size| usize::try_from(size).ok()).collect();
        let fault = || {
            let message = format!("no kernel of size {asked:?} leads from {x} to {y}");
            Fault::new(message, "check how the graph was built")
        };
        let size = size.filter(|size| size.len() == axes && !size.contains(&0)).ok_or_else(fault)?;
        let mut windows = Window::of(op, &size)?.slide(x)?;
        let last = |shape: &Shape| shape.0.last().copied().flatten().ok_or_else(fault);
        windows.0[axes + 1] = Some(last(y)?);
        if !crate::ops::shapes::agree(&windows, y) {
            return Err(fault());
        }
        let sizes = size.into_iter().chain([last(x)? / groups(op), last(y)?]);
        Ok(Shape(sizes.map(Some).collect()))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, y, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
        let to_x = self.names.emit_transpose(backward, x, y, gradient);
        vec![Some(to_x), Some(self.names.emit_forward(backward, x, gradient))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let convolution = self.geometry(op, inputs, output)?;
        let gradient = conv::KernelGradient::of(&convolution);
        let scratch = gradient.scratch();
        let kernel = Kernel::new("convolution kernel gradient", move |work: &mut Work<'_>| {
            let (x, dy) = (work.inputs[0], work.inputs[1]);
            match Depthwise::of(&convolution) {
                Some(depthwise) => depthwise.kernel_gradient(x, dy, work.output, work.scratch, work.pool),
                None => gradient.run(x, dy, work.output, work.scratch, work.pool),
            }
        });
        Some(kernel.with_scratch(scratch))
    }

    fn flops(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> u64 {
        self.geometry(op, inputs, output).map_or(0, |convolution| convolution.flops())
    }
}
