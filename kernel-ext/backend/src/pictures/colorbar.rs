//! What the colours of a panel mean: a bar of them beside it, with numbers.

use engine_api::{Colormap, Error, Mark, Panel};
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, IntoFont};

use super::colors;
use super::layout::{LABEL_SIZE, TICK_SIZE};
use super::matrix;
use super::plane::{Surface, failed};
use super::svg::UNITS;
use super::text;
use super::ticks::Ticks;

const GAP: f64 = 12.0;
const WIDTH: f64 = 14.0;
const TICK_LENGTH: f64 = 5.0;
/// The pieces of a bar whose colours flow.
const PIECES: usize = 64;

/// A bar, not placed yet.
#[derive(Clone, Debug)]
pub struct Colorbar {
    low: f64,
    high: f64,
    /// The ends of the pieces, each piece with one colour.
    edges: Vec<f64>,
    colormap: Colormap,
    label: String,
    ticks: Ticks,
}

impl Colorbar {
    /// The bar of a panel that wants one and has colours to explain.
    pub fn of(panel: &Panel, height: f64) -> Option<Self> {
        let label = panel.colorbar.clone()?;
        let most = (height / (2.4 * TICK_SIZE)).clamp(2.0, 9.0) as usize;
        panel.marks.iter().find_map(|mark| match mark {
            Mark::Image { values, colormap, .. } => {
                let (low, high) = matrix::range(values, *colormap);
                let edge = |piece: usize| low + (high - low) * piece as f64 / PIECES as f64;
                let edges = (0..=PIECES).map(edge).collect();
                let ticks = Ticks::nice(low, high, most, false);
                (high > low).then(|| Self { low, high, edges, colormap: *colormap, label: label.clone(), ticks })
            }
            Mark::Contours { levels, values, colormap, .. } if levels.len() > 1 => {
                let (first, last) = (levels[0], levels[levels.len() - 1]);
                // Levels at equal distances go on like that; others end with the values.
                let (step, mean) = (levels[1] - first, (last - first) / (levels.len() - 1) as f64);
                let (least, greatest) = matrix::range(values, Colormap::Viridis);
                let (low, high) = if (step - mean).abs() < 0.01 * mean {
                    (first - step, last + step)
                } else {
                    (least.min(first - 0.1 * mean), greatest.max(last + 0.1 * mean))
                };
                let edges = [&[low], levels.as_slice(), &[high]].concat();
                let ticks = Ticks::nice(low, high, most, false);
                Some(Self { low, high, edges, colormap: *colormap, label: label.clone(), ticks })
            }
            _ => None,
        })
    }

    /// The room to the right of the plane.
    pub fn room(&self) -> f64 {
        let names = text::widest(self.ticks.names.iter().map(String::as_str), TICK_SIZE);
        let label = if self.label.is_empty() { 0.0 } else { 1.4 * LABEL_SIZE };
        GAP + WIDTH + TICK_LENGTH + 3.0 + names + label
    }

    /// Draws the bar to the right of a plane, whose places are given in pixels.
    pub fn draw(&self, surface: &Surface, [_, top, right, bottom]: [f64; 4]) -> Result<(), Error> {
        let at = |pixels: f64| (pixels * UNITS).round() as i32;
        let y = |value: f64| bottom + (top - bottom) * (value - self.low) / (self.high - self.low);
        let (left, end) = (right + GAP, right + GAP + WIDTH);
        for (piece, pair) in self.edges.windows(2).enumerate() {
            let position = piece as f64 / (self.edges.len() - 2).max(1) as f64;
            let corners = [(at(left), at(y(pair[1]))), (at(end), at(y(pair[0])))];
            let color = colors::mapped(self.colormap, position);
            surface.draw(&Rectangle::new(corners, color.filled())).map_err(failed)?;
        }
        let frame = Rectangle::new([(at(left), at(top)), (at(end), at(bottom))], colors::AXIS.stroke_width(10));
        surface.draw(&frame).map_err(failed)?;
        let middle_left = Pos::new(HPos::Left, VPos::Center);
        for (position, name) in self.ticks.positions.iter().zip(&self.ticks.names) {
            let place = at(y(*position));
            let tick =
                PathElement::new([(at(end), place), (at(end + TICK_LENGTH), place)], colors::AXIS.stroke_width(10));
            surface.draw(&tick).map_err(failed)?;
            let style = ("sans-serif", TICK_SIZE * UNITS).into_font().color(&colors::INK).pos(middle_left);
            let text = Text::new(name.as_str(), (at(end + TICK_LENGTH + 3.0), place), style);
            surface.draw(&text).map_err(failed)?;
        }
        if self.label.is_empty() {
            return Ok(());
        }
        let style = ("sans-serif", LABEL_SIZE * UNITS).into_font().transform(FontTransform::Rotate270);
        let style = style.color(&colors::INK).pos(Pos::new(HPos::Center, VPos::Center));
        let place = (at(right + self.room() - 0.5 * LABEL_SIZE), at((top + bottom) / 2.0));
        surface.draw(&Text::new(self.label.as_str(), place, style)).map_err(failed)
    }
}
