//! The part of the picture between the axes, and what marks need to draw into it.

use std::cell::RefCell;
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
    surface: &'p Surface<'a>,
    area: &'p Area<'a>,
    /// Pixels that wait for more of them, so that many crowded marks make one bitmap.
    pixels: RefCell<Option<Raster>>,
    /// How many marks of the picture share what can be drawn as single shapes.
    sharers: usize,
}

impl<'p, 'a> Plane<'p, 'a> {
    /// The plane of a panel whose picture has so many lines and sets of points.
    pub fn new(surface: &'p Surface<'a>, area: &'p Area<'a>, sharers: usize) -> Self {
        Self { surface, area, pixels: RefCell::new(None), sharers: sharers.max(1) }
    }

    /// The share of one mark of the shapes that a picture may have.
    pub fn share(&self, shapes: usize) -> usize {
        shapes / self.sharers
    }

    /// Where a pair of numbers lies; nowhere if it cannot be drawn.
    pub fn place(&self, x: f64, y: f64) -> Option<Place> {
        (drawable(x) && drawable(y)).then(|| self.corner(x, y))
    }

    /// Where a pair of numbers that can be drawn lies.
    pub fn corner(&self, x: f64, y: f64) -> Place {
        self.area.map_coordinate(&(x, y))
    }

    /// Left, top, right and bottom of the plane.
    pub fn bounds(&self) -> [i32; 4] {
        let (x, y) = self.area.get_pixel_range();
        [x.start, y.start, x.end, y.end]
    }

    /// Draws an element of plotters at places of the surface, over all that was painted before.
    pub fn draw<'e, E, B>(&self, element: &'e E) -> Result<(), Error>
    where
        B: CoordMapper,
        &'e E: PointCollection<'e, Place, B>,
        E: Drawable<Svg<'a>, B>,
    {
        self.finish()?;
        self.surface.draw(element).map_err(failed)
    }

    /// Draws a filled circle with a radius in units.
    pub fn dot(&self, center: Place, radius: u32, color: RGBColor) -> Result<(), Error> {
        self.draw(&Circle::new(center, radius, color.filled()))
    }

    /// Paints pixels; the places of the surface are given to `paint` as places of the bitmap.
    pub fn paint(&self, paint: impl FnOnce(&mut Raster, &dyn Fn(Place) -> (i64, i64))) {
        let [left, top, right, bottom] = self.bounds();
        let dots = |units: i32| f64::from(units) / UNITS_PER_DOT;
        let mut pixels = self.pixels.borrow_mut();
        let size = |units: i32| dots(units).ceil().max(1.0) as usize;
        let raster = pixels.get_or_insert_with(|| Raster::new(size(right - left), size(bottom - top)));
        paint(raster, &|(x, y)| (dots(x - left).floor() as i64, dots(y - top).floor() as i64));
    }

    /// Lays the pixels painted so far over the plane.
    pub fn finish(&self) -> Result<(), Error> {
        let Some(raster) = self.pixels.take() else { return Ok(()) };
        let [left, top, right, bottom] = self.bounds();
        let embedded = Embedded { corners: [(left, top), (right, bottom)], uri: raster.data_uri()?, sharp: false };
        self.surface.draw(&embedded).map_err(failed)
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
    /// Whether its pixels are shown as squares.
    pub sharp: bool,
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
            svg.image(upper_left, lower_right, &self.uri, self.sharp);
        }
        Ok(())
    }
}
