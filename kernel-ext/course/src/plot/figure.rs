//! A figure: panels with lines, points and images.

use crate::display::{Bundle, Show, shows_itself};
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, shape_text};
use crate::waist;
use engine_api::{Colormap, Draw, Mark, Panel};
use std::fmt;

/// The width of JupyterLab's output area at an ordinary window.
const WIDTH: u32 = 800;
/// The greatest width of a panel that shows only an image.
const MOST_FOR_IMAGE: u32 = 320;

/// A picture with one panel or several. Calls go to the latest panel, as in matplotlib's `pyplot`.
///
/// ```
/// use course::prelude::*;
/// let x: Vec<f64> = (0..100).map(|step| step as f64 / 10.0).collect();
/// let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
/// let figure = Figure::new().plot(&x, &y).label("sin").title("A wave").xlabel("x");
/// assert_eq!(figure.to_string(), "<Figure: \"A wave\" with line \"sin\" of 100 points>");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub(super) figure: engine_api::Figure,
    size_chosen: bool,
}

impl Default for Figure {
    fn default() -> Self {
        Self::new()
    }
}

impl Figure {
    /// A figure with one empty panel.
    pub fn new() -> Self {
        Self::columns(1)
    }

    /// A figure whose panels stand in so many columns; it has one panel yet, [`Figure::next`]
    /// adds more.
    pub fn columns(columns: usize) -> Self {
        let panel = Panel { axes: true, ..Panel::default() };
        let figure = engine_api::Figure { panels: vec![panel], columns: columns.max(1), width: 0, height: 0 };
        Self { figure, size_chosen: false }
    }

    /// Begins the next panel.
    #[must_use]
    pub fn next(mut self) -> Self {
        self.figure.panels.push(Panel { axes: true, ..Panel::default() });
        self
    }

    /// The width and height of the whole in pixels.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.figure.width, self.figure.height, self.size_chosen) = (width, height, true);
        self
    }

    /// A line through points.
    ///
    /// # Panics
    /// When `x` and `y` hold different numbers of values.
    #[must_use]
    #[track_caller]
    pub fn plot(self, x: &dyn Numbers, y: &dyn Numbers) -> Self {
        let (x, y) = expect_good(pair("plot", x, y));
        self.mark(Mark::Line { label: String::new(), x, y })
    }

    /// A line through values at 0, 1, 2, ...
    #[must_use]
    pub fn line(self, y: &dyn Numbers) -> Self {
        let y = y.numbers().to_f64();
        let x = (0..y.len()).map(|place| place as f64).collect();
        self.mark(Mark::Line { label: String::new(), x, y })
    }

    /// Separate points.
    ///
    /// # Panics
    /// When `x` and `y` hold different numbers of values.
    #[must_use]
    #[track_caller]
    pub fn scatter(self, x: &dyn Numbers, y: &dyn Numbers) -> Self {
        let (x, y) = expect_good(pair("scatter", x, y));
        self.mark(Mark::Points { label: String::new(), x, y })
    }

    /// A matrix as coloured squares, row 0 at the top, in matplotlib's viridis. Axes of size 1, such
    /// as the one channel of a grey image, do not count.
    ///
    /// # Panics
    /// When there are not two other axes.
    #[must_use]
    #[track_caller]
    pub fn imshow(self, image: &dyn Numbers) -> Self {
        let (rows, columns, values) = expect_good(matrix(image));
        let mut figure = self.mark(Mark::Image { rows, columns, values, colormap: Colormap::Viridis, numbers: false });
        figure.panel().axes = false;
        figure
    }

    /// The colours of the last image or contours.
    #[must_use]
    pub fn cmap(mut self, colours: Colormap) -> Self {
        if let Some(Mark::Image { colormap, .. } | Mark::Contours { colormap, .. }) = self.panel().marks.last_mut() {
            *colormap = colours;
        }
        self
    }

    /// Whether each square of the last image carries its number.
    #[must_use]
    pub fn with_numbers(mut self, yes: bool) -> Self {
        if let Some(Mark::Image { numbers, .. }) = self.panel().marks.last_mut() {
            *numbers = yes;
        }
        self
    }

    /// The last line's or points' name in the legend.
    #[must_use]
    pub fn label(mut self, text: &str) -> Self {
        if let Some(Mark::Line { label, .. } | Mark::Points { label, .. } | Mark::Bars { label, .. }) =
            self.panel().marks.last_mut()
        {
            *label = text.into();
        }
        self
    }

    /// The panel's heading.
    #[must_use]
    pub fn title(mut self, text: impl Into<String>) -> Self {
        self.panel().title = text.into();
        self
    }

    /// What the horizontal axis shows.
    #[must_use]
    pub fn xlabel(mut self, text: impl Into<String>) -> Self {
        self.panel().x_label = text.into();
        self
    }

    /// What the vertical axis shows.
    #[must_use]
    pub fn ylabel(mut self, text: impl Into<String>) -> Self {
        self.panel().y_label = text.into();
        self
    }

    /// Whether the panel has ticks and a frame.
    #[must_use]
    pub fn axes(mut self, yes: bool) -> Self {
        self.panel().axes = yes;
        self
    }

    /// The picture as an SVG document.
    ///
    /// # Errors
    /// When the backend cannot draw it.
    pub fn svg(&self) -> Result<String> {
        let mut figure = self.figure.clone();
        if !self.size_chosen {
            (figure.width, figure.height) = natural_size(&figure);
        }
        Ok(waist::call(&Draw { figure })?.svg)
    }

    pub(super) fn mark(mut self, mark: Mark) -> Self {
        self.panel().marks.push(mark);
        self
    }

    pub(super) fn panel(&mut self) -> &mut Panel {
        if self.figure.panels.is_empty() {
            self.figure.panels.push(Panel { axes: true, ..Panel::default() });
        }
        let last = self.figure.panels.len() - 1;
        &mut self.figure.panels[last]
    }
}

