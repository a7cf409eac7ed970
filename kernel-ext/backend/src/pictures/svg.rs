//! A plotters backend that writes SVG elements into a string.
//!
//! plotters counts in whole pixels; this backend lets it count in tenths of a pixel, so that lines are smooth at
//! every size, and it can place bitmaps (`image`), which plotters' own SVG backend cannot.

use std::convert::Infallible;
use std::fmt::Write;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use super::text;

/// Units of plotters in a pixel of the picture.
pub const UNITS: f64 = 10.0;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Elements written so far; the caller wraps them into a document.
pub struct Svg<'a> {
    elements: &'a mut String,
    size: (u32, u32),
}

impl<'a> Svg<'a> {
    /// A surface of `width` by `height` pixels.
    pub fn new(elements: &'a mut String, width: f64, height: f64) -> Self {
        Self { elements, size: ((width * UNITS) as u32, (height * UNITS) as u32) }
    }

    /// Places a PNG, given as `data:` address, between two corners; with sharp pixels or smooth.
    pub fn image(&mut self, (left, top): BackendCoord, (right, bottom): BackendCoord, uri: &str, sharp: bool) {
        let rendering = if sharp { " style=\"image-rendering:pixelated\"" } else { "" };
        self.push(format_args!(
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\"{rendering} \
             href=\"{uri}\"/>",
            pixels(left),
            pixels(top),
            pixels(right - left),
            pixels(bottom - top)
        ));
    }

    fn push(&mut self, element: std::fmt::Arguments) {
        let _ = writeln!(self.elements, "{element}");
    }

    fn push_points(&mut self, tag: &str, points: impl IntoIterator<Item = BackendCoord>, paint: &str) {
        let _ = write!(self.elements, "<{tag} points=\"");
        for (i, (x, y)) in points.into_iter().enumerate() {
            let space = if i == 0 { "" } else { " " };
            let _ = write!(self.elements, "{space}{},{}", pixels(x), pixels(y));
        }
        self.push(format_args!("\" {paint}/>"));
    }
}

impl DrawingBackend for Svg<'_> {
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
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
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
        self.push(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {} shape-rendering=\"crispEdges\"/>",
            pixels(left),
            pixels(top),
            pixels(right - left),
            pixels(bottom - top),
            paint(style, fill)
        ));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        if style.color().alpha > 0.0 {
            self.push_points("polyline", path, &paint(style, false));
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        self.push(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>",
            pixels(x),
            pixels(y),
            pixels(radius as i32),
            paint(style, fill)
        ));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Drawn {
        self.push_points("polygon", corners, &paint(style, true));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let size = style.size() / UNITS;
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        // From the point to the baseline: digits and capitals are about 0.72 of the size high.
        let down = match style.anchor().v_pos {
            VPos::Top => 0.76,
            VPos::Center => 0.36,
            VPos::Bottom => -0.22,
        } * size;
        let (x, y) = (f64::from(x) / UNITS, f64::from(y) / UNITS);
        let place = match turn(&style.transform()) {
            0 => format!("x=\"{}\" y=\"{}\"", short(x), short(y + down)),
            angle => {
                format!("transform=\"translate({} {}) rotate({angle})\" y=\"{}\"", short(x), short(y), short(down))
            }
        };
        let weight = if matches!(style.style(), FontStyle::Bold) { " font-weight=\"600\"" } else { "" };
        self.push(format_args!(
            "<text {place} text-anchor=\"{anchor}\" font-size=\"{}\"{weight} fill=\"{}\">{}</text>",
            short(size),
            hexadecimal(style.color()),
            text::escape(text)
        ));
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

fn turn(transform: &FontTransform) -> i32 {
    match transform {
        FontTransform::None => 0,
        FontTransform::Rotate90 => 90,
        FontTransform::Rotate180 => 180,
        FontTransform::Rotate270 => 270,
    }
}

/// Fill or stroke, with opacity where it is not full.
fn paint<S: BackendStyle>(style: &S, fill: bool) -> String {
    let color = style.color();
    let opacity = if color.alpha < 1.0 { format!(" opacity=\"{}\"", short(color.alpha)) } else { String::new() };
    if fill {
        return format!("fill=\"{}\"{opacity}", hexadecimal(color));
    }
    let width = short(f64::from(style.stroke_width()) / UNITS);
    format!(
        "fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"{opacity}",
        hexadecimal(color)
    )
}

fn hexadecimal(color: BackendColor) -> String {
    let (red, green, blue) = color.rgb;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Units as pixels, without a needless `.0`.
fn pixels(units: i32) -> String {
    short(f64::from(units) / UNITS)
}

fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use plotters::prelude::*;

    use super::Svg;

    fn drawn(draw: impl FnOnce(&DrawingArea<Svg, plotters::coord::Shift>)) -> String {
        let mut elements = String::new();
        draw(&Svg::new(&mut elements, 100.0, 50.0).into_drawing_area());
        elements
    }

    #[test]
    fn elements_are_in_tenths_of_pixels() {
        let line = PathElement::new([(0, 5), (15, 20)], BLACK.stroke_width(20));
        assert_eq!(
            drawn(|area| area.draw(&line).unwrap()),
            "<polyline points=\"0,0.5 1.5,2\" fill=\"none\" stroke=\"#000000\" stroke-width=\"2\" \
             stroke-linejoin=\"round\"/>\n"
        );
        let square = Rectangle::new([(0, 0), (10, 10)], RED.mix(0.25).filled());
        assert_eq!(
            drawn(|area| area.draw(&square).unwrap()),
            "<rect x=\"0\" y=\"0\" width=\"1\" height=\"1\" fill=\"#ff0000\" opacity=\"0.25\" shape-rendering=\"crispEdges\"/>\n"
        );
        let dot = Circle::new((10, 20), 30, BLUE.filled());
        assert_eq!(drawn(|area| area.draw(&dot).unwrap()), "<circle cx=\"1\" cy=\"2\" r=\"3\" fill=\"#0000ff\"/>\n");
        let text = Text::new("a<b", (10, 20), ("sans-serif", 100.0));
        assert_eq!(
            drawn(|area| area.draw(&text).unwrap()),
            "<text x=\"1\" y=\"9.6\" text-anchor=\"start\" font-size=\"10\" fill=\"#000000\">a&lt;b</text>\n"
        );
    }
}
