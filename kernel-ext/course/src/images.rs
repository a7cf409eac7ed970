//! Images as arrays: read from files, put into another size, beside each other, and written.

use crate::error::{Error, Report, Result, expect_good};
use crate::named::names_of;
use crate::numbers::{Numbers, View, shape_text};
use crate::text::of_path;
use crate::waist;
use engine_api::{Bytes, Pixels, ReadImage, ResizeImage, WriteImage};
use ndarray::{Array3, ArrayView3, s};
use std::path::{Path, PathBuf};

/// Which channels an image shall have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorMode {
    /// Red, green and blue.
    #[default]
    Rgb,
    /// Red, green, blue and opacity.
    Rgba,
    /// One, from 0 for black to 255 for white.
    Grayscale,
}

names_of! {
    ColorMode, "colour mode" {
        "rgb" => ColorMode::Rgb,
        "rgba" => ColorMode::Rgba,
        "grayscale" => ColorMode::Grayscale,
    }
}

/// An image file and how it is to be read.
///
/// Source: the options of `keras.utils.load_img`.
///
/// ```
/// use course::images::ImageFile;
/// use course::prelude::*;
/// let path = std::env::temp_dir().join("course-example-image.png");
/// save_img(&path, &Array3::from_shape_fn((4, 6, 3), |(row, _, _)| 60 * row as u8))?;
/// let small = ImageFile::new(&path).color_mode("grayscale").target_size([2, 3]).load()?;
/// assert_eq!(small.shape(), [2, 3, 1]);
/// # Ok::<(), course::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageFile {
    path: PathBuf,
    color_mode: ColorMode,
    target_size: Option<[usize; 2]>,
}

impl ImageFile {
    /// A PNG, JPEG or BMP file, with colours and in its own size.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().into(), color_mode: ColorMode::Rgb, target_size: None }
    }

    /// Which channels the image shall have: `"rgb"`, `"rgba"` or `"grayscale"`.
    ///
    /// # Panics
    /// When there is no mode of this name.
    #[must_use]
    #[track_caller]
    pub fn color_mode(mut self, color_mode: impl Into<ColorMode>) -> Self {
        self.color_mode = color_mode.into();
        self
    }

    /// The height and width that the image shall have.
    #[must_use]
    pub fn target_size(mut self, target_size: [usize; 2]) -> Self {
        self.target_size = Some(target_size);
        self
    }

    /// Reads the file.
    ///
    /// # Shapes
    /// (height, width, channels)
    ///
    /// # Errors
    /// When it cannot be read or is no image.
    pub fn load(&self) -> Result<Array3<u8>> {
        let channels = match self.color_mode {
            ColorMode::Rgb => 3,
            ColorMode::Rgba => 4,
            ColorMode::Grayscale => 1,
        };
        let image = array(waist::call(&ReadImage { path: of_path(&self.path)?, channels })?)?;
        self.target_size.map_or(Ok(image.clone()), |size| try_resize(&image, size))
    }
}

/// Reads an image with its colours; [`ImageFile`] has options.
///
/// # Shapes
/// (height, width, 3)
///
/// # Errors
/// When the file cannot be read or is no image.
///
/// Source: `keras.utils.load_img` and `img_to_array`.
pub fn load_img(path: impl AsRef<Path>) -> Result<Array3<u8>> {
    ImageFile::new(path).load()
}

/// Writes an image into a file whose name ends in `.png`, `.jpg` or `.bmp`.
///
/// Bytes are written as they are; other numbers are scaled so that the least is black and the greatest white.
///
/// # Shapes
/// (height, width) or (height, width, channels) with 1, 3 or 4 channels
///
/// # Errors
/// When the array is no image, or the file cannot be written.
///
/// Source: `keras.utils.save_img`.
///
/// ```
/// use course::prelude::*;
/// let path = std::env::temp_dir().join("course-example-ramp.png");
/// save_img(&path, &array![[0.0, 0.5], [0.75, 1.0]])?;
/// assert_eq!(load_img(&path)?.slice(s![.., .., 0]), array![[0, 128], [191, 255]]);
/// # Ok::<(), course::Error>(())
/// ```
pub fn save_img(path: impl AsRef<Path>, image: &dyn Numbers) -> Result<()> {
    waist::call(&WriteImage { path: of_path(path.as_ref())?, image: pixels("save_img", &image.numbers())? })
}

/// The image in another height and width; pixels between others are mixed.
///
/// # Shapes
/// (height, width) or (height, width, channels) -> (size.0, size.1, channels)
///
/// # Panics
/// When the array is no image, or a size is 0.
///
/// Source: `keras.ops.image.resize`, bilinear, with smoothing when it becomes smaller.
///
/// ```
/// use course::prelude::*;
/// let wide = resize(&array![[0_u8, 100]], [1, 4]);
/// assert_eq!(wide.slice(s![0, .., 0]), array![0, 25, 75, 100]);
/// ```
#[track_caller]
pub fn resize(image: &dyn Numbers, size: [usize; 2]) -> Array3<u8> {
    expect_good(try_resize(image, size))
}

