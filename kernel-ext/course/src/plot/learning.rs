//! What a model has learnt and how: its boundary between classes, the surface of a loss, runs compared.

use super::Figure;
use super::marks::even_levels;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, shape_text};
use crate::{History, Model};
use engine_api::Colormap;
use ndarray::Array2;

/// The corners of the grid on which a model is asked, along each axis.
const GRID: usize = 81;
/// Of the range of the data, so much is shown around them.
const AROUND: f64 = 0.12;

/// Where a model of two numbers draws the line between classes: the probability of class 1 as colours (with more than two
/// classes: the class that wins), and the samples on top.
///
/// # Shapes
/// x (samples, 2), y (samples,) class numbers or (samples, classes); the model maps (2,) to one probability or one a class
///
/// # Panics
/// When the shapes are others; [`try_decision_boundary`] returns the error instead.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([2]));
/// model.add(Dense::new(1).activation("sigmoid"));
/// let (x, y) = toy::xor(40, 0.1);
/// let figure = decision_boundary(&mut model, &x, &y);
/// assert!(figure.to_string().contains("contours of 81 x 81 values"));
/// ```
#[track_caller]
pub fn decision_boundary(model: &mut Model, x: &dyn Numbers, y: &dyn Numbers) -> Figure {
    expect_good(try_decision_boundary(model, x, y))
}

/// As [`decision_boundary`].
///
/// # Errors
/// When the shapes do not fit.
pub fn try_decision_boundary(model: &mut Model, x: &dyn Numbers, y: &dyn Numbers) -> Result<Figure> {
    let place = "decision_boundary";
    let view = x.numbers();
    let samples = match *view.shape() {
        [samples, 2] if samples > 0 => samples,
        _ => {
            let report = Report::new(place, "a plane has two directions");
            return Err(Error::shape(report.expected("(samples, 2)", shape_text(view.shape()))));
        }
    };
    let points = view.to_f64();
    let (across, up): (Vec<f64>, Vec<f64>) = points.chunks_exact(2).map(|point| (point[0], point[1])).unzip();
    let (classes, _) = crate::classification::classes(place, "y", y)?;
    if classes.len() != samples {
        let report = Report::new(place, "each sample needs its class");
        return Err(Error::shape(report.expected(format!("{samples} classes"), classes.len())));
    }
    let (wide, high) = (span(&across), span(&up));
    let at = |(from, to): (f64, f64), step: usize| (from + (to - from) * step as f64 / (GRID - 1) as f64) as f32;
    let grid = Array2::from_shape_fn((GRID * GRID, 2), |(corner, axis)| {
        if axis == 0 { at(wide, corner % GRID) } else { at(high, corner / GRID) }
    });
    let answers = model.try_predict(&grid)?;
    let width = answers.len() / (GRID * GRID);
    let answers: Vec<f32> = answers.into_iter().collect();
    let (values, levels, colours, label): (Vec<f32>, Vec<f64>, _, _) = match width {
        1 | 2 => {
            let probability = answers.chunks(width).map(|answer| answer[width - 1]).collect();
            let levels = (1..10).map(|tenth| f64::from(tenth) / 10.0).collect();
            (probability, levels, Colormap::Coolwarm, "probability of class 1")
        }
        _ => {
            let winners = answers.chunks(width).map(winner).collect();
            let levels = (1..width).map(|class| class as f64 - 0.5).collect();
            (winners, levels, Colormap::Viridis, "class")
        }
    };
    let values = Array2::from_shape_fn((GRID, GRID), |(row, column)| values[row * GRID + column]);
    let mut figure = Figure::new().contourf(wide, high, &values).cmap(colours).levels(&levels).colorbar(label);
    for class in 0..=classes.iter().copied().max().unwrap_or(0) {
        let of_class = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&classes).filter(|(_, of)| **of == class).map(|(value, _)| *value).collect()
        };
        figure = figure.scatter(&of_class(&across), &of_class(&up)).label(&format!("class {class}"));
    }
    // So high that the plane, which has one scale for both axes, fills the figure.
    let height = 400.0 * (high.1 - high.0) / (wide.1 - wide.0) + 76.0;
    Ok(figure.axis_equal().size(560, height.clamp(220.0, 560.0) as u32))
}

