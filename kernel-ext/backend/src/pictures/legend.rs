//! Which colour is which: a box in the corner that hides the least.

use engine_api::Error;
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, WHITE};

use super::colors;
use super::plane::{Place, Plane};
use super::svg::UNITS;
use super::text;

const SIZE: f64 = 13.0;
const LINE_HEIGHT: f64 = 19.0;
const SAMPLE_WIDTH: f64 = 20.0;
const PADDING: f64 = 7.0;

/// One line of a legend.
pub struct Entry<'l> {
    pub label: &'l str,
    pub color: RGBColor,
    /// Whether the sample is a piece of line, otherwise a dot.
    pub line: bool,
}

/// Draws the entries, keeping away from occupied places where it can.
pub fn draw(plane: &Plane, entries: &[Entry], occupied: &[Place]) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let widest = text::widest(entries.iter().map(|entry| entry.label), SIZE);
    let width = units(SAMPLE_WIDTH + 3.0 * PADDING + widest);
    let height = units(LINE_HEIGHT * entries.len() as f64 + PADDING);
    let (left, top) = freest_corner(plane.bounds(), (width, height), occupied);
    let background = WHITE.mix(0.85).filled();
    plane.draw(&Rectangle::new([(left, top), (left + width, top + height)], background))?;
    for (i, entry) in entries.iter().enumerate() {
        let middle = top + units(PADDING / 2.0 + LINE_HEIGHT * (i as f64 + 0.5));
        draw_entry(plane, entry, (left + units(PADDING), middle))?;
    }
    Ok(())
}

fn draw_entry(plane: &Plane, entry: &Entry, (x, y): Place) -> Result<(), Error> {
    if entry.line {
        let sample = [(x, y), (x + units(SAMPLE_WIDTH), y)];
        plane.draw(&PathElement::new(sample, entry.color.stroke_width(30)))?;
    } else {
        plane.draw(&Circle::new((x + units(SAMPLE_WIDTH / 2.0), y), 40, entry.color.filled()))?;
    }
    let left = Pos::new(HPos::Left, VPos::Center);
    let style = ("sans-serif", SIZE * UNITS).into_font().color(&colors::INK).pos(left);
    plane.draw(&Text::new(entry.label, (x + units(SAMPLE_WIDTH + PADDING), y), style))
}

/// The upper left corner of a box in that corner of the plane where it covers the fewest places; the upper right
/// one if there is a choice.
fn freest_corner([left, top, right, bottom]: [i32; 4], (width, height): (i32, i32), occupied: &[Place]) -> Place {
    let gap = units(4.0);
    let (near_left, near_top) = (left + gap, top + gap);
    let (near_right, near_bottom) = ((right - width - gap).max(near_left), (bottom - height - gap).max(near_top));
    let corners = [(near_right, near_top), (near_right, near_bottom), (near_left, near_top), (near_left, near_bottom)];
    let covered = |corner: &Place| {
        let inside = |place: &&Place| {
            (corner.0..corner.0 + width).contains(&place.0) && (corner.1..corner.1 + height).contains(&place.1)
        };
        occupied.iter().filter(inside).count()
    };
    corners.into_iter().min_by_key(covered).unwrap_or(corners[0])
}

fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

#[cfg(test)]
mod tests {
    use super::freest_corner;

    #[test]
    fn legends_keep_away_from_marks() {
        for (occupied, corner) in [
            (&[][..], (860, 40)),
            (&[(900, 50)], (860, 860)),
            (&[(900, 50), (900, 950)], (40, 40)),
            (&[(900, 50), (900, 950), (50, 50)], (40, 860)),
            (&[(900, 50), (900, 60), (900, 950), (900, 940), (50, 50), (50, 950), (60, 950)], (40, 40)),
        ] {
            assert_eq!(freest_corner([0, 0, 1000, 1000], (100, 100), occupied), corner, "{occupied:?}");
        }
    }
}
