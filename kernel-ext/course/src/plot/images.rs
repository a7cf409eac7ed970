//! Many small images with captions.

use super::Figure;
use crate::error::{Error, Report, Result, expect_good};
use crate::numbers::{Numbers, shape_text};
use engine_api::Colormap;
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

/// The kernels of a convolution as pictures, one for each output channel, the mean over the input channels. Blue is
/// negative, red positive.
///
/// # Shapes
/// (rows, columns, input channels, output channels), as `get_weights()` of a convolution begins
///
/// # Panics
/// When the array has other axes, or there are more than 100 kernels.
///
/// ```
/// use course::prelude::*;
/// let figure = show_kernels(&Array4::<f32>::ones((7, 7, 1, 16)));
/// assert!(figure.to_string().starts_with("<Figure: \"0\" with image of 7 x 7; \"1\""));
/// ```
#[track_caller]
pub fn show_kernels(kernels: &dyn Numbers) -> Figure {
    let view = kernels.numbers();
    let [rows, columns, inputs, outputs] =
        expect_good(four_axes("show_kernels", view.shape(), "(rows, columns, in, out)", 3));
    let values = view.to_f32();
    let image = |output: usize| {
        let mean = |place: usize| {
            (0..inputs).map(|input| values[(place * inputs + input) * outputs + output]).sum::<f32>() / inputs as f32
        };
        (0..rows * columns).map(mean).collect()
    };
    grid([rows, columns], outputs, image, Colormap::Coolwarm)
}

/// The channels of one image, such as the feature maps that a layer makes of it.
///
/// # Shapes
/// (rows, columns, channels) or (1, rows, columns, channels)
///
/// # Panics
/// When the array has other axes, or there are more than 100 channels.
///
/// ```
/// use course::prelude::*;
/// let figure = show_channels(&Array4::<f32>::zeros((1, 22, 22, 16)));
/// assert!(figure.to_string().starts_with("<Figure: \"0\" with image of 22 x 22; \"1\""));
/// ```
#[track_caller]
pub fn show_channels(maps: &dyn Numbers) -> Figure {
    let view = maps.numbers();
    let shape = if view.shape().len() == 3 { [&[1], view.shape()].concat() } else { view.shape().to_vec() };
    let [batch, rows, columns, channels] =
        expect_good(four_axes("show_channels", &shape, "(1, rows, columns, channels)", 3));
    if batch != 1 {
        let report = Report::new("show_channels", "the channels of one image are shown").expected("1 image", batch);
        expect_good::<()>(Err(Error::shape(report.hint("take one of them: `maps.slice(s![..1, .., .., ..])`"))));
    }
    let values = view.to_f32();
    let image = |channel: usize| (0..rows * columns).map(|place| values[place * channels + channel]).collect();
    grid([rows, columns], channels, image, Colormap::Viridis)
}

fn four_axes(place: &str, shape: &[usize], expected: &str, counted: usize) -> Result<[usize; 4]> {
    match <[usize; 4]>::try_from(shape) {
        Ok(sizes) if sizes[counted] <= MOST && sizes.iter().all(|size| *size > 0) => Ok(sizes),
        Ok(sizes) => {
            let report = Report::new(place, "a picture holds 1 to 100 images");
            Err(Error::shape(report.expected(format!("at most {MOST}"), sizes[counted])))
        }
        Err(_) => Err(Error::shape(Report::new(place, "the axes are others").expected(expected, shape_text(shape)))),
    }
}

/// As many columns as make the grid square.
fn grid(sizes: [usize; 2], count: usize, image: impl Fn(usize) -> Vec<f32>, colours: Colormap) -> Figure {
    let columns = (count as f64).sqrt().ceil() as usize;
    let images = (0..count).map(|number| {
        Figure::new().imshow(&crate::numbers::array(&sizes, image(number))).cmap(colours).title(number.to_string())
    });
    Figure::subplots(columns, images)
}

/// Samples that a model takes for something else, each with its true and its predicted class.
///
/// # Shapes
/// images (count, rows, columns) or (count, rows, columns, 1), labels and predictions (count,) or (count, classes)
///
/// # Panics
/// When the shapes are others.
///
/// ```
/// use course::prelude::*;
/// let images = Array3::<u8>::zeros((3, 28, 28));
/// let figure = show_wrong_predictions(&images, &[7_u8, 1, 2], &[7_u8, 4, 2], 10);
/// assert_eq!(figure.to_string(), "<Figure: \"1 taken for 4\" with image of 28 x 28>");
/// ```
#[track_caller]
pub fn show_wrong_predictions(
    images: &dyn Numbers,
    labels: &dyn Numbers,
    predictions: &dyn Numbers,
    most: usize,
) -> Figure {
    expect_good(try_wrong_predictions(images, labels, predictions, most.min(MOST)))
}

fn try_wrong_predictions(
    images: &dyn Numbers,
    labels: &dyn Numbers,
    predictions: &dyn Numbers,
    most: usize,
) -> Result<Figure> {
    let place = "show_wrong_predictions";
    let view = images.numbers();
    let (count, sizes) = match *view.shape() {
        [count, rows, columns] | [count, rows, columns, 1] if rows * columns > 0 => (count, [rows, columns]),
        _ => {
            let report = Report::new(place, "these are no images");
            return Err(Error::shape(report.expected("(count, rows, columns)", shape_text(view.shape()))));
        }
    };
    let (truth, said) = (captions(labels), captions(predictions));
    if truth.len() != count || said.len() != count {
        let report = Report::new(place, "each image needs a label and a prediction");
        let received = format!("{} labels and {} predictions", truth.len(), said.len());
        return Err(Error::shape(report.expected(format!("{count} of each"), received)));
    }
    let values = view.to_f32();
    let size = sizes[0] * sizes[1];
    let wrong: Vec<usize> = (0..count).filter(|&sample| truth[sample] != said[sample]).take(most).collect();
    if wrong.is_empty() {
        return Ok(Figure::new().title("no prediction is wrong").axes(false).size(240, 60));
    }
    let pictures = wrong.into_iter().map(|sample| {
        let image = crate::numbers::array(&sizes, values[sample * size..][..size].to_vec());
        Figure::new().imshow(&image).cmap(Colormap::Gray).title(format!("{} taken for {}", truth[sample], said[sample]))
    });
    let pictures: Vec<Figure> = pictures.collect();
    Ok(Figure::subplots(COLUMNS.min(pictures.len()), pictures))
}
