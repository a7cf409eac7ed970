//! Which colours are used: all of them can be told apart by the colour-blind.

use engine_api::Colormap;
use plotters::style::RGBColor;

/// Titles, labels and numbers.
pub const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
/// Axes and frames.
pub const AXIS: RGBColor = RGBColor(0x99, 0x99, 0x99);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xe8, 0xe8, 0xe8);

/// Ten, so that digits have one each: the palette of Okabe and Ito (2008) without black and yellow, which vanishes on
/// white; then wine, olive and indigo of Paul Tol's muted palette (2021), and gray.
const SERIES: [RGBColor; 10] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x88, 0x22, 0x55),
    RGBColor(0x99, 0x99, 0x33),
    RGBColor(0x33, 0x22, 0x88),
    RGBColor(0x80, 0x80, 0x80),
];

/// matplotlib's viridis at every eighth.
const VIRIDIS: [u32; 9] = [0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725];
/// ColorBrewer's Blues at every eighth, with pure white for nothing.
const BLUES: [u32; 9] = [0xffffff, 0xdeebf7, 0xc6dbef, 0x9ecae1, 0x6baed6, 0x4292c6, 0x2171b5, 0x08519c, 0x08306b];
/// matplotlib's coolwarm at every eighth.
const COOLWARM: [u32; 9] = [0x3b4cc0, 0x6282ea, 0x8db0fe, 0xb9d0f9, 0xdddcdc, 0xf5c4ac, 0xf4987a, 0xdd5f4b, 0xb40426];
const GRAY: [u32; 2] = [0x000000, 0xffffff];

/// The colour of the series with this number; they repeat.
pub fn series(number: usize) -> RGBColor {
    SERIES[number % SERIES.len()]
}

/// A colour written as `0xRRGGBB`.
pub fn rgb(color: u32) -> RGBColor {
    let [_, red, green, blue] = color.to_be_bytes();
    RGBColor(red, green, blue)
}

/// The colour for `position` in 0..=1.
pub fn mapped(colormap: Colormap, position: f64) -> RGBColor {
    let stops: &[u32] = match colormap {
        Colormap::Viridis => &VIRIDIS,
        Colormap::Gray => &GRAY,
        Colormap::Blues => &BLUES,
        Colormap::Coolwarm => &COOLWARM,
    };
    let place = position.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let below = (place as usize).min(stops.len() - 2);
    let between = |shift: u32| {
        let [low, high] = [stops[below], stops[below + 1]].map(|stop| f64::from(stop >> shift & 0xff));
        (low + (high - low) * (place - below as f64)).round() as u8
    };
    RGBColor(between(16), between(8), between(0))
}

/// Black or white ink, whichever is easier to read on this colour (contrast as WCAG 2 defines it).
pub fn ink_on(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let linear = |channel: u8| (f64::from(channel) / 255.0).powf(2.2);
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    let contrast_of_white = 1.05 / (luminance + 0.05);
    let contrast_of_black = (luminance + 0.05) / 0.05;
    if contrast_of_white >= contrast_of_black { RGBColor(255, 255, 255) } else { RGBColor(0, 0, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colormaps_pass_through_their_stops() {
        for (colormap, position, color) in [
            (Colormap::Viridis, 0.0, (0x44, 0x01, 0x54)),
            (Colormap::Viridis, 0.5, (0x21, 0x91, 0x8c)),
            (Colormap::Viridis, 1.0, (0xfd, 0xe7, 0x25)),
            (Colormap::Gray, 0.5, (128, 128, 128)),
            (Colormap::Gray, 7.0, (255, 255, 255)),
            (Colormap::Coolwarm, 0.5, (0xdd, 0xdc, 0xdc)),
            (Colormap::Blues, 0.0, (255, 255, 255)),
            (Colormap::Blues, 1.0, (0x08, 0x30, 0x6b)),
        ] {
            assert_eq!(mapped(colormap, position), RGBColor(color.0, color.1, color.2), "{colormap:?} {position}");
        }
    }

    #[test]
    fn ink_contrasts() {
        let (black, white) = (RGBColor(0, 0, 0), RGBColor(255, 255, 255));
        for (color, ink) in [
            (white, black),
            (black, white),
            (mapped(Colormap::Viridis, 1.0), black),
            (mapped(Colormap::Viridis, 0.0), white),
            (mapped(Colormap::Blues, 0.9), white),
            (mapped(Colormap::Blues, 0.3), black),
        ] {
            assert_eq!(ink_on(color), ink, "on {color:?}");
        }
    }
}
