//! `dense`: `y = x kernel + bias` on the last axis, for inputs of any rank from 2.
//!
//! Inputs: `x` (..., inputs), `kernel` (inputs, units), and optionally `bias` (units). With the
//! attribute `transpose_kernel` the kernel is (units, inputs) and read as its transpose: that is the
//! gradient with respect to `x`. The plan may choose an [`Ending`].
//!
//! `dense_kernel_gradient`: the sum over all samples of the outer product of `x` and the gradient. The
//! plan may set the attribute `update`: then its output are the weights, to which the scaled gradient
//! is added.

use super::ending::Ending;
use super::{Operation, Value, shapes};
use crate::autodiff::Backward;
use crate::cpu::copy::BlockCopy;
use crate::cpu::gemm::{self, Finish, Sizes, Strided};
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&Dense, &DenseKernelGradient];

struct Dense;

fn transposes(op: &Op) -> bool {
    matches!(op.attr("transpose_kernel"), Some(Attr::Bool(true)))
}

impl Operation for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=3)?;
        let (x, kernel) = (&inputs[0], &inputs[1]);
        let (kernel_inputs, units) = match (kernel.0.as_slice(), transposes(op)) {
            ([a, b], false) => (*a, *b),
            ([a, b], true) => (*b, *a),
            _ => {
                return Err(Fault::new(
                    format!("the kernel must have two axes, received {kernel}"),
                    "shape (inputs, units)",
                ));
            }
        };
        if x.rank() < 2 {
            return Err(Fault::new(
                format!("expected an input with at least 2 axes (batch, features), received {x}"),
                "add an axis, for example with `insert_axis(Axis(1))`",
            ));
        }
        let features = x.0[x.rank() - 1];
        if features != kernel_inputs {
            let show = |size: Option<usize>| size.map_or("None".into(), |size| size.to_string());
            return Err(Fault::new(
                format!(
                    "expected axis -1 of the input to have size {}, received {} in shape {x}",
                    show(kernel_inputs),
                    show(features)
                ),
                "give data with as many features as the layer was built for, or flatten it first",
            ));
        }
        if let Some(bias) = inputs.get(2).filter(|bias| bias.0 != [units]) {
            return Err(Fault::new(format!("the bias has shape {bias}, the kernel {kernel}"), "one bias a unit"));
        }
        let mut shape = x.0.clone();
        shape[x.rank() - 1] = units;
        Ok(Shape(shape))
    }

    fn can_end_in(&self, _: Ending) -> bool {
        true
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, kernel, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
        let transposed = transposes(backward.op);
        let op = Op::new("dense").with("transpose_kernel", Attr::Bool(!transposed));
        let to_x = backward.emit(op, &[gradient, kernel]);
        let pair = if transposed { [gradient, x] } else { [x, gradient] };
        let to_kernel = backward.emit(Op::new("dense_kernel_gradient"), &pair);
        let mut gradients = vec![Some(to_x), Some(to_kernel)];
        if backward.inputs() == 3 {
            let bias = backward.input(2);
            gradients.push(Some(super::sum_to::reduce(backward, gradient, bias)));
        }
        gradients
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let sizes = product_sizes(inputs[0], output);
        let (transposed, ending) = (transposes(op), Ending::of(op));
        let scratch = if transposed { sizes.inner * sizes.columns } else { 0 };
        let turn = BlockCopy::transposes(1, sizes.columns, sizes.inner);
        let kernel = Kernel::new(ending.describe("dense", inputs.len()), move |work: &mut Work<'_>| {
            let weights = if transposed {
                turn.run(work.inputs[1], work.scratch, work.pool);
                &*work.scratch
            } else {
                work.inputs[1]
            };
            let finish = ending.finish(work.inputs.get(2).copied());
            let x = Strided { data: work.inputs[0], row_stride: sizes.inner, column_stride: 1 };
            gemm::multiply(sizes, x, weights, work.output, finish, work.pool);
        });
        Some(kernel.with_scratch(scratch))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], output: &[usize]) -> u64 {
        let Sizes { rows, columns, inner } = product_sizes(inputs[0], output);
        2 * (rows * columns * inner) as u64
    }
}

fn product_sizes(x: &[usize], output: &[usize]) -> Sizes {
    let rows = output[..output.len() - 1].iter().product();
    Sizes { rows, columns: output[output.len() - 1], inner: x[x.len() - 1] }
}

