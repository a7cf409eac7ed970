//! Pixels that are embedded into a picture, where single shapes would be too many.

use engine_api::{Error, base64};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use plotters::style::RGBColor;

/// A bitmap, transparent at first, row 0 at the top.
pub struct Raster {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

impl Raster {
    /// An empty bitmap.
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, rgba: vec![0; width * height * 4] }
    }

    /// Paints one pixel; places outside are passed over.
    pub fn set(&mut self, x: i64, y: i64, RGBColor(red, green, blue): RGBColor) {
        if (0..self.width as i64).contains(&x) && (0..self.height as i64).contains(&y) {
            let at = (y as usize * self.width + x as usize) * 4;
            self.rgba[at..at + 4].copy_from_slice(&[red, green, blue, 255]);
        }
    }

    /// Paints a filled circle.
    pub fn disk(&mut self, x: i64, y: i64, radius: i64, color: RGBColor) {
        for dy in -radius..=radius {
            let half = ((radius * radius - dy * dy) as f64).sqrt() as i64;
            (-half..=half).for_each(|dx| self.set(x + dx, y + dy, color));
        }
    }

    /// Paints a line of single pixels.
    pub fn line(&mut self, from: (i64, i64), to: (i64, i64), color: RGBColor) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).max(1);
        let between = |from: i64, to: i64, step: i64| from + (to - from) * step / steps;
        (0..=steps).for_each(|step| self.set(between(from.0, to.0, step), between(from.1, to.1, step), color));
    }

    /// The bitmap as PNG in a `data:` address.
    pub fn data_uri(&self) -> Result<String, Error> {
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::NoFilter)
            .write_image(&self.rgba, self.width as u32, self.height as u32, ExtendedColorType::Rgba8)
            .map_err(|error| Error::Internal(format!("a bitmap could not be written as PNG: {error}")))?;
        Ok(format!("data:image/png;base64,{}", base64(&png)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_are_round_and_stay_inside() {
        let mut raster = Raster::new(9, 9);
        raster.disk(4, 4, 2, RGBColor(1, 2, 3));
        raster.disk(-1, 4, 1, RGBColor(1, 2, 3));
        let painted = raster.rgba.chunks(4).filter(|pixel| *pixel == [1, 2, 3, 255]).count();
        assert_eq!(painted, 13 + 1);
    }
}
