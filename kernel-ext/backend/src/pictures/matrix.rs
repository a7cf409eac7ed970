//! A matrix as coloured squares: exact pixels, or rectangles with their numbers.

use engine_api::{Colormap, Error};
use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor};

use super::colors;
use super::plane::{Embedded, Place, Plane};
use super::raster::Raster;
use super::svg::UNITS;
use super::text;

/// Squares whose numbers would be smaller than this many pixels carry none.
const SMALLEST_NUMBER: f64 = 6.0;
/// Larger matrices are shown by the means of blocks.
const MOST_PIXELS: usize = 1000;

/// A matrix and its colours.
pub struct Matrix<'m> {
    pub rows: usize,
    pub columns: usize,
    pub values: &'m [f32],
    pub colormap: Colormap,
}

impl Matrix<'_> {
    /// One pixel a square, or rectangles with numbers where those can be read.
    pub fn draw(&self, plane: &Plane, numbers: bool) -> Result<(), Error> {
        if self.values.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = if numbers { self.values.iter().map(number).collect() } else { Vec::new() };
        let size = self.number_size(plane, &names);
        if numbers && size >= SMALLEST_NUMBER {
            self.draw_numbers(plane, &names, size)
        } else {
            self.draw_pixels(plane)
        }
    }

    /// The largest size at which all numbers fit into their squares.
    fn number_size(&self, plane: &Plane, names: &[String]) -> f64 {
        let [left, top, right, bottom] = plane.bounds().map(|units| f64::from(units) / UNITS);
        let (width, height) = ((right - left) / self.columns as f64, (bottom - top) / self.rows as f64);
        let widest = text::widest(names.iter().map(String::as_str), 1.0).max(1.0);
        (0.85 * width / widest).min(0.6 * height).min(14.0)
    }

    fn draw_numbers(&self, plane: &Plane, names: &[String], size: f64) -> Result<(), Error> {
        let range = self.range();
        let centered = Pos::new(HPos::Center, VPos::Center);
        for (i, name) in names.iter().enumerate() {
            let (row, column) = (i / self.columns, i % self.columns);
            let [from, to] = self.corners(plane, row, column);
            let color = self.color(range, self.values[i]);
            if let Some(color) = color {
                plane.draw(&Rectangle::new([from, to], color.filled()))?;
            }
            let ink = color.map_or(colors::INK, colors::ink_on);
            let style = ("sans-serif", size * UNITS).into_font().color(&ink).pos(centered);
            plane.draw(&Text::new(name.as_str(), ((from.0 + to.0) / 2, (from.1 + to.1) / 2), style))?;
        }
        Ok(())
    }

    fn draw_pixels(&self, plane: &Plane) -> Result<(), Error> {
        let block = self.rows.max(self.columns).div_ceil(MOST_PIXELS);
        let (rows, columns) = (self.rows.div_ceil(block), self.columns.div_ceil(block));
        let range = self.range();
        let mut raster = Raster::new(columns, rows);
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            if let Some(color) = self.color(range, self.mean(row * block, column * block, block)) {
                raster.set(column as i64, row as i64, color);
            }
        }
        let [from, _] = self.corners(plane, 0, 0);
        let [_, to] = self.corners(plane, rows * block - 1, columns * block - 1);
        plane.draw(&Embedded { corners: [from, to], uri: raster.data_uri()?, sharp: true })
    }

    /// The mean of a block of squares, as far as it lies in the matrix.
    fn mean(&self, row: usize, column: usize, block: usize) -> f32 {
        let rows = row..(row + block).min(self.rows);
        let columns = column..(column + block).min(self.columns);
        let count = rows.len() * columns.len();
        let values = rows.flat_map(|row| &self.values[row * self.columns..][columns.clone()]);
        (values.map(|value| f64::from(*value)).sum::<f64>() / count as f64) as f32
    }

    /// The upper left and the lower right corner of a square.
    fn corners(&self, plane: &Plane, row: usize, column: usize) -> [Place; 2] {
        let (x, y) = (column as f64, row as f64);
        [plane.corner(x - 0.5, y - 0.5), plane.corner(x + 0.5, y + 0.5)]
    }

    fn range(&self) -> (f64, f64) {
        range(self.values, self.colormap)
    }

    /// None for values that are not finite.
    fn color(&self, (low, high): (f64, f64), value: f32) -> Option<RGBColor> {
        let position = if high > low { (f64::from(value) - low) / (high - low) } else { 0.0 };
        value.is_finite().then(|| colors::mapped(self.colormap, position))
    }
}

/// The values at the two ends of the colours; white stands for nothing where white means few, and grey for nothing where
/// grey is the middle.
pub fn range(values: &[f32], colormap: Colormap) -> (f64, f64) {
    let finite = values.iter().copied().filter(|value| value.is_finite()).map(f64::from);
    let low = finite.clone().fold(f64::INFINITY, f64::min);
    let high = finite.fold(f64::NEG_INFINITY, f64::max);
    match colormap {
        Colormap::Blues => (low.min(0.0), high),
        Colormap::Coolwarm => match low.abs().max(high.abs()) {
            largest if largest > 0.0 && largest.is_finite() => (-largest, largest),
            _ => (-1.0, 1.0),
        },
        _ => (low, high),
    }
}

/// At most three digits after the point, and none that say nothing.
fn number(value: &f32) -> String {
    if !value.is_finite() {
        return value.to_string().replace('-', "−");
    }
    let digits = match value.abs() {
        size if value.fract() == 0.0 || size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size < 0.001 => return format!("{value:.1e}").replace('-', "−"),
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    let text = if digits > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (980.0, "980"),
            (-1.0, "−1"),
            (0.25, "0.25"),
            (-0.126, "−0.13"),
            (94.5, "94.5"),
            (0.999, "1"),
            (123.456, "123.5"),
            (12345.6, "12346"),
            (0.000_12, "1.2e−4"),
            (f32::NAN, "NaN"),
            (f32::NEG_INFINITY, "−inf"),
        ] {
            assert_eq!(number(&value), text);
        }
    }

    #[test]
    fn blocks_are_averaged() {
        let values: Vec<f32> = (0..6).map(|value| value as f32).collect();
        let matrix = Matrix { rows: 2, columns: 3, values: &values, colormap: Colormap::Gray };
        assert_eq!((matrix.mean(0, 0, 2), matrix.mean(0, 2, 2), matrix.mean(1, 1, 1)), (2.0, 3.5, 4.0));
    }
}
