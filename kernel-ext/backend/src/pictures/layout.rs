//! Where things stand in a picture, in pixels.

use engine_api::{Figure, Mark, Panel};

use super::axis::Axis;
use super::colorbar::Colorbar;
use super::span::Span;
use super::text;
use super::ticks::Ticks;

/// The size of the names of axes.
pub const LABEL_SIZE: f64 = 14.0;
/// The size of the numbers at axes.
pub const TICK_SIZE: f64 = 13.0;
/// The height of a line of a title, as a multiple of its size.
pub const TITLE_LINE_HEIGHT: f64 = 1.3;

const TITLE_SIZE: f64 = 15.0;
const CAPTION_SIZE: f64 = 16.0;
/// How much wider bold letters are.
const BOLD: f64 = 1.14;
const SMALLEST_TITLE: f64 = 7.0;
const MARGIN: f64 = 10.0;
const TICK_LENGTH: f64 = 8.0;
const SMALLEST_PLANE: f64 = 20.0;

/// The places of one panel.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The size of the title's letters.
    pub title_size: f64,
    /// The middle of the title's lines.
    pub title_middle: f64,
    /// The upper end of the title.
    pub title_top: f64,
    /// The plane between the axes: left, top, right, bottom.
    pub plane: [f64; 4],
    /// The room for numbers and name of the horizontal axis.
    pub below: f64,
    /// The room for numbers and name of the vertical axis.
    pub before: f64,
    /// The horizontal axis.
    pub horizontal: Axis,
    /// The vertical axis.
    pub vertical: Axis,
    /// What the colours mean.
    pub colorbar: Option<Colorbar>,
}

impl Frame {
    /// The plane with the room for its axes.
    pub fn outer(&self) -> [f64; 4] {
        let [left, top, right, bottom] = self.plane;
        [left - self.before, top, right, bottom + self.below]
    }
}

/// The places of all panels: cells of the same size, filled row by row.
pub fn frames(figure: &Figure) -> Vec<Frame> {
    let columns = figure.columns.min(figure.panels.len()).max(1);
    let rows = figure.panels.len().div_ceil(columns).max(1);
    let (width, height) = (f64::from(figure.width) / columns as f64, f64::from(figure.height) / rows as f64);
    let margin = MARGIN.min(0.05 * width.min(height)).max(2.0);
    let title = Title::of(figure, width - 2.0 * margin);
    let cell = |i: usize| {
        let (left, top) = ((i % columns) as f64 * width, (i / columns) as f64 * height);
        [left + margin, top + margin, left + width - margin, top + height - margin]
    };
    figure.panels.iter().enumerate().map(|(i, panel)| frame(panel, cell(i), &title)).collect()
}

/// All panels have the same room for their titles, so that their axes stand in line.
struct Title {
    size: f64,
    lines: usize,
}

impl Title {
    fn of(figure: &Figure, width: f64) -> Self {
        let titles = || figure.panels.iter().flat_map(|panel| panel.title.lines());
        let (size, weight) =
            if figure.panels.iter().any(|panel| panel.axes) { (TITLE_SIZE, BOLD) } else { (CAPTION_SIZE, 1.0) };
        let fitting = width / (weight * text::widest(titles(), 1.0)).max(1.0);
        let lines = figure.panels.iter().map(|panel| panel.title.lines().count()).max().unwrap_or(0);
        Self { size: size.min(fitting).max(SMALLEST_TITLE), lines }
    }

    fn height(&self) -> f64 {
        self.lines as f64 * self.size * TITLE_LINE_HEIGHT
    }
}

