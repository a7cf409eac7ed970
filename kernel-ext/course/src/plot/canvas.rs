//! A drawing of one's own: lines, shapes and text in a panel.

use super::Figure;
use engine_api::{Mark, Shape2D};

/// Shapes, each over those before it, in the numbers of the panel that they are drawn into. Colours are `0xRRGGBB`;
/// widths, radii and sizes of letters are pixels.
///
/// ```
/// use course::prelude::*;
/// let canvas = Canvas::new().arrow((0.0, 0.0), (1.0, 1.0)).circle((0.5, 0.5), 20.0).text((0.5, 0.5), "w");
/// let figure = Figure::new().draw(&canvas).axes(false);
/// assert_eq!(figure.to_string(), "<Figure: drawing of 3 shapes>");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Canvas {
    shapes: Vec<Shape2D>,
    stroke: Option<u32>,
    fill: Option<u32>,
    width: f64,
    ink: u32,
    size: f64,
    bold: bool,
    anchor: i64,
}

impl Default for Canvas {
    fn default() -> Self {
        Self::new()
    }
}

impl Canvas {
    /// A canvas without shapes; lines are dark and 1.5 pixels wide, shapes are white inside, text is 14 pixels high.
    pub fn new() -> Self {
        let (shapes, ink) = (Vec::new(), 0x33_3333);
        let (stroke, fill) = (Some(ink), Some(0xff_ffff));
        Self { shapes, stroke, fill, width: 1.5, ink, size: 14.0, bold: false, anchor: 0 }
    }

    /// The line around what is drawn from here on; `None` for none.
    #[must_use]
    pub fn stroke(self, color: impl Into<Option<u32>>) -> Self {
        Self { stroke: color.into(), ..self }
    }

    /// The inside of shapes that are drawn from here on; `None` for none.
    #[must_use]
    pub fn fill(self, color: impl Into<Option<u32>>) -> Self {
        Self { fill: color.into(), ..self }
    }

    /// The width of lines that are drawn from here on.
    #[must_use]
    pub fn width(self, pixels: f64) -> Self {
        Self { width: pixels, ..self }
    }

    /// The colour of text that is written from here on.
    #[must_use]
    pub fn ink(self, color: u32) -> Self {
        Self { ink: color, ..self }
    }

    /// The height of letters that are written from here on.
    #[must_use]
    pub fn size(self, pixels: f64) -> Self {
        Self { size: pixels, ..self }
    }

    /// Whether text that is written from here on is bold.
    #[must_use]
    pub fn bold(self, yes: bool) -> Self {
        Self { bold: yes, ..self }
    }

    /// Where the place of a text is that is written from here on: at its beginning (-1), middle (0) or end (1).
    #[must_use]
    pub fn anchor(self, anchor: i64) -> Self {
        Self { anchor, ..self }
    }

    /// Straight lines from point to point.
    #[must_use]
    pub fn path(self, points: &[(f64, f64)]) -> Self {
        let (stroke, width) = (self.stroke, self.width);
        self.with(Shape2D::Path { points: points.to_vec(), fill: None, stroke, width, arrow: false })
    }

    /// A line from one point to another.
    #[must_use]
    pub fn line(self, from: (f64, f64), to: (f64, f64)) -> Self {
        self.path(&[from, to])
    }

    /// A line whose end is the tip of an arrow.
    #[must_use]
    pub fn arrow(self, from: (f64, f64), to: (f64, f64)) -> Self {
        self.arrow_along(&[from, to])
    }

    /// Straight lines from point to point; the last one is the tip of an arrow.
    #[must_use]
    pub fn arrow_along(self, points: &[(f64, f64)]) -> Self {
        let (stroke, width) = (self.stroke, self.width);
        self.with(Shape2D::Path { points: points.to_vec(), fill: None, stroke, width, arrow: true })
    }

    /// A shape with these corners.
    #[must_use]
    pub fn polygon(self, corners: &[(f64, f64)]) -> Self {
        let (fill, stroke, width) = (self.fill, self.stroke, self.width);
        // A closed shape has an inside; without a colour it is a path that returns.
        let mut points = corners.to_vec();
        if fill.is_none() {
            points.extend(corners.first());
        }
        self.with(Shape2D::Path { points, fill, stroke, width, arrow: false })
    }

    /// A rectangle between two opposite corners.
    #[must_use]
    pub fn rectangle(self, (x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> Self {
        self.polygon(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    }

    /// A circle with a radius in pixels.
    #[must_use]
    pub fn circle(self, center: (f64, f64), radius: f64) -> Self {
        let (fill, stroke, width) = (self.fill, self.stroke, self.width);
        self.with(Shape2D::Circle { center, radius, fill, stroke, width })
    }

    /// A line of text.
    #[must_use]
    pub fn text(self, at: (f64, f64), text: impl Into<String>) -> Self {
        let (size, color, anchor, bold) = (self.size, self.ink, self.anchor, self.bold);
        self.with(Shape2D::Text { at, text: text.into(), size, color, anchor, bold })
    }

    fn with(mut self, shape: Shape2D) -> Self {
        self.shapes.push(shape);
        self
    }
}

impl Figure {
    /// A drawing, in the numbers of the panel's axes.
    #[must_use]
    pub fn draw(self, canvas: &Canvas) -> Self {
        self.mark(Mark::Shapes { shapes: canvas.shapes.clone() })
    }

    /// A drawing of this width and height alone, without axes. Its numbers are pixels, (0, 0) is the upper left corner.
    pub fn drawing(width: u32, height: u32, canvas: &Canvas) -> Self {
        let whole = Self::new().size(width, height).axes(false);
        whole.xlim(0.0, f64::from(width)).ylim(f64::from(height), 0.0).draw(canvas)
    }
}