struct DenseKernelGradient;

impl Operation for DenseKernelGradient {
    fn name(&self) -> &'static str {
        "dense_kernel_gradient"
    }

    fn infer(&self, _: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        let (x, gradient) = (&inputs[0], &inputs[1]);
        let rank = x.rank();
        let leading = |shape: &Shape| Shape(shape.0[..rank.saturating_sub(1)].to_vec());
        if rank < 2 || gradient.rank() != rank || !shapes::agree(&leading(x), &leading(gradient)) {
            return Err(Fault::new(
                format!("expected inputs that differ on their last axis only, received {x} and {gradient}"),
                "check how the graph was built",
            ));
        }
        Ok(Shape(vec![x.0[rank - 1], gradient.0[rank - 1]]))
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (x, gradient, incoming) = (backward.input(0), backward.input(1), backward.output_gradient());
        let op = Op::new("dense").with("transpose_kernel", Attr::Bool(true));
        let to_x = backward.emit(op, &[gradient, incoming]);
        vec![Some(to_x), Some(backward.emit(Op::new("dense"), &[x, incoming]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let updates = matches!(op.attr("update"), Some(Attr::Bool(true)));
        let name = if updates { "dense kernel gradient + sgd" } else { "dense kernel gradient" };
        let inner = inputs[0][..inputs[0].len() - 1].iter().product();
        let sizes = Sizes { rows: output[0], columns: output[1], inner };
        Some(Kernel::new(name, move |work: &mut Work<'_>| {
            let x = Strided { data: work.inputs[0], row_stride: 1, column_stride: sizes.rows };
            let finish = if updates { Finish::AddScaled(work.moment.update_scale) } else { Finish::Store };
            gemm::multiply(sizes, x, work.inputs[1], work.output, finish, work.pool);
        }))
    }

    fn flops(&self, _: &Op, inputs: &[&[usize]], output: &[usize]) -> u64 {
        let inner: usize = inputs[0][..inputs[0].len() - 1].iter().product();
        2 * (output[0] * output[1] * inner) as u64
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::infer_shape;
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::{Attr, Op, Shape};

    #[test]
    fn numbers_of_keras() {
        // keras/src/layers/core/dense_test.py, test_dense_correctness, before its relu.
        let kernel: (&[usize], &[f32]) = (&[2, 2], &[1.0, -2.0, 3.0, -4.0]);
        let y = evaluate(&Op::new("dense"), &[(&[1, 2], &[-1.0, 2.0]), kernel, (&[2], &[5.0, -6.0])]);
        assert_close(&y, &[10.0, -12.0], 0.0);
    }

    #[test]
    fn gradients_of_every_form() {
        let transposed = Op::new("dense").with("transpose_kernel", Attr::Bool(true));
        let cases: &[(&Op, &[&[usize]])] = &[
            (&Op::new("dense"), &[&[3, 4], &[4, 5], &[5]]),
            (&Op::new("dense"), &[&[3, 4], &[4, 5]]),
            (&Op::new("dense"), &[&[2, 3, 4], &[4, 1], &[1]]),
            (&transposed, &[&[3, 4], &[5, 4]]),
            (&Op::new("dense_kernel_gradient"), &[&[3, 4], &[3, 2]]),
            (&Op::new("dense_kernel_gradient"), &[&[2, 3, 4], &[2, 3, 5]]),
        ];
        for (op, shapes) in cases {
            check_gradients(op, shapes);
        }
    }

    #[test]
    fn what_does_not_fit_is_explained() {
        let infer = |x: Shape, kernel: &[usize]| {
            infer_shape(&Op::new("dense"), &[x, Shape::known(kernel)], "dense_1").unwrap_err().to_string()
        };
        assert_eq!(
            infer(Shape::batch_of(&[784]), &[100, 10]),
            "dense_1: expected axis -1 of the input to have size 100, received 784 in shape (None, 784)\n  \
             hint: give data with as many features as the layer was built for, or flatten it first"
        );
        assert_eq!(
            infer(Shape::batch_of(&[]), &[1, 10]),
            "dense_1: expected an input with at least 2 axes (batch, features), received (None,)\n  \
             hint: add an axis, for example with `insert_axis(Axis(1))`"
        );
    }
}