fn frame(panel: &Panel, [left, top, right, bottom]: [f64; 4], title: &Title) -> Frame {
    let (horizontal, vertical) = Span::of(panel);
    let below_title = if title.lines == 0 { top } else { top + title.height() + 0.3 * title.size };
    let mut frame = Frame {
        title_size: title.size,
        title_middle: 0.0,
        title_top: top,
        plane: [left, below_title, right, bottom],
        below: 0.0,
        before: 0.0,
        horizontal: Axis { span: horizontal, ticks: Ticks::default() },
        vertical: Axis { span: vertical, ticks: Ticks::default() },
        colorbar: Colorbar::of(panel, bottom - below_title),
    };
    if let Some(colorbar) = &frame.colorbar {
        frame.plane[2] -= colorbar.room();
    }
    if panel.axes {
        add_axes(&mut frame, panel);
    }
    frame.plane = at_least(frame.plane);
    if let Some((rows, columns)) = image_size(panel) {
        frame.plane = with_proportions(frame.plane, columns as f64 / rows as f64);
    } else if panel.equal {
        let size = |span: &Span| span.high() - span.low();
        frame.plane = with_proportions(frame.plane, size(&horizontal) / size(&vertical));
    }
    let lines = panel.title.lines().count();
    frame.title_middle = (frame.plane[0] + frame.plane[2]) / 2.0;
    frame.title_top = frame.plane[1] - 0.3 * title.size - lines as f64 * title.size * TITLE_LINE_HEIGHT;
    frame
}

/// Chooses the ticks and makes room for their names and the names of the axes.
fn add_axes(frame: &mut Frame, panel: &Panel) {
    let label = |text: &str| if text.is_empty() { 0.0 } else { 1.4 * LABEL_SIZE };
    frame.below = TICK_LENGTH + TICK_SIZE + label(&panel.x_label);
    let [left, top, right, bottom] = frame.plane;
    let height = bottom - top - frame.below;
    frame.vertical.ticks = named(&panel.y_names).unwrap_or_else(|| y_ticks(&frame.vertical.span, height));
    let widest = text::widest(frame.vertical.ticks.names.iter().map(String::as_str), TICK_SIZE);
    frame.before = TICK_LENGTH + widest + 2.0 + label(&panel.y_label);
    let width = right - left - frame.before;
    frame.horizontal.ticks = named(&panel.x_names).unwrap_or_else(|| x_ticks(&frame.horizontal.span, width));
    // Half of the last number reaches over the end of the axis.
    let over = frame.horizontal.ticks.names.last().map_or(0.0, |name| text::width(name, TICK_SIZE) / 2.0);
    frame.plane = [left + frame.before, top + TICK_SIZE / 2.0, right - over.min(width / 8.0), bottom - frame.below];
}

/// The ticks that were chosen with the panel, if any.
fn named(names: &[(f64, String)]) -> Option<Ticks> {
    let (positions, names) = names.iter().cloned().unzip();
    let ticks = Ticks { positions, names };
    (!ticks.positions.is_empty()).then_some(ticks)
}

/// As many ticks as have room for their names above each other.
fn y_ticks(span: &Span, height: f64) -> Ticks {
    let lines = height / (if span.whole { 1.5 } else { 2.4 } * TICK_SIZE);
    Ticks::nice(span.low(), span.high(), (lines as usize).clamp(2, most_ticks(span)), span.whole)
}

/// Whole numbers are shown one by one if there are few of them.
fn most_ticks(span: &Span) -> usize {
    if span.whole && span.high() - span.low() <= 20.0 { 20 } else { 7 }
}

/// As many ticks as have room for their names beside each other.
fn x_ticks(span: &Span, width: f64) -> Ticks {
    let mut most = most_ticks(span);
    loop {
        let ticks = Ticks::nice(span.low(), span.high(), most, span.whole);
        let widest = text::widest(ticks.names.iter().map(String::as_str), TICK_SIZE);
        let needed = ticks.names.len() as f64 * (widest + TICK_SIZE);
        if needed <= width || most <= 2 {
            return ticks;
        }
        most -= 1;
    }
}

fn at_least([left, top, right, bottom]: [f64; 4]) -> [f64; 4] {
    [left, top, right.max(left + SMALLEST_PLANE), bottom.max(top + SMALLEST_PLANE)]
}

/// The largest rectangle with these proportions, in the middle.
fn with_proportions([left, top, right, bottom]: [f64; 4], width_by_height: f64) -> [f64; 4] {
    let width = (right - left).min((bottom - top) * width_by_height);
    let height = width / width_by_height;
    let (x, y) = ((left + right - width) / 2.0, (top + bottom - height) / 2.0);
    [x, y, x + width, y + height]
}

fn image_size(panel: &Panel) -> Option<(usize, usize)> {
    panel.marks.iter().find_map(|mark| match mark {
        Mark::Image { rows, columns, .. } if rows * columns > 0 => Some((*rows, *columns)),
        _ => None,
    })
}
