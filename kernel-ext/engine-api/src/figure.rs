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
    /// From blue through light grey to red (Moreland 2009): which side of a middle, colour-blind safe.
    Coolwarm,
}

/// A shape of a drawing, in the numbers of its panel's axes. Colours are `0xRRGGBB`; widths, radii and sizes are pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape2D {
    /// Straight lines from point to point.
    Path {
        /// The points.
        points: Vec<(f64, f64)>,
        /// The inside, which makes it a closed shape.
        fill: Option<u32>,
        /// The line.
        stroke: Option<u32>,
        /// The width of the line.
        width: f64,
        /// Whether the last point is the tip of an arrow.
        arrow: bool,
    },
    /// A circle.
    Circle {
        /// The centre.
        center: (f64, f64),
        /// The radius.
        radius: f64,
        /// The inside.
        fill: Option<u32>,
        /// The line.
        stroke: Option<u32>,
        /// The width of the line.
        width: f64,
    },
    /// A line of text.
    Text {
        /// Where it stands; its middle is at this height.
        at: (f64, f64),
        /// What it says.
        text: String,
        /// The size of its letters.
        size: f64,
        /// The colour.
        color: u32,
        /// -1 when it begins at the place, 0 when its middle is there, 1 when it ends there.
        anchor: i64,
        /// Whether it is bold.
        bold: bool,
    },
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
    /// Upright bars from zero.
    Bars {
        /// The entry in the legend; none if empty.
        label: String,
        /// The left ends.
        left: Vec<f64>,
        /// The right ends, as many.
        right: Vec<f64>,
        /// The heights, as many; negative ones hang down.
        height: Vec<f64>,
    },
    /// A function over a plane as bands of colour, with lines between them.
    Contours {
        /// The left and the right end.
        x: (f64, f64),
        /// The lower and the upper end.
        y: (f64, f64),
        /// The number of rows; row 0 is at the lower end.
        rows: usize,
        /// The number of columns.
        columns: usize,
        /// The values at the corners of a regular grid, row by row.
        values: Vec<f32>,
        /// The values between two bands, growing; values beyond them belong to the outer bands.
        levels: Vec<f64>,
        /// The colours.
        colormap: Colormap,
    },
    /// A drawing.
    Shapes {
        /// Its shapes, later ones on top.
        shapes: Vec<Shape2D>,
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
    /// Whether lines at the ticks are left out.
    pub no_grid: bool,
    /// From where to where the horizontal axis goes, if that is not left to the marks.
    pub x_limits: Option<(f64, f64)>,
    /// From where to where the vertical axis goes, if that is not left to the marks.
    pub y_limits: Option<(f64, f64)>,
    /// The ticks of the horizontal axis with their names; chosen by the backend if empty.
    pub x_names: Vec<(f64, String)>,
    /// The ticks of the vertical axis with their names; chosen by the backend if empty.
    pub y_names: Vec<(f64, String)>,
    /// What the colours of the image or the contours mean, beside a bar of them; no bar if `None`.
    pub colorbar: Option<String>,
    /// Whether both axes have the same scale.
    pub equal: bool,
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

wire_enum!(Colormap { 0 => Viridis {}, 1 => Gray {}, 2 => Blues {}, 3 => Coolwarm {} });
wire_enum!(Shape2D {
    0 => Path { points: points, fill: fill, stroke: stroke, width: width, arrow: arrow },
    1 => Circle { center: center, radius: radius, fill: fill, stroke: stroke, width: width },
    2 => Text { at: at, text: text, size: size, color: color, anchor: anchor, bold: bold },
});
wire_enum!(Mark {
    0 => Line { label: label, x: x, y: y },
    1 => Points { label: label, x: x, y: y },
    2 => Image { rows: rows, columns: columns, values: values, colormap: colormap, numbers: numbers },
    3 => Bars { label: label, left: left, right: right, height: height },
    4 => Contours { x: x, y: y, rows: rows, columns: columns, values: values, levels: levels, colormap: colormap },
    5 => Shapes { shapes: shapes },
});
wire_struct!(Panel {
    title,
    x_label,
    y_label,
    marks,
    axes,
    no_grid,
    x_limits,
    y_limits,
    x_names,
    y_names,
    colorbar,
    equal
});
wire_struct!(Figure { panels, columns, width, height });
