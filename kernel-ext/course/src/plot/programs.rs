//! What figures have to do with plotters and image, for ordinary programs: cells do not see these crates.

use super::Figure;
use crate::error::{Error, Result};
use backend::pictures::{Recorder, record};
use engine_api::Mark;

pub use backend::{image, plotters};

/// An area on which plotters draws.
pub type Area<'a, 'r> = plotters::drawing::DrawingArea<Recorder<'r>, plotters::coord::Shift>;

impl Figure {
    /// A panel of this width and height that a program draws with plotters. Only in ordinary programs.
    ///
    /// # Errors
    /// Those of plotters.
    ///
    /// ```
    /// use course::plot::programs::plotters::prelude::*;
    /// use course::prelude::*;
    /// let figure = Figure::plotters(300, 200, |area| {
    ///     let mut chart = ChartBuilder::on(area).margin(10).build_cartesian_2d(0.0..6.3, -1.0..1.0)?;
    ///     chart.draw_series(LineSeries::new((0..64).map(|i| f64::from(i) / 10.0).map(|x| (x, x.sin())), &BLUE))?;
    ///     Ok(())
    /// })?;
    /// let image = figure.to_image()?;
    /// assert_eq!(image.dimensions(), (300, 200));
    /// assert!(image.pixels().any(|pixel| pixel.0 == [0, 0, 255, 255]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn plotters(
        width: u32,
        height: u32,
        draw: impl FnOnce(&Area) -> std::result::Result<(), Box<dyn std::error::Error>>,
    ) -> Result<Self> {
        let shapes = record((width, height), draw).map_err(|error| {
            Error::Backend(engine_api::Error::Internal(format!("plotters could not draw: {error}")))
        })?;
        let whole = Self::new().size(width, height).axes(false);
        Ok(whole.xlim(0.0, f64::from(width)).ylim(f64::from(height), 0.0).mark(Mark::Shapes { shapes }))
    }

    /// The picture as an image of the crate `image`. Only in ordinary programs.
    ///
    /// # Errors
    /// When the picture cannot be drawn.
    pub fn to_image(&self) -> Result<image::RgbaImage> {
        let pixels = self.try_rgba()?;
        let (height, width, _) = pixels.dim();
        image::RgbaImage::from_raw(width as u32, height as u32, pixels.into_raw_vec_and_offset().0)
            .ok_or_else(|| Error::Backend(engine_api::Error::Internal("the pixels do not fill the image".into())))
    }
}
