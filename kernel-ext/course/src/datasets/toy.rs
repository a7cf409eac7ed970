//! Points, pictures and waves that are drawn, to see what a network can tell apart.
//!
//! The numbers come from the seed of [`set_random_seed`](crate::prelude::set_random_seed); classes take turns, so
//! that both are equally frequent.

use crate::error::{Error, Report, expect_good};
use crate::seed::next_generator;
use engine_api::Philox;
use ndarray::{Array1, Array2, Array3, Array4};
use std::f32::consts::PI;

/// Points in four squares around the origin; opposite ones have the same class, so that no line tells them apart.
///
/// # Shapes
/// (samples, 2), (samples,)
///
/// # Panics
/// When `noise`, the standard deviation of what is added to each coordinate, is negative.
///
/// ```
/// use course::prelude::*;
/// let (x, y) = toy::xor(100, 0.0);
/// assert!(x.rows().into_iter().zip(&y).all(|(x, &y)| (x[0] * x[1] < 0.0) == (y == 1)));
/// ```
#[track_caller]
pub fn xor(samples: usize, noise: f32) -> (Array2<f32>, Array1<u8>) {
    points(samples, noise, |class, random| {
        let (x, y) = (0.05 + 0.95 * random.uniform(), 0.05 + 0.95 * random.uniform());
        let side = if random.bits() & 1 == 0 { 1.0 } else { -1.0 };
        [side * x, if class == 0 { side * y } else { -side * y }]
    })
}

/// A circle of radius 1 (class 0) around one of radius 0.5 (class 1).
///
/// # Shapes
/// (samples, 2), (samples,)
///
/// # Panics
/// When `noise`, the standard deviation of what is added to each coordinate, is negative.
///
/// Source: `sklearn.datasets.make_circles`.
///
/// ```
/// use course::prelude::*;
/// let (x, y) = toy::circles(100, 0.0);
/// let radius = |sample: usize| x[[sample, 0]].hypot(x[[sample, 1]]);
/// assert!((0..100).all(|sample| (radius(sample) - if y[sample] == 0 { 1.0 } else { 0.5 }).abs() < 1e-6));
/// ```
#[track_caller]
pub fn circles(samples: usize, noise: f32) -> (Array2<f32>, Array1<u8>) {
    points(samples, noise, |class, random| {
        let (angle, radius) = (2.0 * PI * random.uniform(), if class == 0 { 1.0 } else { 0.5 });
        [radius * angle.cos(), radius * angle.sin()]
    })
}

/// Two half circles that reach into each other.
///
/// # Shapes
/// (samples, 2), (samples,)
///
/// # Panics
/// When `noise`, the standard deviation of what is added to each coordinate, is negative.
///
/// Source: `sklearn.datasets.make_moons`.
///
/// ```
/// use course::prelude::*;
/// let (x, y) = toy::moons(100, 0.0);
/// assert!(x.rows().into_iter().zip(&y).all(|(x, &y)| if y == 0 { x[1] >= -1e-6 } else { x[1] <= 0.500_001 }));
/// ```
#[track_caller]
pub fn moons(samples: usize, noise: f32) -> (Array2<f32>, Array1<u8>) {
    points(samples, noise, |class, random| {
        let angle = PI * random.uniform();
        if class == 0 { [angle.cos(), angle.sin()] } else { [1.0 - angle.cos(), 0.5 - angle.sin()] }
    })
}

/// Two spirals that turn around each other nearly twice, within a circle of radius 1.
///
/// # Shapes
/// (samples, 2), (samples,)
///
/// # Panics
/// When `noise`, the standard deviation of what is added to each coordinate, is negative.
///
/// Source: Lang and Witbrock, 1988.
///
/// ```
/// use course::prelude::*;
/// let (x, y) = toy::spiral(100, 0.0);
/// assert!(x.iter().all(|number| number.abs() <= 1.0));
/// assert_eq!(y.iter().filter(|&&y| y == 1).count(), 50);
/// ```
#[track_caller]
pub fn spiral(samples: usize, noise: f32) -> (Array2<f32>, Array1<u8>) {
    points(samples, noise, |class, random| {
        let way = random.uniform();
        let (radius, angle) = (0.1 + 0.9 * way, 3.5 * PI * way + PI * f32::from(class));
        [radius * angle.sin(), radius * angle.cos()]
    })
}

