//! The part of the picture between the axes, and what marks need to draw into it.

use std::convert::Infallible;

use engine_api::Error;
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Circle, CoordMapper, Drawable, PointCollection};
use plotters::style::{Color, RGBColor};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::axis::Axis;
use super::raster::Raster;
use super::span::drawable;
use super::svg::{Svg, UNITS};

/// A place on the surface, in its units.
pub type Place = BackendCoord;

/// The surface of a picture.
pub type Surface<'a> = DrawingArea<Svg<'a>, Shift>;

/// The part of the surface that has axes.
pub type Area<'a> = DrawingArea<Svg<'a>, Cartesian2d<Axis, Axis>>;

/// Bitmaps have two pixels for each pixel of the picture, so that they stay sharp on dense screens.
const UNITS_PER_DOT: f64 = UNITS / 2.0;

/// Where marks are drawn.
pub struct Plane<'p, 'a> {
    /// The surface, for places.
    pub surface: &'p Surface<'a>,
    /// The area, for numbers.
    pub area: &'p Area<'a>,
}

impl<'a> Plane<'_, 'a> {
    /// Where a pair of numbers lies; nowhere if it cannot be drawn.
    pub fn place(&self, x: f64, y: f64) -> Option<Place> {
        (drawable(x) && drawable(y)).then(|| self.area.map_coordinate(&(x, y)))
    }

    /// Left, top, right and bottom of the plane.
    pub fn bounds(&self) -> [i32; 4] {
        let (x, y) = self.area.get_pixel_range();
        [x.start, y.start, x.end, y.end]
    }

    /// Draws an element of plotters at places of the surface.
    pub fn draw<'e, E, B>(&self, element: &'e E) -> Result<(), Error>
    where
        B: CoordMapper,
        &'e E: PointCollection<'e, Place, B>,
        E: Drawable<Svg<'a>, B>,
    {
        self.surface.draw(element).map_err(failed)
    }

    /// Draws a filled circle with a radius in units.
    pub fn dot(&self, center: Place, radius: u32, color: RGBColor) -> Result<(), Error> {
        self.draw(&Circle::new(center, radius, color.filled()))
    }

    /// An empty bitmap for the whole plane.
    pub fn raster(&self) -> Raster {
        let [left, top, right, bottom] = self.bounds();
        let dots = |units: i32| (f64::from(units) / UNITS_PER_DOT).ceil().max(1.0) as usize;
        Raster::new(dots(right - left), dots(bottom - top))
    }

    /// Where a place lies in that bitmap.
    pub fn raster_place(&self, (x, y): Place) -> (i64, i64) {
        let [left, top, ..] = self.bounds();
        let dots = |units: i32| (f64::from(units) / UNITS_PER_DOT).floor() as i64;
        (dots(x - left), dots(y - top))
    }

    /// Lays a bitmap over the whole plane.
    pub fn overlay(&self, raster: &Raster) -> Result<(), Error> {
        let [left, top, right, bottom] = self.bounds();
        self.draw(&Embedded { corners: [(left, top), (right, bottom)], uri: raster.data_uri()? })
    }
}

/// plotters' errors behind this surface, which itself cannot fail.
pub fn failed(error: DrawingAreaErrorKind<Infallible>) -> Error {
    Error::Internal(format!("plotters could not draw: {error}"))
}

/// A bitmap as an element of plotters.
pub struct Embedded {
    /// The upper left and the lower right corner.
    pub corners: [Place; 2],
    /// The PNG as a `data:` address.
    pub uri: String,
}

impl<'e> PointCollection<'e, Place> for &'e Embedded {
    type Point = &'e Place;
    type IntoIter = &'e [Place];
    fn point_iter(self) -> &'e [Place] {
        &self.corners
    }
}

impl Drawable<Svg<'_>> for Embedded {
    fn draw<I: Iterator<Item = Place>>(
        &self,
        corners: I,
        svg: &mut Svg,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        if let [upper_left, lower_right] = corners.collect::<Vec<_>>()[..] {
            svg.image(upper_left, lower_right, &self.uri);
        }
        Ok(())
    }
}
