//! A picture as data: panels with marks. The backend draws it.

use crate::wire::{wire_enum, wire_struct};

/// How numbers become colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colormap {
    /// From dark violet through green to yellow (matplotlib's default), colour-blind safe.
    Viridis,
    /// From black to white.
    Gray,
    /// From white to dark blue; counts survive printing.
    Blues,
}

/// One thing drawn into a panel.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Points joined by straight lines; gaps at values that are not finite.
    Line {
        /// The entry in the legend; none if empty.
        label: String,
        /// Horizontal coordinates.
        x: Vec<f64>,
        /// Vertical coordinates, as many.
        y: Vec<f64>,
    },
    /// Separate points.
    Points {
        /// The entry in the legend; none if empty.
        label: String,
        /// Horizontal coordinates.
        x: Vec<f64>,
        /// Vertical coordinates, as many.
        y: Vec<f64>,
    },
    /// A matrix as coloured squares, row 0 at the top.
    Image {
        /// The number of rows.
        rows: usize,
        /// The number of columns.
        columns: usize,
        /// The values, row by row.
        values: Vec<f32>,
        /// The colours.
        colormap: Colormap,
        /// Whether each square carries its number.
        numbers: bool,
    },
}

/// One pair of axes with what is drawn in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// The heading; lines are separated by `\n`.
    pub title: String,
    /// What the horizontal axis shows.
    pub x_label: String,
    /// What the vertical axis shows.
    pub y_label: String,
    /// The marks, later ones on top.
    pub marks: Vec<Mark>,
    /// Whether ticks, labels and frame are drawn.
    pub axes: bool,
}

/// Panels on a grid, filled row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// The panels.
    pub panels: Vec<Panel>,
    /// How many panels stand beside each other.
    pub columns: usize,
    /// The width of the whole in pixels.
    pub width: u32,
    /// The height of the whole in pixels.
    pub height: u32,
}

wire_enum!(Colormap { 0 => Viridis {}, 1 => Gray {}, 2 => Blues {} });
wire_enum!(Mark {
    0 => Line { label: label, x: x, y: y },
    1 => Points { label: label, x: x, y: y },
    2 => Image { rows: rows, columns: columns, values: values, colormap: colormap, numbers: numbers },
});
wire_struct!(Panel { title, x_label, y_label, marks, axes });
wire_struct!(Figure { panels, columns, width, height });
