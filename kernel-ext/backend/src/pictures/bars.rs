//! Upright bars from zero.

use engine_api::Error;
use plotters::element::Rectangle;
use plotters::style::{Color, RGBColor, WHITE};

use super::plane::{Place, Plane};

/// Bars narrower than this, in units of the surface, have no gap between them.
const NARROW: i32 = 60;

pub fn draw(plane: &Plane, left: &[f64], right: &[f64], height: &[f64], color: RGBColor) -> Result<Vec<Place>, Error> {
    let mut occupied = Vec::new();
    for ((left, right), height) in left.iter().zip(right).zip(height) {
        let (Some(from), Some(to)) = (plane.place(*left, *height), plane.place(*right, 0.0)) else { continue };
        if from.1 == to.1 {
            continue;
        }
        let corners = [(from.0.min(to.0), from.1.min(to.1)), (from.0.max(to.0), from.1.max(to.1))];
        plane.draw(&Rectangle::new(corners, color.filled()))?;
        if corners[1].0 - corners[0].0 > NARROW {
            plane.draw(&Rectangle::new(corners, WHITE.stroke_width(8)))?;
        }
        occupied.extend([corners[0], ((corners[0].0 + corners[1].0) / 2, corners[0].1), corners[1]]);
    }
    Ok(occupied)
}
