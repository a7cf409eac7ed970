//! `matmul`: matrix products `a b` of the last two axes, with NumPy's broadcasting of the axes before
//! them. Inputs: `a` (..., rows, inner), `b` (..., inner, columns), both with at least two axes. The
//! attributes `transpose_a` and `transpose_b` swap the last two axes of an input first.

use super::{Operation, Value, broadcasting, shapes, sum_to};
use crate::autodiff::Backward;
use crate::cpu::copy::BlockCopy;
use crate::cpu::gemm::{self, Finish, Sizes, Strided};
use crate::cpu::pool::SharedSlice;
use crate::cpu::{Kernel, Pool, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] = &[&MatMul];

struct MatMul;

/// Products from this many operations on are each shared by all threads; smaller ones have one thread.
const LARGE: u64 = 8_000_000;

fn transposes(op: &Op) -> [bool; 2] {
    ["transpose_a", "transpose_b"].map(|name| matches!(op.attr(name), Some(Attr::Bool(true))))
}

/// The axes before the last two, and those two in the order in which they are multiplied.
fn parts<T: Copy>(shape: &[T], transposed: bool) -> (&[T], [T; 2]) {
    let (leading, matrix) = shape.split_at(shape.len() - 2);
    (leading, if transposed { [matrix[1], matrix[0]] } else { [matrix[0], matrix[1]] })
}

fn emit(backward: &mut Backward, a: Value, b: Value, transposes: [bool; 2]) -> Value {
    let op = Op::new("matmul").with("transpose_a", Attr::Bool(transposes[0]));
    backward.emit(op.with("transpose_b", Attr::Bool(transposes[1])), &[a, b])
}

