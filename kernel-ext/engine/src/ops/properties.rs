//! Gradients of whole families of ops over random shapes and attributes, against central differences.

use super::testing::check_gradients;
use engine_api::{Attr, Op};
use proptest::prelude::*;

/// Few cases each: every one compares all numbers of all inputs.
fn few() -> ProptestConfig {
    ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 64 })
}

fn ints(values: &[usize]) -> Attr {
    Attr::Ints(values.iter().map(|&value| value as i64).collect())
}

/// A shape of one to four small axes.
fn shape() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..4, 1..5)
}

/// Two shapes that broadcast with each other: some axes are 1, and leading ones may be missing.
fn broadcasting() -> impl Strategy<Value = [Vec<usize>; 2]> {
    let axis = (1_usize..4, 0_u8..4);
    (prop::collection::vec(axis, 1..4), 0_usize..3).prop_map(|(axes, missing)| {
        let one_where = |side: u8| move |&(size, ones): &(usize, u8)| if ones == side { 1 } else { size };
        let (a, b): (Vec<usize>, Vec<usize>) =
            (axes.iter().map(one_where(1)).collect(), axes.iter().map(one_where(2)).collect());
        let missing = missing.min(b.len() - 1);
        [a, b[missing..].to_vec()]
    })
}

/// The sizes of a window over an axis that it fits on: size of the axis, window, stride, dilation.
fn window() -> impl Strategy<Value = (usize, usize, usize, usize)> {
    (1_usize..4, 1_usize..4, 1_usize..3, 0_usize..4)
        .prop_map(|(window, stride, dilation, more)| ((window - 1) * dilation + 1 + more, window, stride, dilation))
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn functions_of_one_number(shape in shape(), which in 0_usize..14) {
        let names = [
            "exp", "square", "sin", "cos", "tanh", "sigmoid", "softplus", "softsign", "silu", "gelu", "elu", "selu",
            "erf", "mish",
        ];
        check_gradients(&Op::new(names[which]), &[&shape]);
    }

    #[test]
    fn functions_of_two_numbers([a, b] in broadcasting(), which in 0_usize..4) {
        let op = Op::new(["add", "subtract", "multiply", "divide"][which]);
        check_gradients(&op, &[&a, &b]);
        check_gradients(&op, &[&b, &a]);
    }

    #[test]
    fn reductions(shape in shape(), axes in prop::collection::vec(any::<bool>(), 4), keep: bool, which in 0_usize..5) {
        let name = ["sum", "mean", "variance", "logsumexp", "prod"][which];
        let axes: Vec<usize> = (0..shape.len()).filter(|&axis| axes[axis]).collect();
        check_gradients(&Op::new(name).with("axes", ints(&axes)).with("keepdims", Attr::Bool(keep)), &[&shape]);
    }

    #[test]
    fn softmax_along_any_axis(shape in shape(), axis in 0_usize..4, log: bool) {
        let axis = (axis % shape.len()) as i64;
        let op = Op::new(if log { "log_softmax" } else { "softmax" });
        check_gradients(&op.with("axis", Attr::Int(axis)), &[&shape]);
    }

    #[test]
    fn moves(shape in shape(), axis in 0_usize..4, numbers in prop::collection::vec(0_usize..3, 8), which in 0_usize..6) {
        let axis = axis % shape.len();
        let order = Op::new("transpose").with("perm", {
            let mut axes: Vec<usize> = (0..shape.len()).collect();
            axes.sort_by_key(|&axis| (numbers[axis], axis));
            ints(&axes)
        });
        let at = |op: Op| op.with("axis", Attr::Int(axis as i64));
        let op = match which {
            0 => order,
            1 => at(Op::new("repeat")).with("repeats", Attr::Int(1 + numbers[0] as i64)),
            2 => Op::new("pad").with("paddings", ints(&numbers[..2 * shape.len()])),
            3 => Op::new("flip").with("axes", ints(&[axis])),
            4 => at(Op::new("cumsum")).with("reverse", Attr::Bool(numbers[0] == 0)),
            _ => at(Op::new("slice")).with("start", Attr::Int(numbers[0].min(shape[axis] - 1) as i64)),
        };
        check_gradients(&op, &[&shape]);
        if which == 0 {
            check_gradients(&at(Op::new("concatenate")), &[&shape, &shape]);
            check_gradients(&at(Op::new("stack")), &[&shape, &shape]);
        }
    }

    #[test]
    fn products(batch in 1_usize..3, rows in 1_usize..4, inner in 1_usize..4, columns in 1_usize..4, a: bool, b: bool) {
        let op = Op::new("matmul").with("transpose_a", Attr::Bool(a)).with("transpose_b", Attr::Bool(b));
        let left = if a { [batch, inner, rows] } else { [batch, rows, inner] };
        let right = if b { [columns, inner] } else { [inner, columns] };
        check_gradients(&op, &[&left, &right]);
        check_gradients(&Op::new("dense"), &[&[batch, rows, inner], &[inner, columns], &[columns]]);
    }

    #[test]
    fn convolutions(
        y in window(), x in window(), batch in 1_usize..3, channels in 1_usize..3, filters in 1_usize..4,
        groups in 1_usize..3, same: bool,
    ) {
        let op = Op::new("conv2d")
            .with("strides", ints(&[y.2, x.2]))
            .with("dilation", ints(&[y.3, x.3]))
            .with("padding", Attr::Text(if same { "same" } else { "valid" }.into()))
            .with("groups", Attr::Int(groups as i64));
        let (input, kernel) = ([batch, y.0, x.0, channels * groups], [y.1, x.1, channels, filters * groups]);
        check_gradients(&op, &[&input, &kernel, &[filters * groups]]);
    }

    #[test]
    fn pools(y in window(), x in window(), channels in 1_usize..4, same: bool) {
        let op = Op::new("average_pool2d")
            .with("pool_size", ints(&[y.1, x.1]))
            .with("strides", ints(&[y.2, x.2]))
            .with("padding", Attr::Text(if same { "same" } else { "valid" }.into()));
        check_gradients(&op, &[&[2, y.0, x.0, channels]]);
    }
}
