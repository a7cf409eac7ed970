//! An axis as plotters wants it: numbers to places, and ticks with names.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::span::Span;
use super::ticks::Ticks;

/// A linear axis whose ticks were chosen beforehand.
#[derive(Clone, Debug)]
pub struct Axis {
    /// From where to where it goes.
    pub span: Span,
    /// Its ticks; none where axes are not drawn.
    pub ticks: Ticks,
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let position = (value - self.span.from) / (self.span.to - self.span.from);
        start + (position * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.positions.clone()
    }

    fn range(&self) -> Range<f64> {
        self.span.from..self.span.to
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, position: &f64) -> String {
        self.ticks.name_at(*position)
    }
}
