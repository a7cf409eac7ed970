//! Separate points: circles where there are few, pixels where there are many.

use engine_api::Error;
use plotters::style::{RGBColor, WHITE};

use super::plane::{Place, Plane};

/// Circles in a picture; more are drawn as pixels.
const CIRCLES: usize = 1600;
/// The radius of circles in units of the surface.
const RADIUS: u32 = 30;
/// The width of the edge around circles on a coloured ground.
const EDGE: u32 = 12;
/// More points than this are drawn smaller.
const CROWD: usize = 5000;

/// With `edges` circles stand out from a coloured ground.
pub fn draw(plane: &Plane, x: &[f64], y: &[f64], color: RGBColor, edges: bool) -> Result<Vec<Place>, Error> {
    let places: Vec<Place> = x.iter().zip(y).filter_map(|(x, y)| plane.place(*x, *y)).collect();
    // On a coloured ground there are pixels anyway.
    let most = if edges { CIRCLES / 16 } else { CIRCLES };
    if places.len() <= plane.share(most) {
        for place in &places {
            if edges {
                plane.dot(*place, RADIUS + EDGE, WHITE)?;
            }
            plane.dot(*place, RADIUS, color)?;
        }
        return Ok(places);
    }
    let radius = if edges {
        6
    } else if places.len() <= CROWD {
        4
    } else {
        2
    };
    plane.paint(|raster, to_pixel| {
        for place in &places {
            let (x, y) = to_pixel(*place);
            if edges {
                raster.disk(x, y, radius + 2, WHITE);
            }
            raster.disk(x, y, radius, color);
        }
    });
    Ok(places)
}