/// Panels with axes are 3/4 as high as wide; panels with only an image are square below their
/// titles, and no wider than an image is pleasant to look at.
fn natural_size(figure: &engine_api::Figure) -> (u32, u32) {
    let rows = figure.panels.len().div_ceil(figure.columns).max(1) as u32;
    let columns = figure.columns.min(figure.panels.len()).max(1) as u32;
    if figure.panels.iter().all(|panel| !panel.axes) {
        let side = (WIDTH / columns).min(MOST_FOR_IMAGE);
        return (side * columns, (side + title_height(figure)) * rows);
    }
    let width = if columns == 1 { WIDTH * 3 / 4 } else { WIDTH };
    (width, width / columns * 3 / 4 * rows)
}

/// The room above an image: a line for each line of the highest title.
fn title_height(figure: &engine_api::Figure) -> u32 {
    let lines = |panel: &Panel| if panel.title.is_empty() { 0 } else { panel.title.lines().count() as u32 };
    18 * figure.panels.iter().map(lines).max().unwrap_or(0)
}

fn pair(method: &str, x: &dyn Numbers, y: &dyn Numbers) -> Result<(Vec<f64>, Vec<f64>)> {
    let (x, y) = (x.numbers().to_f64(), y.numbers().to_f64());
    if x.len() == y.len() {
        return Ok((x, y));
    }
    let report = Report::new(format!("Figure::{method}"), "each point needs a horizontal and a vertical place");
    Err(Error::shape(report.expected(format!("{} values of y", x.len()), y.len())))
}

/// Rows, columns and values of an array with two axes besides those of size 1.
pub(super) fn matrix(image: &dyn Numbers) -> Result<(usize, usize, Vec<f32>)> {
    let view = image.numbers();
    let sizes = match *view.shape() {
        [rows, columns] | [rows, columns, 1] | [1, rows, columns] | [1, rows, columns, 1] => Some((rows, columns)),
        _ => None,
    };
    let Some((rows, columns)) = sizes.filter(|&(rows, columns)| rows * columns > 0) else {
        let report = Report::new("Figure::imshow", "an image has rows and columns")
            .expected("(rows, columns), perhaps with axes of size 1", shape_text(view.shape()))
            .hint("take one image of a batch: `images.index_axis(Axis(0), 39)`; many: `show_images`");
        return Err(Error::shape(report));
    };
    Ok((rows, columns, view.to_f32()))
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let panels: Vec<String> = self.figure.panels.iter().map(describe).collect();
        write!(f, "<Figure: {}>", panels.join("; "))
    }
}

fn describe(panel: &Panel) -> String {
    let marks: Vec<String> = panel
        .marks
        .iter()
        .map(|mark| match mark {
            Mark::Line { label, x, .. } => format!("line{} of {} points", quoted(label), x.len()),
            Mark::Points { label, x, .. } => format!("{} points{}", x.len(), quoted(label)),
            Mark::Image { rows, columns, .. } => format!("image of {rows} x {columns}"),
            Mark::Bars { label, height, .. } => {
                let highest = height.iter().copied().fold(0.0, f64::max);
                format!("{} bars{} up to {highest}", height.len(), quoted(label))
            }
            Mark::Contours { rows, columns, .. } => format!("contours of {rows} x {columns} values"),
            Mark::Shapes { shapes } => format!("drawing of {} shapes", shapes.len()),
        })
        .collect();
    let title = panel.title.replace('\n', " / ");
    let marks = if marks.is_empty() { "nothing".into() } else { marks.join(", ") };
    if title.is_empty() { marks } else { format!("\"{title}\" with {marks}") }
}

fn quoted(label: &str) -> String {
    if label.is_empty() { String::new() } else { format!(" \"{label}\"") }
}

impl Show for Figure {
    /// The picture on a white card, which reads in a dark theme too, and a description of it.
    fn bundle(&self) -> Bundle {
        let text = Bundle::text(self.to_string());
        match self.svg() {
            Ok(svg) => text.with("image/svg+xml", svg),
            Err(error) => Bundle::text(format!("{self}\nit could not be drawn: {error}")),
        }
    }
}

shows_itself!(Figure);
