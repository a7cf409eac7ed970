//! More marks of a figure, and what its axes show: bars, histograms, filled contours, limits, names of ticks.

use super::Figure;
use super::figure::matrix;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::Numbers;
use engine_api::{Colormap, Mark};

/// The bands of filled contours where no levels are chosen.
const BANDS: usize = 10;

impl Figure {
    /// Figures as the panels of one, so many beside each other.
    ///
    /// ```
    /// use course::prelude::*;
    /// let wave = |f: fn(f64) -> f64| Figure::new().line(&(0..9).map(|x| f(x as f64)).collect::<Vec<f64>>());
    /// let both = Figure::subplots(2, [wave(f64::sin).title("sin"), wave(f64::cos).title("cos")]);
    /// assert_eq!(both.to_string(), "<Figure: \"sin\" with line of 9 points; \"cos\" with line of 9 points>");
    /// ```
    pub fn subplots(columns: usize, figures: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::columns(columns);
        all.figure.panels = figures.into_iter().flat_map(|figure| figure.figure.panels).collect();
        all
    }

    /// A bar for each name.
    ///
    /// # Panics
    /// When there are different numbers of names and heights.
    #[must_use]
    #[track_caller]
    pub fn bar(self, names: &[&str], heights: &dyn Numbers) -> Self {
        let heights = heights.numbers().to_f64();
        if names.len() != heights.len() {
            let report = Report::new("Figure::bar", "each bar needs a name and a height");
            expect_good::<()>(Err(Error::shape(report.expected(format!("{} heights", names.len()), heights.len()))));
        }
        let (left, right) = (0..heights.len()).map(|place| (place as f64 - 0.4, place as f64 + 0.4)).unzip();
        let mut figure = self.mark(Mark::Bars { label: String::new(), left, right, height: heights });
        let names = names.iter().enumerate().map(|(place, name)| (place as f64, (*name).to_owned()));
        figure.panel().x_names = names.collect();
        figure
    }

    /// How often values occur: so many bars of equal width from the least to the greatest. Values that are not finite
    /// are left out.
    ///
    /// # Panics
    /// When there are no bins.
    ///
    /// ```
    /// use course::prelude::*;
    /// let figure = Figure::new().hist(&[0.0, 0.1, 0.9, 1.0, f64::NAN], 2);
    /// assert_eq!(figure.to_string(), "<Figure: 2 bars up to 2>");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn hist(self, values: &dyn Numbers, bins: usize) -> Self {
        if bins == 0 {
            expect_good::<()>(Err(Error::data(Report::new("Figure::hist", "a histogram has at least one bin"))));
        }
        let mut values = values.numbers().to_f64();
        values.retain(|value| value.is_finite());
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low < high {
            (low, high)
        } else if values.is_empty() {
            (0.0, 1.0)
        } else {
            (low - 0.5, low + 0.5)
        };
        let width = (high - low) / bins as f64;
        let mut height = vec![0.0; bins];
        values.iter().for_each(|value| height[(((value - low) / width) as usize).min(bins - 1)] += 1.0);
        let (left, right) = (0..bins).map(|bin| (low + width * bin as f64, low + width * (bin + 1) as f64)).unzip();
        self.mark(Mark::Bars { label: String::new(), left, right, height })
    }

    /// A function over a plane as bands of colour with lines between them: `values` at the corners of a regular grid
    /// from `x.0` to `x.1` and from `y.0` (row 0) to `y.1`.
    ///
    /// # Panics
    /// When the values are no matrix.
    ///
    /// ```
    /// use course::prelude::*;
    /// let hill = Array2::from_shape_fn((20, 20), |(y, x)| -((x as f64 - 9.5).powi(2) + (y as f64 - 9.5).powi(2)));
    /// let figure = Figure::new().contourf((0.0, 1.0), (0.0, 1.0), &hill).colorbar("height");
    /// assert_eq!(figure.to_string(), "<Figure: contours of 20 x 20 values>");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn contourf(self, x: (f64, f64), y: (f64, f64), values: &dyn Numbers) -> Self {
        let (rows, columns, values) = expect_good(matrix(values));
        let levels = even_levels(&values, BANDS);
        self.mark(Mark::Contours { x, y, rows, columns, values, levels, colormap: Colormap::Viridis })
    }

    /// The values between the bands of the last contours, growing.
    ///
    /// # Panics
    /// When they do not grow.
    #[must_use]
    #[track_caller]
    pub fn levels(mut self, values: &[f64]) -> Self {
        expect_good(growing(values));
        if let Some(Mark::Contours { levels, .. }) = self.panel().marks.last_mut() {
            *levels = values.to_vec();
        }
        self
    }

    /// A bar that says what the colours of the image or the contours mean.
    #[must_use]
    pub fn colorbar(mut self, label: &str) -> Self {
        self.panel().colorbar = Some(label.into());
        self
    }

    /// From where to where the horizontal axis goes.
    #[must_use]
    pub fn xlim(mut self, from: f64, to: f64) -> Self {
        self.panel().x_limits = Some((from, to));
        self
    }

    /// From where to where the vertical axis goes.
    #[must_use]
    pub fn ylim(mut self, from: f64, to: f64) -> Self {
        self.panel().y_limits = Some((from, to));
        self
    }

    /// The ticks of the horizontal axis and their names.
    #[must_use]
    pub fn xticks(mut self, ticks: &[(f64, &str)]) -> Self {
        self.panel().x_names = ticks.iter().map(|(place, name)| (*place, (*name).into())).collect();
        self
    }

    /// The ticks of the vertical axis and their names.
    #[must_use]
    pub fn yticks(mut self, ticks: &[(f64, &str)]) -> Self {
        self.panel().y_names = ticks.iter().map(|(place, name)| (*place, (*name).into())).collect();
        self
    }

    /// Whether lines are drawn at the ticks.
    #[must_use]
    pub fn grid(mut self, yes: bool) -> Self {
        self.panel().no_grid = !yes;
        self
    }

    /// One scale for both axes, so that circles are round.
    #[must_use]
    pub fn axis_equal(mut self) -> Self {
        self.panel().equal = true;
        self
    }
}

/// Levels that cut the range of the values into bands of one height.
pub(super) fn even_levels(values: &[f32], bands: usize) -> Vec<f64> {
    let finite = values.iter().copied().filter(|value| value.is_finite()).map(f64::from);
    let low = finite.clone().fold(f64::INFINITY, f64::min);
    let high = finite.fold(f64::NEG_INFINITY, f64::max);
    if low >= high {
        return Vec::new();
    }
    (1..bands).map(|level| low + (high - low) * level as f64 / bands as f64).collect()
}

fn growing(levels: &[f64]) -> Result<()> {
    if levels.windows(2).all(|pair| pair[0] < pair[1]) && levels.iter().all(|level| level.is_finite()) {
        return Ok(());
    }
    Err(Error::data(
        Report::new("Figure::levels", "levels must grow from one to the next")
            .expected("such as [0.25, 0.5, 0.75]", format!("{levels:?}")),
    ))
}