/// As [`resize`].
///
/// # Errors
/// When the array is no image, or a size is 0.
pub fn try_resize(image: &dyn Numbers, [height, width]: [usize; 2]) -> Result<Array3<u8>> {
    let image = pixels("resize", &image.numbers())?;
    array(waist::call(&ResizeImage { image, height, width, nearest: false })?)
}

/// Images beside and below each other as one, with a white line of a pixel between them.
///
/// Bytes stay as they are; other numbers are scaled over all images, the least to black and the greatest to white.
///
/// # Shapes
/// (samples, height, width) or (samples, height, width, channels) -> (rows (height + 1) - 1, columns (width + 1) - 1,
/// channels)
///
/// # Panics
/// When the arrays are no images, or there are none.
///
/// ```
/// use course::prelude::*;
/// let ((x, _), _) = mnist::load_data()?;
/// let grid = image_grid(&x.slice(s![..10, .., ..]), 5);
/// assert_eq!(grid.shape(), [57, 144, 1]);
/// save_img(std::env::temp_dir().join("course-example-grid.png"), &grid)?;
/// # Ok::<(), course::Error>(())
/// ```
#[track_caller]
pub fn image_grid(images: &dyn Numbers, columns: usize) -> Array3<u8> {
    expect_good(grid(&images.numbers(), columns))
}

fn grid(view: &View, columns: usize) -> Result<Array3<u8>> {
    let (count, sample) = match view.shape().split_first() {
        Some((&count, sample)) if count > 0 && columns > 0 => (count, sample),
        _ => {
            let report = Report::new("image_grid", "there must be images, and a column for them");
            return Err(Error::shape(report.expected("(samples, height, width)", shape_text(view.shape()))));
        }
    };
    let [height, width, channels] = sizes("image_grid", sample)?;
    let (bytes, columns) = (bytes(view), columns.min(count));
    let rows = count.div_ceil(columns);
    let mut grid = Array3::from_elem((rows * (height + 1) - 1, columns * (width + 1) - 1, channels), 255);
    for (place, image) in bytes.chunks(height * width * channels).enumerate() {
        let (top, left) = (place / columns * (height + 1), place % columns * (width + 1));
        let image = ArrayView3::from_shape((height, width, channels), image).map_err(|error| misfit(&error))?;
        grid.slice_mut(s![top..top + height, left..left + width, ..]).assign(&image);
    }
    Ok(grid)
}

/// Height, width and channels of an image of this shape.
fn sizes(place: &str, shape: &[usize]) -> Result<[usize; 3]> {
    match *shape {
        [height, width] if height * width > 0 => Ok([height, width, 1]),
        [height, width, channels] if height * width > 0 && (1..=4).contains(&channels) => Ok([height, width, channels]),
        _ => {
            let report = Report::new(place, "the array has another shape than images have");
            let expected = "(height, width) or (height, width, channels) with 1, 3 or 4 channels";
            Err(Error::shape(report.expected(expected, shape_text(shape))))
        }
    }
}

/// The numbers as bytes: bytes themselves, others from the least to the greatest.
fn bytes(view: &View) -> Vec<u8> {
    if let Some(bytes) = view.bytes() {
        return bytes.to_vec();
    }
    let numbers = view.to_f32();
    let finite = || numbers.iter().copied().filter(|number| number.is_finite());
    let (least, most) = (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
    let scale = if most > least { 255.0 / (most - least) } else { 0.0 };
    // Numbers that are none become black.
    numbers.iter().map(|number| ((number - least) * scale).round() as u8).collect()
}

fn pixels(place: &str, view: &View) -> Result<Pixels> {
    let [height, width, channels] = sizes(place, view.shape())?;
    Ok(Pixels { height, width, channels, bytes: Bytes(bytes(view)) })
}

fn array(image: Pixels) -> Result<Array3<u8>> {
    let shape = (image.height, image.width, image.channels);
    Array3::from_shape_vec(shape, image.bytes.0).map_err(|error| misfit(&error))
}

fn misfit(error: &ndarray::ShapeError) -> Error {
    Error::Backend(engine_api::Error::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{grid, image_grid, save_img};
    use crate::numbers::Numbers;
    use ndarray::{Array2, Array4, array};

    #[test]
    fn images_stand_row_by_row_with_white_between() {
        let images = array![[[1_u8]], [[2]], [[3]]];
        let grid = image_grid(&images, 2);
        assert_eq!(grid.into_raw_vec_and_offset().0, [1, 255, 2, 255, 255, 255, 3, 255, 255]);
    }

    #[test]
    fn what_is_no_image_is_refused() {
        for (images, columns) in [(Array4::<u8>::zeros((2, 3, 3, 5)), 2), (Array4::zeros((0, 3, 3, 1)), 2)] {
            assert!(grid(&Numbers::numbers(&images), columns).is_err());
        }
        let error = save_img("no.png", &Array2::<f32>::zeros((0, 3))).unwrap_err().to_string();
        assert!(error.starts_with("save_img: the array has another shape than images have"), "{error}");
    }

    #[test]
    fn numbers_that_are_none_are_black() {
        let numbers = array![[f32::NAN, 1.0], [2.0, f32::INFINITY]];
        assert_eq!(super::bytes(&Numbers::numbers(&numbers)), [0, 0, 255, 255]);
    }
}
