//! Tensors, convolution and pooling drawn with their numbers.

use super::figure::matrix;
use super::{Canvas, Figure, Film};
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, shape_text};
use ndarray::Array2;

/// A square of a drawn matrix, in pixels.
const SIDE: f64 = 34.0;
const GAP: f64 = 46.0;
const TOP: f64 = 34.0;
/// Blue for what is read, orange for what is computed.
const READ: u32 = 0xcc_e4f3;
const COMPUTED: u32 = 0xfb_dcb8;
const EMPTY: u32 = 0xf7_f7f7;
/// Larger matrices are no drawing to read.
const MOST: usize = 12;
/// Values of larger tensors are shown as a heat map or as statistics.
const NUMBERS: usize = 12;
const PIXELS: usize = 400;

/// A tensor as a picture: a number, a row or a table of numbers while it is small; a heat map of a larger matrix; of all
/// else its shape, its range and how its values are distributed.
///
/// ```
/// use course::prelude::*;
/// assert_eq!(show_tensor(&array![[1.0, 2.0], [3.0, 4.0]]).to_string(), "<Figure: \"shape (2, 2)\" with image of 2 x 2>");
/// let large = Array4::<f32>::zeros((9, 8, 7, 3));
/// assert!(show_tensor(&large).to_string().contains("shape (9, 8, 7, 3)"));
/// ```
pub fn show_tensor(values: &dyn Numbers) -> Figure {
    let view = values.numbers();
    let shape = view.shape().to_vec();
    let numbers = view.to_f64();
    let title = format!("shape {}", shape_text(&shape));
    let (rows, columns) = match shape[..] {
        [] => (1, 1),
        [columns] => (1, columns),
        [rows, columns] => (rows, columns),
        _ => (0, 0),
    };
    if rows * columns > 0 && rows <= PIXELS && columns <= PIXELS {
        let image = Array2::from_shape_fn((rows, columns), |(row, column)| numbers[row * columns + column]);
        let small = rows <= NUMBERS && columns <= NUMBERS;
        let figure = Figure::new().imshow(&image).title(title).with_numbers(small);
        let (width, height) = (columns as u32 * 44 + 24, rows as u32 * 36 + 44);
        return if small { figure.size(width.max(150), height) } else { figure.colorbar("").size(420, 380) };
    }
    let finite: Vec<f64> = numbers.iter().copied().filter(|value| value.is_finite()).collect();
    let mean = finite.iter().sum::<f64>() / finite.len().max(1) as f64;
    let spread = (finite.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / finite.len().max(1) as f64).sqrt();
    let low = finite.iter().copied().fold(f64::INFINITY, f64::min);
    let high = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut title = match finite.len() {
        0 => format!("{title}, no finite value"),
        _ => format!("{title}\nfrom {low:.4} to {high:.4}\nmean {mean:.4}, standard deviation {spread:.4}"),
    };
    if finite.len() < numbers.len() {
        title.push_str(&format!("\n{} values are not finite", numbers.len() - finite.len()));
    }
    Figure::new().hist(&finite, 30).title(title).xlabel("value").ylabel("how many").size(520, 380)
}

/// Tensors of order 0 to 4 as a drawing: a number, a row, a table, tables behind each other, and rows of those.
pub fn tensor_orders() -> Figure {
    const S: f64 = 22.0;
    let grid = |mut canvas: Canvas, (left, top): (f64, f64), rows: usize, columns: usize| {
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            let corner = (left + S * column as f64, top + S * row as f64);
            canvas = canvas.rectangle(corner, (corner.0 + S, corner.1 + S));
        }
        canvas
    };
    let block = |mut canvas: Canvas, (left, top): (f64, f64)| {
        for depth in (0..3).rev() {
            canvas = grid(
                canvas.fill(if depth == 0 { READ } else { 0xe4_f0f8 }),
                (left + 9.0 * f64::from(depth), top - 9.0 * f64::from(depth)),
                3,
                3,
            );
        }
        canvas
    };
    let mut canvas = Canvas::new().stroke(0x55_5555).width(1.0).fill(READ);
    canvas = grid(canvas, (30.0, 80.0), 1, 1);
    canvas = grid(canvas, (100.0, 80.0), 1, 3);
    canvas = grid(canvas, (215.0, 60.0), 3, 3);
    canvas = block(canvas, (335.0, 66.0));
    for number in 0..2 {
        canvas = block(canvas, (470.0 + 105.0 * f64::from(number), 66.0));
    }
    let captions = [
        (41.0, "0", "number"),
        (133.0, "1", "vector"),
        (248.0, "2", "matrix"),
        (377.0, "3", "cube"),
        (565.0, "4", "cubes in a row"),
    ];
    for (x, order, name) in captions {
        canvas = canvas.bold(true).text((x, 156.0), format!("order {order}")).bold(false).text((x, 176.0), name);
    }
    Figure::drawing(700, 196, &canvas)
}

