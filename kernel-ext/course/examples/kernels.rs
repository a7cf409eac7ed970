//! Times single kernels, to see regressions and how near they are to what the processor can do: a line
//! of JSON for each with its best time, work a second, and the share of the processor's peak; then whole
//! training steps of a small convolutional network over batch sizes.
//!
//! `cargo run --release -p course --example kernels`; `COURSE_THREADS=1` and `COURSE_SIMD=portable` give
//! the figures of one thread and of plain code.

mod networks;

use course::layers::Handle;
use course::prelude::*;
use std::time::Instant;

fn main() {
    let threads = std::env::var("COURSE_THREADS").ok().and_then(|count| count.parse().ok());
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |count| count.get().min(8)));
    let peak = peak() * threads as f64;
    println!("{{\"threads\": {threads}, \"peak_gflops\": {peak:.0}}}");
    for (name, shape, layer, batch) in cases() {
        let mut model = Sequential::new();
        model.add(Input::of(&shape));
        // A first layer has no gradient of its input: this one passes it on, and has a weight.
        model.add(PReLU::new());
        model.add(layer);
        model.add(Flatten::new());
        model.compile("sgd", "mse", ());
        let plan = model.plan(batch);
        for step in plan.table().steps.iter().filter(|step| step.label == name && step.nanoseconds > 0) {
            let (gflops, gbytes) =
                (step.flops as f64 / step.nanoseconds as f64, step.bytes as f64 / step.nanoseconds as f64);
            println!(
                "{{\"layer\": \"{name}\", \"input\": {shape:?}, \"batch\": {batch}, \"kernel\": \"{}\", \"us\": {:.1}, \
                 \"gflops\": {gflops:.1}, \"of_peak\": {:.2}, \"gbytes\": {gbytes:.1}}}",
                step.kernel,
                step.nanoseconds as f64 / 1e3,
                gflops / peak,
            );
        }
    }
    for batch in [1, 8, 32, 128, 512] {
        let nanoseconds: u64 = networks::cnn101().plan(batch).table().steps.iter().map(|step| step.nanoseconds).sum();
        let us = nanoseconds as f64 / 1e3;
        println!(
            "{{\"step\": \"cnn\", \"batch\": {batch}, \"us\": {us:.0}, \"us_per_sample\": {:.1}}}",
            us / batch as f64
        );
    }
}

/// A name, the shape of a sample, a layer of that name, a batch size.
fn cases() -> Vec<(&'static str, Vec<usize>, AnyLayer, usize)> {
    let convolution = |name: &str, filters| Conv2D::new(filters, 3).named(name).handle();
    vec![
        ("conv_32_64", vec![26, 26, 32], convolution("conv_32_64", 64), 32),
        ("conv_64_64", vec![26, 26, 64], convolution("conv_64_64", 64), 32),
        ("conv_1_32", vec![28, 28, 1], convolution("conv_1_32", 32), 32),
        ("conv_odd", vec![13, 17, 7], convolution("conv_odd", 19), 32),
        ("same", vec![26, 26, 32], Conv2D::new(64, 3).padding("same").named("same").handle(), 32),
        ("strided", vec![26, 26, 32], Conv2D::new(64, 3).strides(2).named("strided").handle(), 32),
        ("depthwise", vec![26, 26, 32], DepthwiseConv2D::new(3).named("depthwise").handle(), 32),
        ("max_pool", vec![26, 26, 32], MaxPooling2D::new(2).named("max_pool").handle(), 32),
        ("average_pool", vec![26, 26, 32], AveragePooling2D::new(2).named("average_pool").handle(), 32),
        ("dense", vec![784], Dense::new(256).named("dense").handle(), 32),
        ("wide", vec![1024], Dense::new(1024).named("wide").handle(), 256),
        ("batch_norm", vec![26, 26, 32], BatchNormalization::new().named("batch_norm").handle(), 32),
        ("dropout", vec![26, 26, 32], Dropout::new(0.5).named("dropout").handle(), 32),
        ("gelu", vec![26, 26, 32], Activation::new("gelu").named("gelu").handle(), 32),
        ("softmax", vec![1000], Softmax::new().named("softmax").handle(), 256),
    ]
}

/// What one thread of the processor can do at most, in GFLOP/s.
fn peak() -> f64 {
    const ROUNDS: usize = 2_000_000;
    /// Enough sums that none waits for the one before.
    const SUMS: usize = 12;
    let mut best = f64::INFINITY;
    let mut lanes = 8;
    for _ in 0..5 {
        let begin = Instant::now();
        lanes = fused_sums::<SUMS>(ROUNDS);
        best = best.min(begin.elapsed().as_secs_f64());
    }
    (2 * lanes * SUMS * ROUNDS) as f64 / best / 1e9
}

/// Adds products to so many vectors, over and over; returns how many numbers a vector has.
fn fused_sums<const SUMS: usize>(rounds: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::*;
        #[target_feature(enable = "avx512f")]
        fn wide<const SUMS: usize>(rounds: usize) -> usize {
            let (mut sums, factor) = ([_mm512_set1_ps(0.5); SUMS], _mm512_set1_ps(0.999));
            for _ in 0..rounds {
                sums.iter_mut().for_each(|sum| *sum = _mm512_fmadd_ps(*sum, factor, factor));
            }
            std::hint::black_box(sums);
            16
        }
        #[target_feature(enable = "avx2,fma")]
        fn narrow<const SUMS: usize>(rounds: usize) -> usize {
            let (mut sums, factor) = ([_mm256_set1_ps(0.5); SUMS], _mm256_set1_ps(0.999));
            for _ in 0..rounds {
                sums.iter_mut().for_each(|sum| *sum = _mm256_fmadd_ps(*sum, factor, factor));
            }
            std::hint::black_box(sums);
            8
        }
        let asked = std::env::var("COURSE_SIMD").unwrap_or_default();
        if is_x86_feature_detected!("avx512f") && asked != "avx2" {
            // SAFETY: the processor has the instructions.
            return unsafe { wide::<SUMS>(rounds) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: as above.
            return unsafe { narrow::<SUMS>(rounds) };
        }
    }
    let mut sums = [[0.5_f32; 8]; SUMS];
    for _ in 0..rounds {
        sums.iter_mut().flatten().for_each(|sum| *sum = *sum * 0.999 + 0.999);
        std::hint::black_box(&mut sums);
    }
    8
}
