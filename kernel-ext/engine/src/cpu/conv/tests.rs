use super::{Convolution, Depthwise, KernelGradient, Slide};
use crate::cpu::Pool;
use crate::cpu::tile::Finish;
use engine_api::Philox;
use proptest::prelude::*;

/// The definition, in double precision: outputs, gradient of the input, gradient of the filters.
fn naive(c: &Convolution, x: &[f32], w: &[f32], dy: &[f32]) -> [Vec<f64>; 3] {
    let per_group = [c.channels / c.groups, c.filters / c.groups];
    let mut y = vec![0.0; c.batch * c.output[0] * c.output[1] * c.filters];
    let mut dx = vec![0.0; x.len()];
    let mut dw = vec![0.0; w.len()];
    for out in 0..y.len() {
        let (place, filter) = (out / c.filters, out % c.filters);
        let (sample, row, column) =
            (place / c.output[1] / c.output[0], place / c.output[1] % c.output[0], place % c.output[1]);
        for ky in 0..c.kernel[0] {
            for kx in 0..c.kernel[1] {
                let at = |axis: usize, output: usize, k: usize| {
                    (output * c.strides[axis] + k * c.dilation[axis])
                        .checked_sub(c.before[axis])
                        .filter(|&at| at < c.input[axis])
                };
                let (Some(iy), Some(ix)) = (at(0, row, ky), at(1, column, kx)) else { continue };
                for channel in 0..per_group[0] {
                    let from = ((sample * c.input[0] + iy) * c.input[1] + ix) * c.channels
                        + filter / per_group[1] * per_group[0]
                        + channel;
                    let weight = ((ky * c.kernel[1] + kx) * per_group[0] + channel) * c.filters + filter;
                    y[out] += f64::from(x[from]) * f64::from(w[weight]);
                    dx[from] += f64::from(dy[out]) * f64::from(w[weight]);
                    dw[weight] += f64::from(dy[out]) * f64::from(x[from]);
                }
            }
        }
    }
    [y, dx, dw]
}

fn check(c: &Convolution, threads: usize) {
    let mut random = Philox::new(7, 0);
    let mut numbers = |len: usize| -> Vec<f32> { (0..len).map(|_| random.normal()).collect() };
    let x = numbers(c.batch * c.input[0] * c.input[1] * c.channels);
    let w = numbers(c.kernel_len());
    let dy = numbers(c.batch * c.output[0] * c.output[1] * c.filters);
    let bias = numbers(c.filters);
    let [expected_y, expected_dx, expected_dw] = naive(c, &x, &w, &dy);
    let pool = Pool::new(threads);
    let room = |len: usize| vec![f32::NAN; len * threads.max(1) + 64];
    let (mut y, mut dx, mut dw) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()], vec![f32::NAN; w.len()]);
    let (outputs, input, kernel) = (Slide::outputs(c), Slide::input_gradient(c), KernelGradient::of(c));
    outputs.run(&x, &w, &mut y, Finish::Bias(&bias), &mut room(outputs.scratch()), &pool);
    input.run(&dy, &w, &mut dx, Finish::Mask(&x), &mut room(input.scratch()), &pool);
    kernel.run(&x, &dy, &mut dw, &mut room(kernel.scratch()), &pool);
    let y_with_bias = expected_y.iter().enumerate().map(|(place, y)| y + f64::from(bias[place % c.filters])).collect();
    let masked = |(dx, x): (&f64, &f32)| if *x > 0.0 { *dx } else { 0.0 };
    let expected_dx = expected_dx.iter().zip(&x).map(masked).collect();
    compare(c, "outputs", &y, &y_with_bias);
    compare(c, "input gradient", &dx, &expected_dx);
    compare(c, "filter gradient", &dw, &expected_dw);
    if let Some(depthwise) = Depthwise::of(c) {
        let (mut y, mut dx, mut dw) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()], vec![f32::NAN; w.len()]);
        depthwise.outputs(&x, &w, &mut y, Finish::Bias(&bias), &mut room(outputs.scratch()), &pool);
        depthwise.input_gradient(&dy, &w, &mut dx, Finish::Mask(&x), &mut room(input.scratch()), &pool);
        depthwise.kernel_gradient(&x, &dy, &mut dw, &mut room(kernel.scratch()), &pool);
        compare(c, "depthwise outputs", &y, &y_with_bias);
        compare(c, "depthwise input gradient", &dx, &expected_dx);
        compare(c, "depthwise filter gradient", &dw, &expected_dw);
    }
}

fn compare(c: &Convolution, what: &str, computed: &[f32], expected: &Vec<f64>) {
    for (place, (a, b)) in computed.iter().zip(expected).enumerate() {
        assert!((f64::from(*a) - b).abs() <= 1e-4 * b.abs().max(1.0), "{what}, number {place}: {a} for {b}\n{c:?}");
    }
}

/// The sizes of outputs and paddings for an input.
fn convolution(
    (batch, input, groups): (usize, [usize; 2], usize),
    (channels, filters): (usize, usize),
    (kernel, strides, dilation): ([usize; 2], [usize; 2], [usize; 2]),
    same: bool,
) -> Option<Convolution> {
    let mut c = Convolution {
        batch,
        input,
        channels: channels * groups,
        output: [0, 0],
        filters: filters * groups,
        kernel,
        strides,
        dilation,
        before: [0, 0],
        groups,
    };
    for axis in 0..2 {
        let reach = (kernel[axis] - 1) * dilation[axis] + 1;
        if same {
            c.output[axis] = input[axis].div_ceil(strides[axis]);
            c.before[axis] = ((c.output[axis] - 1) * strides[axis] + reach).saturating_sub(input[axis]) / 2;
        } else {
            c.output[axis] = input[axis].checked_sub(reach)? / strides[axis] + 1;
        }
    }
    Some(c)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 150 }))]

    #[test]
    fn all_three_products_match_the_definition(
        batch in 1_usize..4, height in 1_usize..10, width in 1_usize..15, groups in 1_usize..4,
        channels in 1_usize..7, filters in 1_usize..37, ky in 1_usize..4, kx in 1_usize..4,
        sy in 1_usize..4, sx in 1_usize..4, dy in 1_usize..3, dx in 1_usize..3, same: bool, threads in 1_usize..4,
    ) {
        let image = (batch, [height, width], groups);
        if let Some(c) = convolution(image, (channels, filters), ([ky, kx], [sy, sx], [dy, dx]), same) {
            check(&c, threads);
        }
    }

    #[test]
    fn so_do_those_of_one_filter_a_channel(
        batch in 1_usize..3, size in 1_usize..9, groups in 2_usize..40, kernel in 1_usize..4,
        stride in 1_usize..3, dilation in 1_usize..3, same: bool,
    ) {
        let sizes = ([kernel; 2], [stride; 2], [dilation; 2]);
        if let Some(c) = convolution((batch, [size, size + 1], groups), (1, 1), sizes, same) {
            check(&c, 2);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "an interpreter would take hours")]
fn large_images_over_threads() {
    let sizes = ([3, 3], [1, 1], [1, 1]);
    for same in [false, true] {
        check(&convolution((2, [26, 26], 1), (32, 64), sizes, same).unwrap(), 2);
    }
}
