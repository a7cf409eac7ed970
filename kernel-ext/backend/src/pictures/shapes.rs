//! Drawings: paths, circles and text at places of the panel.

use engine_api::{Error, Shape2D};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont};

use super::colors::rgb;
use super::plane::{Place, Plane};
use super::svg::UNITS;

/// The length and half the width of an arrow's tip, in units of the surface.
const TIP: (f64, f64) = (90.0, 38.0);

pub fn draw(plane: &Plane, shape: &Shape2D) -> Result<(), Error> {
    match shape {
        Shape2D::Path { points, fill, stroke, width, arrow } => {
            // A shape with a place that cannot be drawn would be another shape.
            let places: Option<Vec<Place>> = points.iter().map(|(x, y)| plane.place(*x, *y)).collect();
            let Some(mut places) = places.filter(|places| !places.is_empty()) else { return Ok(()) };
            if let Some(fill) = fill {
                plane.draw(&Polygon::new(places.clone(), rgb(*fill).filled()))?;
                places.push(places[0]);
            }
            let Some(stroke) = stroke else { return Ok(()) };
            if *arrow && let [.., from, to] = places[..] {
                let (tip, base) = tip(from, to);
                if let Some(last) = places.last_mut() {
                    *last = base;
                }
                plane.draw(&Polygon::new(tip, rgb(*stroke).filled()))?;
            }
            plane.draw(&PathElement::new(places, rgb(*stroke).stroke_width(units(*width))))
        }
        Shape2D::Circle { center, radius, fill, stroke, width } => {
            let Some(place) = plane.place(center.0, center.1) else { return Ok(()) };
            if let Some(fill) = fill {
                plane.draw(&Circle::new(place, units(*radius), rgb(*fill).filled()))?;
            }
            match stroke {
                Some(stroke) => {
                    plane.draw(&Circle::new(place, units(*radius), rgb(*stroke).stroke_width(units(*width))))
                }
                None => Ok(()),
            }
        }
        Shape2D::Text { at, text, size, color, anchor, bold } => {
            let Some(place) = plane.place(at.0, at.1) else { return Ok(()) };
            let horizontal = match anchor {
                ..0 => HPos::Left,
                0 => HPos::Center,
                1.. => HPos::Right,
            };
            let weight = if *bold { FontStyle::Bold } else { FontStyle::Normal };
            let style = ("sans-serif", size * UNITS, weight).into_font().color(&rgb(*color));
            plane.draw(&Text::new(text.as_str(), place, style.pos(Pos::new(horizontal, VPos::Center))))
        }
    }
}

/// The three corners of an arrow's tip, and the middle of its back side.
fn tip(from: Place, to: Place) -> (Vec<Place>, Place) {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let back = (f64::from(to.0) - ux * TIP.0, f64::from(to.1) - uy * TIP.0);
    let corner = |side: f64| ((back.0 - uy * side) as i32, (back.1 + ux * side) as i32);
    (vec![to, corner(TIP.1), corner(-TIP.1)], (back.0 as i32, back.1 as i32))
}

fn units(pixels: f64) -> u32 {
    (pixels * UNITS).round().clamp(0.0, 1e6) as u32
}
