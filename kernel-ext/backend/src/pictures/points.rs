//! Separate points: circles where there are few, pixels where there are many.

use engine_api::Error;
use plotters::style::RGBColor;

use super::plane::{Place, Plane};

/// Of these more are drawn as pixels.
const MOST_CIRCLES: usize = 800;
/// The radius of circles in units of the surface.
const RADIUS: u32 = 30;

pub fn draw(plane: &Plane, x: &[f64], y: &[f64], color: RGBColor) -> Result<Vec<Place>, Error> {
    let places: Vec<Place> = x.iter().zip(y).filter_map(|(x, y)| plane.place(*x, *y)).collect();
    if places.len() <= MOST_CIRCLES {
        for place in &places {
            plane.dot(*place, RADIUS, color)?;
        }
        return Ok(places);
    }
    let mut raster = plane.raster();
    let radius = if places.len() <= 10 * MOST_CIRCLES { 4 } else { 2 };
    for place in &places {
        let (x, y) = plane.raster_place(*place);
        raster.disk(x, y, radius, color);
    }
    plane.overlay(&raster)?;
    Ok(places)
}
