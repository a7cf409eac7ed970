//! Points joined by lines, with no more corners than the eye can see.

use engine_api::Error;
use plotters::element::PathElement;
use plotters::style::{Color, RGBColor};

use super::plane::{Place, Plane};

/// Corners in a picture; more are drawn as pixels.
const CORNERS: usize = 10_000;
/// The width of lines, in units of the surface.
const WIDTH: u32 = 20;
/// The radius of a point between gaps, in units of the surface.
const DOT: u32 = 30;
/// The width of a column of pixels, in units of the surface.
const COLUMN: i32 = 10;

pub fn draw(plane: &Plane, x: &[f64], y: &[f64], color: RGBColor) -> Result<Vec<Place>, Error> {
    let pieces: Vec<Vec<Place>> = pieces(plane, x, y).map(|piece| thinned(&piece)).collect();
    let corners = pieces.iter().map(Vec::len).sum::<usize>();
    if corners > plane.share(CORNERS) {
        paint(plane, &pieces, color);
    } else {
        for piece in &pieces {
            draw_piece(plane, piece, color)?;
        }
    }
    Ok(pieces.iter().flat_map(|piece| along(piece)).collect())
}

/// The runs between gaps.
fn pieces(plane: &Plane, x: &[f64], y: &[f64]) -> impl Iterator<Item = Vec<Place>> {
    let places: Vec<Option<Place>> = x.iter().zip(y).map(|(x, y)| plane.place(*x, *y)).collect();
    let runs: Vec<Vec<Place>> =
        places.split(Option::is_none).map(|run| run.iter().flatten().copied().collect()).collect();
    runs.into_iter().filter(|run| !run.is_empty())
}

/// A single point between gaps is shown as a dot.
fn draw_piece(plane: &Plane, piece: &[Place], color: RGBColor) -> Result<(), Error> {
    if let [only] = piece {
        return plane.dot(*only, DOT, color);
    }
    plane.draw(&PathElement::new(piece, color.stroke_width(WIDTH)))
}

/// The same line to the eye: of each run through a column of pixels the first, lowest, highest and last corner
/// (M4: Jugel et al., VLDB 2014).
fn thinned(piece: &[Place]) -> Vec<Place> {
    let mut kept = Vec::new();
    for run in piece.chunk_by(|one, next| one.0.div_euclid(COLUMN) == next.0.div_euclid(COLUMN)) {
        let lowest = (0..run.len()).min_by_key(|i| run[*i].1);
        let highest = (0..run.len()).max_by_key(|i| run[*i].1);
        let mut corners: Vec<usize> =
            [Some(0), lowest, highest, run.len().checked_sub(1)].into_iter().flatten().collect();
        corners.sort_unstable();
        corners.dedup();
        kept.extend(corners.into_iter().map(|i| run[i]));
    }
    kept.dedup();
    kept
}

fn paint(plane: &Plane, pieces: &[Vec<Place>], color: RGBColor) {
    plane.paint(|raster, to_pixel| {
        for piece in pieces {
            if let [only] = piece[..] {
                let (x, y) = to_pixel(only);
                raster.disk(x, y, 2, color);
            }
            for pair in piece.windows(2) {
                raster.line(to_pixel(pair[0]), to_pixel(pair[1]), color);
            }
        }
    });
}

/// Places all along the line, so that a legend finds a free corner.
fn along(piece: &[Place]) -> impl Iterator<Item = Place> {
    const STEPS: i32 = 16;
    piece.windows(2).take(CORNERS).flat_map(|pair| {
        let [from, to] = [pair[0], pair[1]];
        (0..=STEPS).map(move |i| (from.0 + (to.0 - from.0) * i / STEPS, from.1 + (to.1 - from.1) * i / STEPS))
    })
}

#[cfg(test)]
mod tests {
    use super::thinned;

    #[test]
    fn thinning_keeps_what_can_be_seen() {
        for (places, kept) in [
            (vec![], vec![]),
            (vec![(0, 5)], vec![(0, 5)]),
            (vec![(0, 0), (100, 7), (200, 3)], vec![(0, 0), (100, 7), (200, 3)]),
            (vec![(0, 5), (1, 9), (2, 4), (3, 6), (4, 5), (10, 0)], vec![(0, 5), (1, 9), (2, 4), (4, 5), (10, 0)]),
            (vec![(0, 5); 7], vec![(0, 5)]),
        ] {
            assert_eq!(thinned(&places), kept, "{places:?}");
        }
        let dense: Vec<_> = (0..100_000).map(|i| (i / 20, i * 7919 % 3000)).collect();
        assert!(thinned(&dense).len() <= 4 * 500);
    }
}
