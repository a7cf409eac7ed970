//! A function over a plane: bands of colour as pixels, and the lines between them.

use engine_api::{Colormap, Error};
use plotters::element::PathElement;
use plotters::style::{Color, RGBColor};
use std::collections::{HashMap, VecDeque};

use super::colors;
use super::plane::{Place, Plane};

/// A function's values at the corners of a regular grid, row 0 at the lower end.
pub struct Contours<'c> {
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub rows: usize,
    pub columns: usize,
    pub values: &'c [f32],
    pub levels: &'c [f64],
    pub colormap: Colormap,
}

impl Contours<'_> {
    pub fn draw(&self, plane: &Plane) -> Result<(), Error> {
        if self.rows < 2 || self.columns < 2 {
            return Ok(());
        }
        self.paint(plane);
        for level in self.levels {
            let pieces = self
                .line(*level)
                .into_iter()
                .filter_map(|[from, to]| Some([plane.place(from.0, from.1)?, plane.place(to.0, to.1)?]));
            for path in joined(pieces.filter(|[from, to]| from != to)) {
                plane.draw(&PathElement::new(path, colors::INK.mix(0.35).stroke_width(8)))?;
            }
        }
        Ok(())
    }

    /// Each pixel has the colour of its band; between the corners the function is taken to be bilinear.
    fn paint(&self, plane: &Plane) {
        let [left, top, right, bottom] = plane.bounds();
        let (from, to) = (plane.corner(self.x.0, self.y.0), plane.corner(self.x.1, self.y.1));
        plane.paint(|raster, to_pixel| {
            let ((first, upper), (last, lower)) = (to_pixel((left, top)), to_pixel((right, bottom)));
            let share = |at: i64, from: i64, to: i64| (at as f64 + 0.5 - from as f64) / (to - from) as f64;
            let ((x0, y0), (x1, y1)) = (to_pixel(from), to_pixel(to));
            for (x, y) in (first..last).flat_map(|x| (upper..lower).map(move |y| (x, y))) {
                let (u, v) = (share(x, x0, x1), share(y, y0, y1));
                let color = self.at(u, v).and_then(|value| self.color(value));
                if let Some(color) = color {
                    raster.set(x, y, color);
                }
            }
        });
    }

    /// The value at shares of the width and the height; none outside and where it is not finite.
    fn at(&self, u: f64, v: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&u) || !(0.0..=1.0).contains(&v) {
            return None;
        }
        let cell = |share: f64, count: usize| {
            let place = share * (count - 1) as f64;
            let index = (place as usize).min(count - 2);
            (index, place - index as f64)
        };
        let ((column, u), (row, v)) = (cell(u, self.columns), cell(v, self.rows));
        let [a, b, c, d] = self.corners(row, column);
        let value = a * (1.0 - u) * (1.0 - v) + b * u * (1.0 - v) + c * (1.0 - u) * v + d * u * v;
        value.is_finite().then_some(value)
    }

    /// The values at the corners of a cell: lower left, lower right, upper left, upper right.
    fn corners(&self, row: usize, column: usize) -> [f64; 4] {
        let at = |row: usize, column: usize| f64::from(self.values[row * self.columns + column]);
        [at(row, column), at(row, column + 1), at(row + 1, column), at(row + 1, column + 1)]
    }

    /// The colour of the band that holds this value.
    fn color(&self, value: f64) -> Option<RGBColor> {
        let band = self.levels.iter().filter(|level| **level <= value).count();
        Some(colors::mapped(self.colormap, band as f64 / self.levels.len().max(1) as f64))
    }

    /// The pieces of the line on which the function has this value (marching squares). A saddle is cut by its mean.
    fn line(&self, level: f64) -> Vec<[(f64, f64); 2]> {
        let mut pieces = Vec::new();
        let step = |ends: (f64, f64), count: usize| (ends.1 - ends.0) / (count - 1) as f64;
        let (dx, dy) = (step(self.x, self.columns), step(self.y, self.rows));
        for (row, column) in (0..self.rows - 1).flat_map(|row| (0..self.columns - 1).map(move |column| (row, column))) {
            let [a, b, c, d] = self.corners(row, column);
            if ![a, b, c, d].iter().all(|value| value.is_finite()) {
                continue;
            }
            let (x, y) = (self.x.0 + dx * column as f64, self.y.0 + dy * row as f64);
            let cut = |from: f64, to: f64| (level - from) / (to - from);
            let crosses = |from: f64, to: f64| (from < level) != (to < level);
            let bottom = crosses(a, b).then(|| (x + dx * cut(a, b), y));
            let top = crosses(c, d).then(|| (x + dx * cut(c, d), y + dy));
            let left = crosses(a, c).then(|| (x, y + dy * cut(a, c)));
            let right = crosses(b, d).then(|| (x + dx, y + dy * cut(b, d)));
            match (bottom, top, left, right) {
                (Some(bottom), Some(top), Some(left), Some(right)) => {
                    let is_like_a = ((a + b + c + d) / 4.0 < level) == (a < level);
                    let pairs = if is_like_a { [[bottom, right], [left, top]] } else { [[bottom, left], [right, top]] };
                    pieces.extend(pairs);
                }
                _ => {
                    let ends: Vec<(f64, f64)> = [bottom, top, left, right].into_iter().flatten().collect();
                    if let [from, to] = ends[..] {
                        pieces.push([from, to]);
                    }
                }
            }
        }
        pieces
    }
}

