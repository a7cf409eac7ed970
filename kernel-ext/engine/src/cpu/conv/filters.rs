//! Filters in the order in which tiles read them, and the tiles of their gradient.

use super::{Convolution, Runs};
use crate::cpu::tile::{self, Form};

/// Numbers in packed filters: for each group panels of two vectors of columns, filled up with zeros.
pub fn packed_len(convolution: &Convolution) -> usize {
    let (width, columns) = (Form::present().columns, convolution.filters / convolution.groups);
    convolution.groups * columns.div_ceil(width) * width * convolution.terms()
}

/// Packs filters: term by term of the sum, a panel's columns beside each other.
pub fn pack(convolution: &Convolution, kernel: &[f32], packed: &mut [f32]) {
    let (width, terms, filters) = (Form::present().columns, convolution.terms(), convolution.filters);
    let columns = filters / convolution.groups;
    let mut panels = packed.chunks_exact_mut(terms * width);
    for group in 0..convolution.groups {
        for column in (0..columns).step_by(width) {
            let Some(panel) = panels.next() else { return };
            let (first, count) = (group * columns + column, (columns - column).min(width));
            for (to, from) in panel.chunks_exact_mut(width).zip(kernel.chunks_exact(filters)) {
                to[..count].copy_from_slice(&from[first..first + count]);
                to[count..].fill(0.0);
            }
        }
    }
}

/// Packs filters for the way back: turned around, with the roles of channels and filters exchanged. The
/// convolution is the one backwards.
pub fn pack_turned(backward: &Convolution, kernel: &[f32], packed: &mut [f32]) {
    let (width, filters, groups) = (Form::present().columns, backward.channels, backward.groups);
    let (columns, terms) = (backward.filters / groups, filters / groups);
    let places = backward.kernel[0] * backward.kernel[1];
    let mut panels = packed.chunks_exact_mut(places * terms * width);
    for group in 0..groups {
        for column in (0..columns).step_by(width) {
            let Some(panel) = panels.next() else { return };
            let count = (columns - column).min(width);
            for (turned, block) in panel.chunks_exact_mut(terms * width).enumerate() {
                let place = &kernel[(places - 1 - turned) * columns * filters..][..columns * filters];
                block.fill(0.0);
                for (lane, row) in place.chunks_exact(filters).skip(column).take(count).enumerate() {
                    for (term, &number) in row[group * terms..(group + 1) * terms].iter().enumerate() {
                        block[term * width + lane] = number;
                    }
                }
            }
        }
    }
}

/// A tile of the gradient of the filters: so many rows and columns of the filters as a matrix, from `row`
/// and `column` on. What its first row sees in the first window lies at `from`.
#[derive(Clone, Copy)]
pub struct Part {
    pub row: usize,
    pub rows: usize,
    pub column: usize,
    pub columns: usize,
    pub from: usize,
}

/// The tiles of the gradient of the filters.
pub fn tiles(convolution: &Convolution, runs: &Runs) -> Vec<Part> {
    let Convolution { groups, filters, channels, .. } = *convolution;
    let (form, columns) = (Form::present(), filters / groups);
    let mut tiles = Vec::new();
    for group in 0..groups {
        // Panel by panel, so that the gradients of a panel stay in the cache.
        for column in (0..columns).step_by(form.columns) {
            for (run, begin) in runs.begins.iter().enumerate() {
                tile::for_each_height(runs.len, form.rows, |first, rows| {
                    tiles.push(Part {
                        row: run * runs.len + first,
                        rows,
                        column: group * columns + column,
                        columns: (columns - column).min(form.columns),
                        from: begin + first + group * channels / groups,
                    });
                });
            }
        }
    }
    tiles
}
