//! Convolutions read backwards.

use super::{Names, geometry, groups, kernel_sizes};
use crate::autodiff::Backward;
use crate::cpu::conv::{Convolution, Depthwise, Slide};
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use crate::ops::ending::Ending;
use crate::ops::window::Window;
use crate::ops::{Operation, Value};
use engine_api::{Op, Shape};

pub struct Transpose {
    pub(super) names: &'static Names,
}

impl Transpose {
    fn geometry(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Convolution> {
        geometry(op, self.names.axes, output, inputs[1], inputs[0])
    }
}

impl Operation for Transpose {
    fn name(&self) -> &'static str {
        self.names.transpose
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=3)?;
        let (y, axes) = (&inputs[0], self.names.axes);
        let kernel = kernel_sizes(&inputs[1], axes)?;
        let channels = kernel[axes] * groups(op);
        let size = op.ints("size").unwrap_or_default();
        if size.len() != axes || y.rank() != axes + 2 {
            return Err(Fault::new(
                format!("expected {axes} sizes and an input of {} axes, received {size:?} and {y}", axes + 2),
                "check how the graph was built",
            ));
        }
        let mut shape = vec![y.0[0]];
        shape.extend(size.iter().map(|&size| usize::try_from(size).ok()));
        shape.push(Some(channels));
        let shape = Shape(shape);
        // The windows on the output must be the input's positions.
        let mut windows = Window::of(op, &kernel[..axes])?.slide(&shape)?;
        windows.0[axes + 1] = Some(kernel[axes + 1]);
        if !crate::ops::shapes::agree(&windows, y) {
            return Err(Fault::new(
                format!("an output of shape {shape} has windows of shape {windows}, but the input has shape {y}"),
                "choose another size, kernel or strides",
            ));
        }
        match inputs.get(2).filter(|bias| bias.0 != [Some(channels)]) {
            Some(bias) => {
                Err(Fault::new(format!("the bias has shape {bias}, for {channels} filters"), "one bias a filter"))
            }
            None => Ok(shape),
        }
    }

    fn can_end_in(&self, _: Ending) -> bool {
        true
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (y, kernel, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
        let to_y = self.names.emit_forward(backward, gradient, kernel);
        let to_kernel = self.names.emit_kernel_gradient(backward, kernel, gradient, y);
        let mut gradients = vec![Some(to_y), Some(to_kernel)];
        if backward.inputs() == 3 {
            let bias = backward.input(2);
            gradients.push(Some(crate::ops::sum_to::reduce(backward, gradient, bias)));
        }
        gradients
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let convolution = self.geometry(op, inputs, output)?;
        let (slide, ending) = (Slide::input_gradient(&convolution), Ending::of(op));
        let scratch = slide.scratch();
        let name = ending.describe("convolution transposed", inputs.len());
        let kernel = Kernel::new(name, move |work: &mut Work<'_>| {
            let (y, kernel, finish) = (work.inputs[0], work.inputs[1], ending.finish(work.inputs.get(2).copied()));
            match Depthwise::of(&convolution) {
                Some(depthwise) => depthwise.input_gradient(y, kernel, work.output, finish, work.scratch, work.pool),
                None => slide.run(y, kernel, work.output, finish, work.scratch, work.pool),
            }
        });
        Some(kernel.with_scratch(scratch))
    }

    fn flops(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> u64 {
        self.geometry(op, inputs, output).map_or(0, |convolution| convolution.flops())
    }
}
