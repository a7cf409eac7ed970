//! `affine_transform`: images moved, turned or stretched. Inputs: images (batch, height, width, channels) and for
//! each six numbers (batch, 6), a0 a1 a2 b0 b1 b2; the output's pixel (x, y) is what the image has at
//! (a0 x + a1 y + a2, b0 x + b1 y + b2).
//!
//! Attributes: `interpolation` (`bilinear`, the default, or `nearest`), `fill_mode` for places outside (`constant`,
//! the default, with the attribute `fill_value`; `nearest`, `reflect`, `wrap`).
//!
//! `affine_transform_gradient`: spreads numbers of the output over the image. No gradient flows to the six numbers.
//!
//! Source: `keras.ops.image.affine_transform`.

use super::{Operation, Value};
use crate::autodiff::Backward;
use crate::cpu::pool::SharedSlice;
use crate::cpu::{Kernel, Work};
use crate::fault::{Fault, expect_inputs};
use engine_api::{Attr, Op, Shape};

pub const OPERATIONS: &[&dyn Operation] =
    &[&Transform { name: "affine_transform" }, &Transform { name: "affine_transform_gradient" }];

/// The op, or its gradient, by name.
struct Transform {
    name: &'static str,
}

impl Transform {
    fn is_gradient(&self) -> bool {
        self.name == OPERATIONS[1].name()
    }
}

#[derive(Clone, Copy)]
enum Fill {
    Constant(f32),
    Nearest,
    Reflect,
    Wrap,
}

/// How pixels are found.
#[derive(Clone, Copy)]
struct Sampling {
    fill: Fill,
    nearest: bool,
    height: usize,
    width: usize,
    channels: usize,
}

fn text<'a>(op: &'a Op, name: &str, usual: &'static str) -> &'a str {
    match op.attr(name) {
        Some(Attr::Text(text)) => text,
        _ => usual,
    }
}

fn fill(op: &Op) -> Option<Fill> {
    Some(match text(op, "fill_mode", "constant") {
        "constant" => Fill::Constant(op.float("fill_value").unwrap_or(0.0) as f32),
        "nearest" => Fill::Nearest,
        "reflect" => Fill::Reflect,
        "wrap" => Fill::Wrap,
        _ => return None,
    })
}

impl Sampling {
    /// The place along an axis that a place outside stands for.
    fn inside(&self, place: i64, size: usize) -> Option<usize> {
        let len = size as i64;
        let inside = match self.fill {
            Fill::Constant(_) => place,
            Fill::Nearest => place.clamp(0, len - 1),
            Fill::Wrap => place.rem_euclid(len),
            Fill::Reflect => {
                let place = place.rem_euclid(2 * len);
                if place < len { place } else { 2 * len - 1 - place }
            }
        };
        usize::try_from(inside).ok().filter(|&place| place < size)
    }

    /// The two places around a number, and how much each counts.
    fn around(&self, at: f32) -> [(i64, f32); 2] {
        // Numbers far outside would not fit into whole ones.
        let at = at.clamp(-1e6, 1e6);
        if self.nearest {
            return [(at.round() as i64, 1.0), (0, 0.0)];
        }
        let before = at.floor();
        [(before as i64, 1.0 - (at - before)), (before as i64 + 1, at - before)]
    }

    /// Calls `visit` for every pixel of the output with each pixel of the image that has a part in it: where both
    /// begin, and how much it counts. Pixels outside have no place.
    fn walk(&self, numbers: &[f32], mut visit: impl FnMut(usize, Option<usize>, f32)) {
        let Self { height, width, channels, .. } = *self;
        for y in 0..height {
            for x in 0..width {
                let to = (y * width + x) * channels;
                let along = |row: &[f32]| row[0] * x as f32 + row[1] * y as f32 + row[2];
                let (columns, rows) = (self.around(along(&numbers[..3])), self.around(along(&numbers[3..])));
                for (row, of_row) in rows {
                    for (column, of_column) in columns {
                        if of_row * of_column != 0.0 {
                            let place = self.inside(row, height).zip(self.inside(column, width));
                            let from = place.map(|(row, column)| (row * width + column) * channels);
                            visit(to, from, of_row * of_column);
                        }
                    }
                }
            }
        }
    }
}

impl Operation for Transform {
    fn name(&self) -> &'static str {
        self.name
    }

    fn infer(&self, op: &Op, inputs: &[Shape]) -> Result<Shape, Fault> {
        expect_inputs(inputs, 2..=2)?;
        let (images, numbers) = (&inputs[0], &inputs[1]);
        if images.rank() != 4 || numbers.rank() != 2 || numbers.0[1] != Some(6) {
            return Err(Fault::new(
                format!("received images of shape {images} and numbers of shape {numbers}"),
                "shapes (batch, height, width, channels) and (batch, 6)",
            ));
        }
        if fill(op).is_none() || !matches!(text(op, "interpolation", "bilinear"), "bilinear" | "nearest") {
            return Err(Fault::new(
                "`fill_mode` or `interpolation` has an unknown name",
                "constant, nearest, reflect or wrap; bilinear or nearest",
            ));
        }
        Ok(images.clone())
    }

    fn differentiable(&self, input: usize) -> bool {
        input == 0
    }

    fn gradient(&self, backward: &mut Backward) -> Vec<Option<Value>> {
        let (gradient, numbers) = (backward.output_gradient(), backward.input(1));
        let other = OPERATIONS[usize::from(!self.is_gradient())].name();
        // What fills the outside is no part of the image.
        let attrs = backward.op.attrs.iter().filter(|(name, _)| name != "fill_value").cloned().collect();
        let op = Op { name: other.into(), attrs };
        vec![Some(backward.emit(op, &[gradient, numbers])), None]
    }

    fn kernel(&self, op: &Op, inputs: &[&[usize]], _: &[usize]) -> Option<Kernel> {
        let (&[batch, height, width, channels], fill) = (inputs[0], fill(op)?) else { return None };
        let nearest = text(op, "interpolation", "bilinear") == "nearest";
        let (sampling, spreads) = (Sampling { fill, nearest, height, width, channels }, self.is_gradient());
        let (len, name) = (height * width * channels, if spreads { "transform spread" } else { "transform" });
        Some(Kernel::new(name, move |work: &mut Work<'_>| {
            let (images, numbers) = (work.inputs[0], work.inputs[1]);
            let output = SharedSlice::new(work.output);
            let outside = if let Fill::Constant(value) = fill { value } else { 0.0 };
            work.pool.split(batch, 1, 16 * (batch * len) as u64, &|range| {
                for sample in range {
                    // SAFETY: each sample has its own part of the output and belongs to one part of the split.
                    let to = unsafe { output.range(sample * len..(sample + 1) * len) };
                    let image = &images[sample * len..][..len];
                    to.fill(0.0);
                    sampling.walk(&numbers[6 * sample..][..6], |pixel, place, weight| {
                        let (into, from) = match (spreads, place) {
                            (false, Some(place)) => (pixel, place),
                            (true, Some(place)) => (place, pixel),
                            (true, None) => return,
                            (false, None) => {
                                to[pixel..pixel + channels].iter_mut().for_each(|to| *to += weight * outside);
                                return;
                            }
                        };
                        for channel in 0..channels {
                            to[into + channel] += weight * image[from + channel];
                        }
                    });
                }
            });
        }))
    }

    fn flops(&self, _: &Op, _: &[&[usize]], output: &[usize]) -> u64 {
        8 * output.iter().product::<usize>() as u64
    }
}

#[cfg(test)]
mod tests;