/// Pieces that meet, as paths.
fn joined(pieces: impl Iterator<Item = [Place; 2]>) -> Vec<Vec<Place>> {
    let pieces: Vec<[Place; 2]> = pieces.collect();
    let mut at: HashMap<Place, Vec<usize>> = HashMap::new();
    for (number, piece) in pieces.iter().enumerate() {
        piece.iter().for_each(|end| at.entry(*end).or_default().push(number));
    }
    let mut used = vec![false; pieces.len()];
    let mut paths = Vec::new();
    for number in 0..pieces.len() {
        if std::mem::replace(&mut used[number], true) {
            continue;
        }
        let mut path = VecDeque::from(pieces[number]);
        for forwards in [true, false] {
            loop {
                let end = if forwards { path[path.len() - 1] } else { path[0] };
                let Some(next) = at[&end].iter().copied().find(|next| !used[*next]) else { break };
                used[next] = true;
                let [from, to] = pieces[next];
                let other = if from == end { to } else { from };
                if forwards { path.push_back(other) } else { path.push_front(other) }
            }
        }
        paths.push(path.into());
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contours<'c>(values: &'c [f32], levels: &'c [f64]) -> Contours<'c> {
        let side = (values.len() as f64).sqrt() as usize;
        let ends = (0.0, (side - 1) as f64);
        Contours { x: ends, y: ends, rows: side, columns: side, values, levels, colormap: Colormap::Viridis }
    }

    #[test]
    fn lines_run_where_the_function_has_the_level() {
        // f = x on 3 x 3 corners: the line of 0.5 runs upright through both cells of the first column.
        let plane = [0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0];
        assert_eq!(contours(&plane, &[]).line(0.5), [[(0.5, 0.0), (0.5, 1.0)], [(0.5, 1.0), (0.5, 2.0)]]);
        assert!(contours(&plane, &[]).line(7.0).is_empty());
        let saddle = [1.0, 0.0, 0.0, 1.0];
        assert_eq!(contours(&saddle, &[]).line(0.5).len(), 2);
        assert!(contours(&[f32::NAN, 0.0, 0.0, 1.0], &[]).line(0.5).is_empty());
    }

    #[test]
    fn pieces_become_paths() {
        let pieces = [[(2, 0), (1, 0)], [(5, 5), (6, 5)], [(0, 0), (1, 0)], [(2, 0), (3, 0)]];
        assert_eq!(joined(pieces.into_iter()), [vec![(3, 0), (2, 0), (1, 0), (0, 0)], vec![(5, 5), (6, 5)]]);
        // A ring is one path that returns.
        let ring = [[(0, 0), (1, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 0)]];
        assert_eq!(joined(ring.into_iter()), [vec![(0, 0), (1, 0), (1, 1), (0, 0)]]);
    }

    #[test]
    fn bands_have_colours_from_end_to_end() {
        let levels = [0.25, 0.5, 0.75];
        let contours = contours(&[0.0, 1.0, 0.0, 1.0], &levels);
        for (u, expected) in [(0.0, 0.0), (0.3, 1.0 / 3.0), (0.6, 2.0 / 3.0), (1.0, 1.0)] {
            let value = contours.at(u, 0.5).unwrap();
            assert_eq!(contours.color(value), Some(colors::mapped(Colormap::Viridis, expected)), "{u}");
        }
        assert_eq!(contours.at(1.2, 0.5), None);
    }
}
