//! A figure as a file and as pixels.

use super::Figure;
use crate::error::{Error, Result, expect_good};
use crate::waist;
use engine_api::{Pixels, Rasterize, WriteImage};
use ndarray::Array3;
use std::path::Path;

/// Pixels of a file for each pixel of the figure, so that pictures stay sharp on dense screens and in print.
const SCALE: f64 = 2.0;

impl Figure {
    /// Writes the picture to a file: SVG, or PNG with two pixels for each of the figure, as the file's name ends.
    ///
    /// # Errors
    /// When it cannot be drawn or the file cannot be written.
    pub fn savefig(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if extension == "svg" {
            let place = path.display().to_string();
            return std::fs::write(path, self.svg()?)
                .map_err(|error| Error::Backend(engine_api::Error::Outside { place, message: error.to_string() }));
        }
        let image = self.pixels(SCALE)?;
        waist::call(&WriteImage { path: path.display().to_string(), image })
    }

    /// The pixels of the picture: red, green, blue and opacity as bytes.
    ///
    /// # Shapes
    /// (height, width, 4)
    ///
    /// # Panics
    /// When the picture cannot be drawn; [`Figure::try_rgba`] returns the error instead.
    ///
    /// ```
    /// use course::prelude::*;
    /// let pixels = Figure::new().imshow(&array![[0.0, 1.0]]).axes(false).size(200, 100).rgba();
    /// assert_eq!(pixels.dim(), (100, 200, 4));
    /// // matplotlib's viridis begins with this violet.
    /// assert_eq!(pixels.slice(s![50, 50, ..]).to_vec(), [0x44, 0x01, 0x54, 0xff]);
    /// ```
    #[track_caller]
    pub fn rgba(&self) -> Array3<u8> {
        expect_good(self.try_rgba())
    }

    /// As [`Figure::rgba`].
    ///
    /// # Errors
    /// When the picture cannot be drawn.
    pub fn try_rgba(&self) -> Result<Array3<u8>> {
        let Pixels { height, width, channels, bytes } = self.pixels(1.0)?;
        Array3::from_shape_vec((height, width, channels), bytes.0)
            .map_err(|error| Error::Backend(engine_api::Error::Internal(error.to_string())))
    }

    fn pixels(&self, scale: f64) -> Result<Pixels> {
        waist::call(&Rasterize { svg: self.svg()?, scale })
    }
}