/// How a kernel goes over an image: a film in which each step shows the window, the products and the sum. As in Keras the
/// kernel is not turned, and nothing is added at the borders.
///
/// # Shapes
/// image (rows, columns), kernel (rows, columns), neither more than 12
///
/// # Panics
/// When the kernel is larger than the image, or one of them is too large to draw; [`try_convolution_steps`] returns the
/// error instead.
///
/// ```
/// use course::prelude::*;
/// let image = array![[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]];
/// let film = convolution_steps(&image, &array![[1.0, -1.0], [1.0, -1.0]], 1);
/// assert_eq!(film.frames().len(), 4);
/// assert_eq!(film.frames()[0].0, "1·0 + (−1)·1 + 1·0 + (−1)·1 = −2");
/// ```
#[track_caller]
pub fn convolution_steps(image: &dyn Numbers, kernel: &dyn Numbers, stride: usize) -> Film {
    expect_good(try_convolution_steps(image, kernel, stride))
}

/// As [`convolution_steps`].
///
/// # Errors
/// When the sizes do not fit.
pub fn try_convolution_steps(image: &dyn Numbers, kernel: &dyn Numbers, stride: usize) -> Result<Film> {
    let (image, kernel) = (Table::of("convolution_steps", image)?, Table::of("convolution_steps", kernel)?);
    let size = (kernel.rows, kernel.columns);
    windows("convolution_steps", &image, size, stride, Some(&kernel), |window| {
        let products: Vec<String> = window
            .iter()
            .enumerate()
            .map(|(place, pixel)| format!("{}·{}", in_product(kernel.values[place]), in_product(*pixel)))
            .collect();
        let sum = window.iter().zip(&kernel.values).map(|(pixel, weight)| pixel * weight).sum();
        (sum, format!("{} = {}", products.join(" + "), number(sum)))
    })
}

/// How the greatest number of each window is taken: a film as that of [`convolution_steps`]. Windows lie side by side.
///
/// # Panics
/// When no window fits into the image, or the image is too large to draw; [`try_max_pooling_steps`] returns the error
/// instead.
///
/// ```
/// use course::prelude::*;
/// let image = array![[1.0, 3.0, 0.0, 2.0], [4.0, 2.0, 5.0, 1.0]];
/// let film = max_pooling_steps(&image, 2);
/// assert_eq!(film.frames()[1].0, "max(0, 2, 5, 1) = 5");
/// ```
#[track_caller]
pub fn max_pooling_steps(image: &dyn Numbers, size: usize) -> Film {
    expect_good(try_max_pooling_steps(image, size))
}

/// As [`max_pooling_steps`].
///
/// # Errors
/// When the sizes do not fit.
pub fn try_max_pooling_steps(image: &dyn Numbers, size: usize) -> Result<Film> {
    let image = Table::of("max_pooling_steps", image)?;
    windows("max_pooling_steps", &image, (size, size), size, None, |window| {
        let greatest = window.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let numbers: Vec<String> = window.iter().map(|value| number(*value)).collect();
        (greatest, format!("max({}) = {}", numbers.join(", "), number(greatest)))
    })
}

/// A small matrix.
struct Table {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Table {
    fn of(place: &str, values: &dyn Numbers) -> Result<Self> {
        let (rows, columns, values) = matrix(values)?;
        if rows > MOST || columns > MOST {
            let report = Report::new(place, "this is too large to draw with its numbers");
            return Err(Error::shape(
                report.expected(format!("at most {MOST} x {MOST}"), format!("{rows} x {columns}")),
            ));
        }
        Ok(Self { rows, columns, values })
    }