fn winner(answer: &[f32]) -> f32 {
    let answer: Vec<f64> = answer.iter().map(|&value| f64::from(value)).collect();
    crate::utils::greatest(&answer) as f32
}

/// The range of some values with room around it; about an only value, one to each side.
fn span(values: &[f64]) -> (f64, f64) {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let low = finite.clone().fold(f64::INFINITY, f64::min);
    let high = finite.fold(f64::NEG_INFINITY, f64::max);
    match high - low {
        size if size > 0.0 => (low - AROUND * size, high + AROUND * size),
        _ if low.is_finite() => (low - 1.0, low + 1.0),
        _ => (-1.0, 1.0),
    }
}

/// A loss of two numbers as a surface seen from above, with the path that gradient descent took on it. Levels are denser
/// where the loss is low.
///
/// ```
/// use course::prelude::*;
/// let loss = |a: f64, b: f64| a * a + 4.0 * b * b;
/// let figure = loss_surface(loss, (-3.0, 3.0), (-2.0, 2.0), &[(2.5, 1.5), (1.0, -0.5), (0.2, 0.1)]);
/// assert!(figure.to_string().ends_with("line \"descent\" of 3 points, 3 points>"));
/// ```
pub fn loss_surface(loss: impl Fn(f64, f64) -> f64, a: (f64, f64), b: (f64, f64), path: &[(f64, f64)]) -> Figure {
    let at = |(from, to): (f64, f64), step: usize| from + (to - from) * step as f64 / (GRID - 1) as f64;
    let values = Array2::from_shape_fn((GRID, GRID), |(row, column)| loss(at(a, column), at(b, row)) as f32);
    let numbers: Vec<f32> = values.iter().copied().collect();
    let ends = even_levels(&numbers, 1000);
    let mut figure = Figure::new().contourf(a, b, &values).colorbar("loss").xlabel("a").ylabel("b").size(560, 440);
    if let [low, .., high] = ends[..] {
        let levels: Vec<f64> = (1..14).map(|step| low + (high - low) * (f64::from(step) / 14.0).powi(2)).collect();
        figure = figure.levels(&levels);
    }
    let (across, up): (Vec<f64>, Vec<f64>) = path.iter().copied().unzip();
    if path.is_empty() { figure } else { figure.plot(&across, &up).label("descent").scatter(&across, &up) }
}

impl History {
    /// One measure of several trainings in one picture: solid for training, and beside it validation where there is one.
    ///
    /// # Panics
    /// When no run has measured this.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([1]));
    /// model.add(Dense::new(1));
    /// model.compile(Sgd::new(0.1), "mse", ());
    /// let mut run = || model.fit(&array![[1.0], [2.0]], &array![[1.0], [2.0]], Fit::new().epochs(3).verbose(0));
    /// let figure = History::compare("loss", &[("first", &run()), ("second", &run())]);
    /// assert_eq!(figure.to_string(), "<Figure: \"loss\" with line \"first\" of 3 points, line \"second\" of 3 points>");
    /// ```
    #[track_caller]
    pub fn compare(key: &str, runs: &[(&str, &Self)]) -> Figure {
        let mut figure = Figure::new().title(key).xlabel("epoch");
        let mut lines = 0;
        for (name, run) in runs {
            let epochs: Vec<f64> = run.epoch().iter().map(|&epoch| epoch as f64 + 1.0).collect();
            for (key, label) in
                [(key.to_owned(), (*name).to_owned()), (format!("val_{key}"), format!("{name}, validation"))]
            {
                if let Some(values) = run.get(&key) {
                    figure = figure.plot(&epochs, values).label(&label);
                    lines += 1;
                }
            }
        }
        if lines == 0 {
            let known: Vec<&str> = runs.iter().flat_map(|(_, run)| run.keys()).collect();
            let report = Report::new("History::compare", format!("no run has measured `{key}`"));
            expect_good::<()>(Err(Error::data(report.expected(format!("one of {known:?}"), key))));
        }
        figure
    }
}
