//! Many small images with captions.

use super::Figure;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, shape_text};
use ndarray::ArrayD;

/// How many images stand beside each other.
const COLUMNS: usize = 5;
/// More than this is no picture to look at, and a batch of a whole data set is probably a mistake.
const MOST: usize = 100;

/// A grid of images, each under its label; a one-hot row counts as the class it stands for.
///
/// # Shapes
/// images (count, rows, columns) or (count, rows, columns, 1), labels (count,) or (count, classes)
///
/// # Panics
/// When the shapes are others, or there are more than 100 images.
///
/// ```
/// use course::prelude::*;
/// let images = Array3::<u8>::zeros((10, 28, 28));
/// let figure = show_images(&images, &Array1::from_iter(0..10_u8));
/// assert!(figure.to_string().starts_with("<Figure: \"0\" with image of 28 x 28; \"1\""));
/// ```
#[track_caller]
pub fn show_images(images: &dyn Numbers, labels: &dyn Numbers) -> Figure {
    expect_good(try_show_images(images, labels))
}

fn try_show_images(images: &dyn Numbers, labels: &dyn Numbers) -> Result<Figure> {
    let (view, captions) = (images.numbers(), captions(labels));
    let wrong = |problem: &str, expected: String, received: String| {
        let hint = "`x_train.slice(s![..10, .., ..])` is the first ten images";
        Err(Error::shape(Report::new("show_images", problem).expected(expected, received).hint(hint)))
    };
    let (count, sizes) = match *view.shape() {
        [count, rows, columns] | [count, rows, columns, 1] if count * rows * columns > 0 => (count, [rows, columns]),
        _ => return wrong("these are no images", "(count, rows, columns)".into(), shape_text(view.shape())),
    };
    if count > MOST {
        return wrong("these are too many images for one picture", format!("at most {MOST}"), count.to_string());
    }
    if captions.len() != count {
        return wrong("each image needs a label", format!("{count} labels"), captions.len().to_string());
    }
    let values = view.to_f32();
    let mut figure = Figure::columns(COLUMNS.min(count));
    for (place, (image, caption)) in values.chunks(sizes.iter().product()).zip(captions).enumerate() {
        figure = if place > 0 { figure.next() } else { figure };
        let image: ArrayD<f32> = crate::numbers::array(&sizes, image.to_vec());
        figure = figure.imshow(&image).title(caption);
    }
    Ok(figure)
}

/// A text for each label.
fn captions(labels: &dyn Numbers) -> Vec<String> {
    let view = labels.numbers();
    let values = view.to_f64();
    if view.shape().len() == 1 {
        return values.iter().map(ToString::to_string).collect();
    }
    values.chunks(view.sample_len().max(1)).map(|row| crate::utils::greatest(row).to_string()).collect()
}