/// The gradient of `b`. Where one matrix `b` serves a whole batch, the sum over the batch is part of one
/// large product.
fn gradient_of_b(backward: &mut Backward, [transpose_a, transpose_b]: [bool; 2]) -> Value {
    let (a, b, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
    let shared = backward.shape(b).len() == 2 && backward.shape(a).len() > 2 && !transpose_a;
    let pair = if transpose_b { [gradient, a] } else { [a, gradient] };
    let to_b = match (shared, transpose_b) {
        (true, _) => backward.emit(Op::new("dense_kernel_gradient"), &pair),
        (false, true) => emit(backward, gradient, a, [true, transpose_a]),
        (false, false) => emit(backward, a, gradient, [!transpose_a, false]),
    };
    sum_to::reduce(backward, to_b, b)
}

impl Operation for MatMul {
    fn name(&self) -> &'static str {
        "matmul"
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        let (a, b) = (&inputs[0], &inputs[1]);
        if a.rank() < 2 || b.rank() < 2 {
            return Err(Fault::new(
                format!("expected two inputs with at least two axes, received {a} and {b}"),
                "give a vector an axis of size 1",
            ));
        }
        let [transpose_a, transpose_b] = transposes(op);
        let ((leading_a, [rows, inner]), (leading_b, [other_inner, columns])) =
            (parts(&a.0, transpose_a), parts(&b.0, transpose_b));
        if inner.zip(other_inner).is_some_and(|(inner, other)| inner != other) {
            return Err(Fault::new(
                format!("cannot multiply {a} with {b}: the axes that are summed over differ in size"),
                "the last size of the left matrix must be the first of the right one",
            ));
        }
        let mut shape = shapes::broadcast(&Shape(leading_a.to_vec()), &Shape(leading_b.to_vec()))?;
        shape.0.extend([rows, columns]);
        Ok(shape)
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (a, b, gradient) = (backward.input(0), backward.input(1), backward.output_gradient());
        let [transpose_a, transpose_b] = transposes(backward.op);
        let to_a = if transpose_a {
            emit(backward, b, gradient, [transpose_b, true])
        } else {
            emit(backward, gradient, b, [false, !transpose_b])
        };
        let to_a = sum_to::reduce(backward, to_a, a);
        vec![Some(to_a), Some(gradient_of_b(backward, [transpose_a, transpose_b]))]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> Option<Kernel> {
        let products = Products::new(transposes(op), inputs, output);
        let scratch = if products.transpose_b { shapes::len(inputs[1]) } else { 0 };
        let alone = Pool::new(1);
        let kernel = Kernel::new("matmul", move |work: &mut Work<'_>| products.run(work, &alone));
        Some(kernel.with_scratch(scratch))
    }

    fn flops(&self, op: &Op, inputs: &[&[usize]], output: &[usize]) -> u64 {
        let (_, [_, inner]) = parts(inputs[0], transposes(op)[0]);
        2 * (shapes::len(output) * inner) as u64
    }
}

/// A batch of products of the same sizes.
struct Products {
    sizes: Sizes,
    transpose_a: bool,
    transpose_b: bool,
    /// Where the matrices of each product begin.
    starts: Vec<[usize; 2]>,
}

impl Products {
    fn new([transpose_a, transpose_b]: [bool; 2], inputs: &[&[usize]], output: &[usize]) -> Self {
        let (leading_a, [_, inner]) = parts(inputs[0], transpose_a);
        let (leading_b, _) = parts(inputs[1], transpose_b);
        let (leading, [rows, columns]) = parts(output, false);
        let mut products = Self { sizes: Sizes { rows, columns, inner }, transpose_a, transpose_b, starts: Vec::new() };
        if shapes::len(leading_b) == 1 && !transpose_a {
            products.sizes.rows *= shapes::len(leading);
            products.starts.push([0, 0]);
            return products;
        }
        let strides = [broadcasting::strides(leading_a, leading), broadcasting::strides(leading_b, leading)];
        broadcasting::walk(leading, [&strides[0], &strides[1]], |[a, b]| {
            products.starts.push([a * rows * inner, b * inner * columns]);
        });
        products
    }

    fn run(&self, work: &mut Work<'_>, alone: &Pool) {
        let Sizes { rows, columns, inner } = self.sizes;
        if self.transpose_b {
            self.transpose_all(work);
        }
        let (a, b) = (work.inputs[0], if self.transpose_b { &*work.scratch } else { work.inputs[1] });
        let cost = 2 * (rows * columns * inner) as u64;
        let output = SharedSlice::new(work.output);
        let (row_stride, column_stride) = if self.transpose_a { (1, rows) } else { (inner, 1) };
        let product = |index: usize, pool: &Pool| {
            let [a_start, b_start] = self.starts[index];
            let a = Strided { data: &a[a_start..a_start + rows * inner], row_stride, column_stride };
            // SAFETY: the products lie side by side, and each is computed once.
            let c = unsafe { output.range(index * rows * columns..(index + 1) * rows * columns) };
            gemm::multiply(self.sizes, a, &b[b_start..b_start + inner * columns], c, Finish::Store, pool);
        };
        if cost >= LARGE || self.starts.len() == 1 {
            return (0..self.starts.len()).for_each(|index| product(index, work.pool));
        }
        work.pool.split(self.starts.len(), 1, cost * self.starts.len() as u64, &|range| {
            range.for_each(|index| product(index, alone));
        });
    }

    /// Lays the transposes of all right matrices into the scratch memory.
    fn transpose_all(&self, work: &mut Work<'_>) {
        let Sizes { columns, inner, .. } = self.sizes;
        let matrices = work.inputs[1].len() / (columns * inner).max(1);
        BlockCopy::transposes(matrices, columns, inner).run(work.inputs[1], work.scratch, work.pool);
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::infer_shape;
    use crate::ops::testing::{assert_close, check_gradients, evaluate};
    use engine_api::{Attr, Op, Philox, Shape};

    fn op(transpose_a: bool, transpose_b: bool) -> Op {
        Op::new("matmul").with("transpose_a", Attr::Bool(transpose_a)).with("transpose_b", Attr::Bool(transpose_b))
    }

    #[test]
    fn products_in_every_layout() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, -1.0, 2.0, 1.0, 0.5]);
        let expected = [2.0, 5.5, 5.0, 13.0];
        let (a_transposed, b_transposed) = ([1.0, 4.0, 2.0, 5.0, 3.0, 6.0], [1.0, -1.0, 1.0, 0.0, 2.0, 0.5]);
        let y = |transposes: (bool, bool), a: (&[usize], &[f32]), b: (&[usize], &[f32])| {
            evaluate(&op(transposes.0, transposes.1), &[a, b])
        };
        assert_eq!(y((false, false), (&[2, 3], &a), (&[3, 2], &b)), expected);
        assert_eq!(y((true, false), (&[3, 2], &a_transposed), (&[3, 2], &b)), expected);
        assert_eq!(y((false, true), (&[2, 3], &a), (&[2, 3], &b_transposed)), expected);
        assert_eq!(y((true, true), (&[3, 2], &a_transposed), (&[2, 3], &b_transposed)), expected);
    }

    #[test]
    fn batches_are_broadcast() {
        let mut random = Philox::new(4, 0);
        let mut numbers = |len| (0..len).map(|_| random.normal()).collect::<Vec<f32>>();
        let (a, b) = (numbers(3 * 2 * 4), numbers(5 * 4 * 2));
        let y = evaluate(&op(false, false), &[(&[3, 1, 2, 4], &a), (&[5, 4, 2], &b)]);
        for (index, part) in y.chunks_exact(4).enumerate() {
            let (a, b) = (&a[index / 5 * 8..][..8], &b[index % 5 * 8..][..8]);
            assert_close(part, &evaluate(&op(false, false), &[(&[2, 4], a), (&[4, 2], b)]), 1e-6);
        }
    }

    #[test]
    fn gradients_of_every_form() {
        for (transpose_a, transpose_b) in [(false, false), (true, false), (false, true), (true, true)] {
            let a: [&[usize]; 2] = if transpose_a { [&[4, 3], &[2, 4, 3]] } else { [&[3, 4], &[2, 3, 4]] };
            let b: [&[usize]; 2] = if transpose_b { [&[2, 4], &[2, 2, 4]] } else { [&[4, 2], &[2, 4, 2]] };
            for pair in [[a[0], b[0]], [a[0], b[1]], [a[1], b[0]], [a[1], b[1]]] {
                check_gradients(&op(transpose_a, transpose_b), &pair);
            }
        }
    }

    #[test]
    fn shapes_and_faults() {
        let infer = |a: Shape, b: Shape| infer_shape(&op(false, true), &[a, b], "dot").map(|shape| shape.to_string());
        let queries = Shape::batch_of(&[8, 10, 16]);
        assert_eq!(infer(queries.clone(), Shape::batch_of(&[8, 12, 16])).unwrap(), "(None, 8, 10, 12)");
        assert_eq!(infer(queries.clone(), Shape::known(&[12, 16])).unwrap(), "(None, 8, 10, 12)");
        assert_eq!(
            infer(queries, Shape::known(&[12, 15])).unwrap_err().to_string(),
            "dot: cannot multiply (None, 8, 10, 16) with (12, 15): the axes that are summed over differ in size\n  \
             hint: the last size of the left matrix must be the first of the right one"
        );
    }
}
