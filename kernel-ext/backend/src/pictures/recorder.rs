//! What a program draws with plotters, taken down as shapes, so that it can be a panel of a figure.

use std::convert::Infallible;

use engine_api::Shape2D;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};

use super::text;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A surface of plotters that remembers what is drawn on it. Its unit is the pixel; text is not turned.
pub struct Recorder<'r> {
    shapes: &'r mut Vec<Shape2D>,
    size: (u32, u32),
}

/// The shapes that `draw` draws on an area of this size. Their places are pixels, (0, 0) is the upper left corner.
///
/// # Errors
/// Those of `draw`.
pub fn record<E>(
    (width, height): (u32, u32),
    draw: impl FnOnce(&DrawingArea<Recorder, Shift>) -> Result<(), E>,
) -> Result<Vec<Shape2D>, E> {
    let mut shapes = Vec::new();
    draw(&Recorder { shapes: &mut shapes, size: (width, height) }.into_drawing_area())?;
    Ok(shapes)
}

impl Recorder<'_> {
    fn path(&mut self, points: Vec<(f64, f64)>, color: BackendColor, width: Option<u32>) {
        // What cannot be seen through is all that shapes know.
        if color.alpha <= 0.0 {
            return;
        }
        let color = Some(on_white(color));
        let (fill, stroke) = if width.is_some() { (None, color) } else { (color, None) };
        let width = f64::from(width.unwrap_or(0));
        self.shapes.push(Shape2D::Path { points, fill, stroke, width, arrow: false });
    }
}

/// A colour that shines through, as it looks on white.
fn on_white(color: BackendColor) -> u32 {
    let mix = |channel: u8| (255.0 - (255.0 - f64::from(channel)) * color.alpha.min(1.0)).round() as u8;
    let (red, green, blue) = color.rgb;
    u32::from_be_bytes([0, mix(red), mix(green), mix(blue)])
}

fn point((x, y): BackendCoord) -> (f64, f64) {
    (f64::from(x), f64::from(y))
}

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
        self.path(corners.map(point).to_vec(), color, None);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let mut corners = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
        if !fill {
            corners.push(corners[0]);
        }
        let points = corners.into_iter().map(point).collect();
        self.path(points, style.color(), (!fill).then(|| style.stroke_width()));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.path(path.into_iter().map(point).collect(), style.color(), Some(style.stroke_width()));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        if style.color().alpha > 0.0 {
            let color = Some(on_white(style.color()));
            let (fill, stroke) = if fill { (color, None) } else { (None, color) };
            let (radius, width) = (f64::from(radius), f64::from(style.stroke_width()));
            self.shapes.push(Shape2D::Circle { center: point(center), radius, fill, stroke, width });
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Drawn {
        self.path(corners.into_iter().map(point).collect(), style.color(), None);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => -1,
            HPos::Center => 0,
            HPos::Right => 1,
        };
        let size = style.size();
        // Shapes have the place at the middle of their height.
        let down = match style.anchor().v_pos {
            VPos::Top => 0.5,
            VPos::Center => 0.0,
            VPos::Bottom => -0.5,
        } * size;
        let (at, text) = ((f64::from(at.0), f64::from(at.1) + down), text.to_owned());
        let (color, bold) = (on_white(style.color()), matches!(style.style(), FontStyle::Bold));
        self.shapes.push(Shape2D::Text { at, text, size, color, anchor, bold });
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((text::width(text, style.size()).ceil() as u32, style.size().ceil() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::record;
    use engine_api::Shape2D;
    use plotters::prelude::*;

    #[test]
    fn what_is_drawn_is_taken_down() {
        let shapes = record((100, 50), |area| {
            area.draw(&Rectangle::new([(1, 2), (3, 4)], RED.filled()))?;
            area.draw(&PathElement::new([(0, 0), (9, 9)], BLUE.mix(0.5).stroke_width(2)))?;
            area.draw(&Circle::new((5, 6), 7, BLACK.filled()))?;
            area.draw(&Text::new("a", (10, 20), ("sans-serif", 12.0)))
        });
        let shapes = shapes.unwrap();
        let [Shape2D::Path { points, fill, .. }, Shape2D::Path { stroke, width, .. }, circle, text] = &shapes[..]
        else {
            panic!("{shapes:?}")
        };
        assert_eq!((points[0], points.len(), *fill), ((1.0, 2.0), 4, Some(0xff_0000)));
        assert_eq!((*stroke, *width), (Some(0x80_80ff), 2.0));
        assert!(matches!(circle, Shape2D::Circle { center: (5.0, 6.0), radius: 7.0, fill: Some(0), .. }));
        assert!(matches!(text, Shape2D::Text { at: (10.0, 26.0), anchor: -1, .. }), "{text:?}");
    }
}
