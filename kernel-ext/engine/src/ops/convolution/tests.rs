use crate::ops::infer_shape;
use crate::ops::testing::{assert_close, check_gradients, evaluate};
use engine_api::{Attr, Op, Shape};

fn op(name: &str, strides: &[i64], padding: &str, dilation: &[i64], groups: i64) -> Op {
    Op::new(name)
        .with("strides", Attr::Ints(strides.to_vec()))
        .with("padding", Attr::Text(padding.into()))
        .with("dilation", Attr::Ints(dilation.to_vec()))
        .with("groups", Attr::Int(groups))
}

#[test]
fn an_edge_filter_by_hand() {
    // Differences of neighbours in a row, with a bias of 10.
    let x: (&[usize], &[f32]) = (&[1, 2, 3, 1], &[1.0, 4.0, 9.0, 2.0, 2.0, 2.0]);
    let kernel: (&[usize], &[f32]) = (&[1, 2, 1, 1], &[-1.0, 1.0]);
    let y = evaluate(&Op::new("conv2d"), &[x, kernel, (&[1], &[10.0])]);
    assert_close(&y, &[13.0, 15.0, 10.0, 10.0], 0.0);
    // "same" adds a zero at the end, "causal" at the beginning.
    let x: (&[usize], &[f32]) = (&[1, 3, 1], &[1.0, 4.0, 9.0]);
    let kernel: (&[usize], &[f32]) = (&[2, 1, 1], &[-1.0, 1.0]);
    let sequence = |padding| evaluate(&op("conv1d", &[1], padding, &[1], 1), &[x, kernel]);
    assert_close(&sequence("same"), &[3.0, 5.0, -9.0], 0.0);
    assert_close(&sequence("causal"), &[1.0, 3.0, 5.0], 0.0);
}

#[test]
fn gradients_of_every_form() {
    type Shapes<'a> = &'a [&'a [usize]];
    let cases: &[(Op, Shapes)] = &[
        (op("conv2d", &[1, 1], "valid", &[1, 1], 1), &[&[2, 4, 5, 2], &[2, 3, 2, 3], &[3]]),
        (op("conv2d", &[2, 1], "same", &[1, 1], 1), &[&[1, 5, 4, 1], &[3, 2, 1, 2]]),
        (op("conv2d", &[1, 1], "same", &[2, 1], 2), &[&[1, 5, 3, 4], &[2, 2, 2, 2]]),
        (op("conv2d", &[1, 2], "valid", &[1, 1], 3), &[&[1, 3, 5, 3], &[2, 2, 1, 3], &[3]]),
        (op("conv1d", &[2], "causal", &[2], 1), &[&[2, 6, 2], &[2, 2, 3], &[3]]),
        (
            op("conv2d_transpose", &[2, 2], "same", &[1, 1], 1).with("size", Attr::Ints(vec![4, 5])),
            &[&[1, 2, 3, 2], &[3, 2, 3, 2], &[3]],
        ),
        (op("conv1d_transpose", &[1], "valid", &[2], 1).with("size", Attr::Ints(vec![5])), &[&[2, 3, 2], &[2, 1, 2]]),
        (
            op("conv2d_kernel_gradient", &[1, 2], "valid", &[1, 1], 2).with("kernel_size", Attr::Ints(vec![2, 1])),
            &[&[2, 3, 4, 2], &[2, 2, 2, 4]],
        ),
    ];
    for (op, shapes) in cases {
        check_gradients(op, shapes);
    }
}

#[test]
fn the_batch_may_be_unknown_and_what_does_not_fit_is_explained() {
    let kernel = Shape::known(&[3, 3, 1, 8]);
    let infer = |x: &[usize]| infer_shape(&Op::new("conv2d"), &[Shape::batch_of(x), kernel.clone()], "conv2d");
    assert_eq!(infer(&[28, 28, 1]).map(|shape| shape.to_string()).as_deref(), Ok("(None, 26, 26, 8)"));
    let error = |x: &[usize]| infer(x).unwrap_err().to_string();
    assert_eq!(
        error(&[28, 28, 3]),
        "conv2d: expected 1 channels on axis -1, received (None, 28, 28, 3)\n  \
         hint: give data with as many channels as the layer was built for; a grey image has one"
    );
    assert_eq!(
        error(&[28, 28]),
        "conv2d: expected an input of shape (batch, height, width, channels), received (None, 28, 28)\n  \
         hint: insert the missing axis"
    );
    assert_eq!(
        error(&[2, 28, 1]),
        "conv2d: a window that reaches over 3 does not fit on an axis of size 2\n  \
         hint: use the padding \"same\", a smaller window, or larger inputs"
    );
}
