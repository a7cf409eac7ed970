//! Figures become pictures: self-contained SVG documents that look the same everywhere.
//!
//! What may not be in these files: what a picture means (histories, confusion matrices); that is a matter of
//! those who make figures.

mod axis;
mod bars;
mod colorbar;
mod colors;
mod contours;
mod layout;
mod legend;
mod lines;
mod matrix;
mod panel;
mod pixels;
mod plane;
mod points;
mod raster;
mod recorder;
mod shapes;
mod span;
mod svg;
mod text;
mod ticks;

#[cfg(test)]
mod tests;

pub use pixels::rasterize;
pub use recorder::{Recorder, record};

use engine_api::{Draw, Error, Figure, Mark, Picture, Shape2D};
use plotters::drawing::IntoDrawingArea;

const LARGEST_SIZE: u32 = 10_000;
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";

/// Draws a figure.
///
/// # Errors
/// When the figure is not whole: sizes of nothing, marks with different numbers of places.
pub fn draw(request: Draw) -> Result<Picture, Error> {
    let figure = request.figure;
    check(&figure)?;
    let mut elements = String::new();
    {
        let sharers = figure.panels.iter().flat_map(|panel| &panel.marks).count();
        let surface = svg::Svg::new(&mut elements, figure.width.into(), figure.height.into()).into_drawing_area();
        for (panel, frame) in figure.panels.iter().zip(layout::frames(&figure)) {
            panel::draw(&surface, panel, &frame, sharers)?;
        }
    }
    Ok(Picture { svg: document(&figure, &elements) })
}

fn document(figure: &Figure, elements: &str) -> String {
    let Figure { width, height, .. } = figure;
    let title = text::escape(&description(figure));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\">\n<title>{title}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{elements}</svg>\n"
    )
}

/// The picture in words, for those who do not see it.
fn description(figure: &Figure) -> String {
    let panels: Vec<String> = figure.panels.iter().map(describe_panel).filter(|text| !text.is_empty()).collect();
    if panels.is_empty() { "a picture".into() } else { panels.join("; ") }
}

fn describe_panel(panel: &engine_api::Panel) -> String {
    let title = panel.title.lines().collect::<Vec<_>>().join(" ");
    let labels: Vec<&str> = panel.marks.iter().map(panel::label).filter(|label| !label.is_empty()).collect();
    let axes = match (panel.y_label.as_str(), panel.x_label.as_str()) {
        ("", "") => String::new(),
        (y, "") => y.into(),
        ("", x) => format!("over {x}"),
        (y, x) => format!("{y} over {x}"),
    };
    let marks: Vec<String> = panel.marks.iter().filter_map(describe_mark).collect();
    [title, axes, labels.join(", "), marks.join(", ")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(": ")
}

/// What a mark without a name shows, as far as words say that.
fn describe_mark(mark: &Mark) -> Option<String> {
    const TEXTS: usize = 20;
    match mark {
        Mark::Image { rows, columns, .. } => Some(format!("an image of {rows} rows and {columns} columns")),
        Mark::Bars { label, height, .. } if label.is_empty() => Some(format!("{} bars", height.len())),
        Mark::Contours { levels, .. } => Some(format!("{} bands of colour", levels.len() + 1)),
        Mark::Shapes { shapes } => {
            let texts = shapes.iter().filter_map(|shape| match shape {
                Shape2D::Text { text, .. } => Some(text.as_str()),
                _ => None,
            });
            let texts: Vec<&str> = texts.take(TEXTS).collect();
            Some(if texts.is_empty() { "a drawing".into() } else { format!("a drawing with {}", texts.join(", ")) })
        }
        _ => None,
    }
}

fn check(figure: &Figure) -> Result<(), Error> {
    let wrong = |message: String, hint: &str| Error::Shape { place: "figure".into(), message, hint: hint.into() };
    let Figure { width, height, columns, .. } = figure;
    if *columns == 0 {
        return Err(wrong("0 panels beside each other".into(), "set `columns` to 1 or more"));
    }
    let sizes = 1..=LARGEST_SIZE;
    if !sizes.contains(width) || !sizes.contains(height) {
        return Err(wrong(format!("a size of {width} x {height} pixels"), "both sizes can be 1 to 10000"));
    }
    for (i, panel) in figure.panels.iter().enumerate() {
        for mark in &panel.marks {
            check_mark(mark)
                .map_err(|message| wrong(format!("panel {i}: {message}"), "give one value for each place"))?;
        }
    }
    Ok(())
}

fn check_mark(mark: &Mark) -> Result<(), String> {
    match mark {
        Mark::Line { label, x, y } | Mark::Points { label, x, y } if x.len() != y.len() => {
            Err(format!("`{label}` has {} values of x and {} of y", x.len(), y.len()))
        }
        Mark::Image { rows, columns, values, .. } if Some(values.len()) != rows.checked_mul(*columns) => {
            Err(format!("an image of {rows} x {columns} has {} values", values.len()))
        }
        Mark::Bars { label, left, right, height } if left.len() != right.len() || left.len() != height.len() => Err(
            format!("`{label}` has {} left ends, {} right ends and {} heights", left.len(), right.len(), height.len()),
        ),
        Mark::Contours { rows, columns, values, .. } if Some(values.len()) != rows.checked_mul(*columns) => {
            Err(format!("a function at {rows} x {columns} places has {} values", values.len()))
        }
        _ => Ok(()),
    }
}
