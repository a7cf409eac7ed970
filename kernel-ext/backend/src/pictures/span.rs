//! Which stretch of numbers an axis shows.

use engine_api::{Mark, Panel, Shape2D};

/// Larger numbers cannot be drawn: differences between them would not be finite.
const LARGEST: f64 = 1e300;

/// Whether a number has a place on an axis; others leave gaps.
pub fn drawable(value: f64) -> bool {
    value.abs() <= LARGEST
}

/// From where to where an axis goes; `from` is larger than `to` on an axis that points down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The left or lower end.
    pub from: f64,
    /// The right or upper end.
    pub to: f64,
    /// Whether only whole numbers occur, such as epochs and classes.
    pub whole: bool,
}

impl Span {
    /// The horizontal and the vertical axis of a panel.
    pub fn of(panel: &Panel) -> (Self, Self) {
        let (horizontal, vertical) = image_extent(&panel.marks).unwrap_or_else(|| {
            let (x, y): (Vec<_>, Vec<_>) = panel.marks.iter().map(coordinates).unzip();
            let filled = panel.marks.iter().any(|mark| matches!(mark, Mark::Contours { .. }));
            let around = if filled { Self::tight } else { Self::around };
            (around(&x.concat()), around(&y.concat()))
        });
        (horizontal.within(panel.x_limits), vertical.within(panel.y_limits).onto_zero(&panel.marks))
    }

    /// The numbers with no margin.
    fn tight(values: &[f64]) -> Self {
        let Self { from, to, whole } = Self::around(values);
        let margin = 0.04 * (to - from) / 1.08;
        if values.iter().filter(|value| drawable(**value)).count() < 2 {
            return Self { from, to, whole };
        }
        Self { from: from + margin, to: to - margin, whole }
    }

    /// Those ends, where they are chosen.
    fn within(self, limits: Option<(f64, f64)>) -> Self {
        match limits {
            Some((from, to)) if drawable(from) && drawable(to) && from != to => Self { from, to, ..self },
            _ => self,
        }
    }

    /// Bars stand on the axis.
    fn onto_zero(self, marks: &[Mark]) -> Self {
        let bars = marks.iter().any(|mark| matches!(mark, Mark::Bars { .. }));
        let lowest = marks.iter().flat_map(|mark| coordinates(mark).1).fold(f64::INFINITY, f64::min);
        if bars && lowest >= 0.0 && self.from < 0.0 { Self { from: 0.0, ..self } } else { self }
    }

    /// The numbers with a margin of 4 % on both sides.
    fn around(values: &[f64]) -> Self {
        let shown = values.iter().filter(|value| drawable(**value)).copied();
        let low = shown.clone().fold(f64::INFINITY, f64::min);
        let high = shown.clone().fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return Self { from: 0.0, to: 1.0, whole: false };
        }
        let whole = shown.clone().all(|value| value.fract() == 0.0);
        let size = high - low;
        let margin = if size > 1e-9 * low.abs().max(high.abs()) { 0.04 * size } else { half_of_constant(low) };
        Self { from: low - margin, to: high + margin, whole }
    }

    /// The lower end.
    pub fn low(&self) -> f64 {
        self.from.min(self.to)
    }

    /// The upper end.
    pub fn high(&self) -> f64 {
        self.from.max(self.to)
    }
}

/// How far an axis reaches to both sides when all values are the same.
fn half_of_constant(value: f64) -> f64 {
    if value == 0.0 { 0.5 } else { 0.1 * value.abs() }
}

/// The numbers that a mark reaches to on the horizontal and the vertical axis.
fn coordinates(mark: &Mark) -> (Vec<f64>, Vec<f64>) {
    match mark {
        Mark::Line { x, y, .. } | Mark::Points { x, y, .. } => (x.clone(), y.clone()),
        Mark::Image { .. } => (Vec::new(), Vec::new()),
        Mark::Bars { left, right, height, .. } => {
            ([left.as_slice(), right].concat(), [height.as_slice(), &[0.0]].concat())
        }
        Mark::Contours { x, y, .. } => (vec![x.0, x.1], vec![y.0, y.1]),
        Mark::Shapes { shapes } => shapes.iter().flat_map(places).unzip(),
    }
}

fn places(shape: &Shape2D) -> Vec<(f64, f64)> {
    match shape {
        Shape2D::Path { points, .. } => points.clone(),
        Shape2D::Circle { center, .. } => vec![*center],
        Shape2D::Text { at, .. } => vec![*at],
    }
}

/// Squares are one wide, with their centres on whole numbers, and row 0 at the top.
fn image_extent(marks: &[Mark]) -> Option<(Span, Span)> {
    let sizes = marks.iter().filter_map(|mark| match mark {
        Mark::Image { rows, columns, .. } if rows * columns > 0 => Some((*rows, *columns)),
        _ => None,
    });
    let (rows, columns) = sizes.reduce(|one, other| (one.0.max(other.0), one.1.max(other.1)))?;
    let horizontal = Span { from: -0.5, to: columns as f64 - 0.5, whole: true };
    Some((horizontal, Span { from: rows as f64 - 0.5, to: -0.5, whole: true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_all_finite_values() {
        for (values, from, to, whole) in [
            (&[][..], 0.0, 1.0, false),
            (&[f64::NAN, f64::INFINITY], 0.0, 1.0, false),
            (&[0.0, 100.0], -4.0, 104.0, true),
            (&[0.0, f64::NAN, -0.5, f64::NEG_INFINITY], -0.52, 0.02, false),
            (&[3.0], 2.7, 3.3, true),
            (&[0.0, 0.0], -0.5, 0.5, true),
            (&[-1e301, 1.0], 0.9, 1.1, true),
        ] {
            assert_eq!(Span::around(values), Span { from, to, whole }, "{values:?}");
        }
    }
}