    fn window(&self, (row, column): (usize, usize), (rows, columns): (usize, usize)) -> Vec<f32> {
        let places = (row..row + rows).flat_map(|row| (column..column + columns).map(move |column| (row, column)));
        places.map(|(row, column)| self.values[row * self.columns + column]).collect()
    }

    fn width(&self) -> f64 {
        SIDE * self.columns as f64
    }

    /// The squares with their numbers; `color` gives the inside of a square, and none where it is still empty.
    fn draw(&self, mut canvas: Canvas, left: f64, title: &str, color: impl Fn(usize, usize) -> Option<u32>) -> Canvas {
        canvas = canvas.bold(true).text((left + self.width() / 2.0, TOP / 2.0), title).bold(false);
        for (row, column) in (0..self.rows).flat_map(|row| (0..self.columns).map(move |column| (row, column))) {
            let corner = (left + SIDE * column as f64, TOP + SIDE * row as f64);
            let inside = color(row, column);
            canvas = canvas.fill(inside.unwrap_or(EMPTY)).rectangle(corner, (corner.0 + SIDE, corner.1 + SIDE));
            if inside.is_some() {
                let middle = (corner.0 + SIDE / 2.0, corner.1 + SIDE / 2.0);
                canvas = canvas.text(middle, number(self.values[row * self.columns + column]));
            }
        }
        canvas
    }
}

/// A picture for each place of a window.
fn windows(
    place: &str,
    image: &Table,
    size: (usize, usize),
    stride: usize,
    kernel: Option<&Table>,
    result: impl Fn(&[f32]) -> (f32, String),
) -> Result<Film> {
    if size.0 == 0 || size.1 == 0 || stride == 0 || size.0 > image.rows || size.1 > image.columns {
        let report = Report::new(place, "no window fits into the image");
        let window = format!("a window of {} x {} in steps of {stride}", size.0, size.1);
        return Err(Error::shape(
            report.expected(format!("at most {} x {}, in steps of 1 or more", image.rows, image.columns), window),
        ));
    }
    let (rows, columns) = ((image.rows - size.0) / stride + 1, (image.columns - size.1) / stride + 1);
    let corner = |step: usize| (step / columns * stride, step % columns * stride);
    let done: Vec<(f32, String)> = (0..rows * columns).map(|step| result(&image.window(corner(step), size))).collect();
    let output = Table { rows, columns, values: done.iter().map(|(value, _)| *value).collect() };
    let kernel_room = kernel.map_or(0.0, |kernel| kernel.width() + GAP);
    let highest = kernel.map_or(0, |kernel| kernel.rows).max(image.rows).max(rows) as f64;
    let (width, height) = (GAP * 1.5 + image.width() + kernel_room + output.width(), TOP + SIDE * highest + 14.0);
    let frames = done.iter().enumerate().map(|(step, (_, caption))| {
        let (top, left) = corner(step);
        let in_window =
            |row: usize, column: usize| (top..top + size.0).contains(&row) && (left..left + size.1).contains(&column);
        let mut canvas = Canvas::new().stroke(0x88_8888).width(1.0).size(13.0);
        canvas = image.draw(canvas, GAP / 4.0, "image", |row, column| {
            Some(if in_window(row, column) { READ } else { 0xff_ffff })
        });
        let mut x = GAP / 4.0 + image.width() + GAP;
        if let Some(kernel) = kernel {
            canvas = kernel.draw(canvas, x, "kernel", |_, _| Some(READ));
            x += kernel.width() + GAP;
        }
        canvas = output.draw(canvas, x, "output", |row, column| match (row * columns + column).cmp(&step) {
            std::cmp::Ordering::Less => Some(0xff_ffff),
            std::cmp::Ordering::Equal => Some(COMPUTED),
            std::cmp::Ordering::Greater => None,
        });
        (caption.clone(), Figure::drawing(width as u32, height as u32, &canvas))
    });
    Ok(Film::new(frames))
}

/// At most two digits behind the point.
fn number(value: f32) -> String {
    let text = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    text.replace('-', "−")
}

/// Negative factors stand in brackets.
fn in_product(value: f32) -> String {
    if value < 0.0 { format!("({})", number(value)) } else { number(value) }
}