/// Pictures with one bright line across (class 0) or upright (class 1) on a dark ground.
///
/// # Shapes
/// (samples, size, size, 1), (samples,)
///
/// # Panics
/// When `size` is 0, or `noise`, the standard deviation of what is added to each pixel, is negative.
///
/// ```
/// use course::prelude::*;
/// let (x, y) = toy::bars(10, 5, 0.0);
/// assert_eq!((x.shape(), y[1]), ([10, 5, 5, 1].as_slice(), 1));
/// assert_eq!(x.sum(), 50.0);
/// ```
#[track_caller]
pub fn bars(samples: usize, size: usize, noise: f32) -> (Array4<f32>, Array1<u8>) {
    expect_good(check("bars", size > 0, "`size` must be 1 or more", size as f32));
    expect_good(check("bars", noise >= 0.0, "`noise` must be 0 or more", noise));
    let mut random = next_generator();
    let mut images = Array4::from_shape_simple_fn((samples, size, size, 1), || noise * random.normal());
    for (sample, mut image) in images.outer_iter_mut().enumerate() {
        let line = random.below(size as u32) as usize;
        for place in 0..size {
            image[if sample % 2 == 0 { [line, place, 0] } else { [place, line, 0] }] += 1.0;
        }
    }
    (images, classes(samples))
}

/// Waves to go on with: each the sum of two sines with periods of 8 to 32 steps, and the step that comes next.
///
/// # Shapes
/// (samples, steps, 1), (samples, 1)
///
/// # Panics
/// When `noise`, the standard deviation of what is added to each step but the last, is negative.
///
/// ```
/// use course::prelude::*;
/// let (x, y) = toy::sines(10, 50, 0.0);
/// assert_eq!((x.shape(), y.shape()), ([10, 50, 1].as_slice(), [10, 1].as_slice()));
/// assert!(x.iter().chain(&y).all(|number| number.abs() <= 1.0));
/// ```
#[track_caller]
pub fn sines(samples: usize, steps: usize, noise: f32) -> (Array3<f32>, Array2<f32>) {
    expect_good(check("sines", noise >= 0.0, "`noise` must be 0 or more", noise));
    let mut random = next_generator();
    let (mut waves, mut next) = (Array3::zeros((samples, steps, 1)), Array2::zeros((samples, 1)));
    for sample in 0..samples {
        let mut part = || (2.0 * PI / (8.0 + 24.0 * random.uniform()), 2.0 * PI * random.uniform());
        let parts = [part(), part()];
        let at = |step: usize| parts.iter().map(|(rate, phase)| 0.5 * (rate * step as f32 + phase).sin()).sum::<f32>();
        for step in 0..steps {
            waves[[sample, step, 0]] = at(step) + noise * random.normal();
        }
        next[[sample, 0]] = at(steps);
    }
    (waves, next)
}

fn check(place: &str, good: bool, problem: &str, received: f32) -> crate::Result<()> {
    if good { Ok(()) } else { Err(Error::value(Report::new(place, problem).expected("another number", received))) }
}

/// The class of each sample: 0 and 1 in turns.
fn classes(samples: usize) -> Array1<u8> {
    (0..samples).map(|sample| (sample % 2) as u8).collect()
}

#[track_caller]
fn points(samples: usize, noise: f32, point: impl Fn(u8, &mut Philox) -> [f32; 2]) -> (Array2<f32>, Array1<u8>) {
    expect_good(check("toy", noise >= 0.0, "`noise` must be 0 or more", noise));
    let (mut random, y) = (next_generator(), classes(samples));
    let mut x = Array2::zeros((samples, 2));
    for (mut row, &class) in x.rows_mut().into_iter().zip(&y) {
        let [first, second] = point(class, &mut random);
        (row[0], row[1]) = (first + noise * random.normal(), second + noise * random.normal());
    }
    (x, y)
}
