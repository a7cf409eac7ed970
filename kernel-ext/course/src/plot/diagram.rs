//! Boxes and circles joined by arrows, in layers from top to bottom.
//!
//! What may not be in this file: what boxes stand for.

use super::{Canvas, Figure};

/// The height of a line of text, and of the smallest gap between layers.
const LINE: f64 = 18.0;
const GAP: f64 = 34.0;
/// Between neighbours of a layer, and around the whole.
const BESIDE: f64 = 26.0;
const MARGIN: f64 = 14.0;
const SIZE: f64 = 13.0;
/// How often layers are put in order by their neighbours.
const SWEEPS: usize = 8;

/// How a node is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outline {
    /// A rectangle around its lines, the first of which is its heading.
    Box,
    /// A circle, or an ellipse of one where the text is long.
    Circle,
}

/// A node of a diagram.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub lines: Vec<String>,
    pub outline: Outline,
    /// The inside.
    pub color: u32,
}

/// Nodes and from where to where arrows go.
#[derive(Clone, Debug, Default)]
pub(super) struct Diagram {
    pub nodes: Vec<Node>,
    pub edges: Vec<(usize, usize)>,
}

/// A stop of the layout: a node, or the place where a long arrow passes through a layer.
struct Stop {
    node: Option<usize>,
    layer: usize,
    width: f64,
    height: f64,
    x: f64,
    y: f64,
}

impl Diagram {
    pub fn figure(&self) -> Figure {
        let mut layout = Layout::of(self);
        layout.order();
        layout.place();
        let (width, height) = layout.size();
        let mut canvas = Canvas::new().size(SIZE);
        for chain in &layout.chains {
            canvas = self.draw_edge(canvas, &layout, chain);
        }
        for stop in &layout.stops {
            if let Some(node) = stop.node {
                canvas = draw_node(canvas, &self.nodes[node], stop);
            }
        }
        Figure::drawing(width.ceil() as u32, height.ceil() as u32, &canvas)
    }

    /// From the lower side of the first stop past the layers between to the upper side of the last.
    fn draw_edge(&self, canvas: Canvas, layout: &Layout, chain: &[usize]) -> Canvas {
        let stop = |index: usize| &layout.stops[index];
        let (first, last) = (stop(chain[0]), stop(chain[chain.len() - 1]));
        let mut points = vec![(first.x, first.y + first.height / 2.0)];
        for &index in &chain[1..chain.len() - 1] {
            // Straight past the nodes of the layer.
            let Stop { x, y, height, .. } = *stop(index);
            points.extend([(x, y - height / 2.0), (x, y + height / 2.0)]);
        }
        points.push((last.x, last.y - last.height / 2.0));
        canvas.stroke(0x66_6666).width(1.4).arrow_along(&points)
    }
}

fn draw_node(canvas: Canvas, node: &Node, stop: &Stop) -> Canvas {
    let Stop { x, y, width, height, .. } = *stop;
    let mut canvas = canvas.stroke(0x55_5555).width(1.2).fill(node.color);
    canvas = match node.outline {
        Outline::Box => canvas.rectangle((x - width / 2.0, y - height / 2.0), (x + width / 2.0, y + height / 2.0)),
        Outline::Circle => {
            let corner = |step: i32| {
                let angle = f64::from(step) * std::f64::consts::TAU / 48.0;
                (x + width / 2.0 * angle.cos(), y + height / 2.0 * angle.sin())
            };
            canvas.polygon(&(0..48).map(corner).collect::<Vec<_>>())
        }
    };
    let top = y - LINE * (node.lines.len() as f64 - 1.0) / 2.0;
    for (number, line) in node.lines.iter().enumerate() {
        let heading = number == 0 && node.lines.len() > 1;
        canvas = canvas.bold(heading).text((x, top + LINE * number as f64), line.as_str());
    }
    canvas.bold(false)
}

struct Layout {
    stops: Vec<Stop>,
    layers: Vec<Vec<usize>>,
    /// The stops that each arrow passes.
    chains: Vec<Vec<usize>>,
}

impl Layout {
    /// Each node lies below all that lead to it; long arrows get a stop in each layer that they pass.
    fn of(diagram: &Diagram) -> Self {
        let mut depth = vec![0; diagram.nodes.len()];
        // As often as there are nodes, so that a circle of arrows ends too.
        for _ in 0..diagram.nodes.len() {
            for &(from, to) in &diagram.edges {
                depth[to] = depth[to].max(depth[from] + 1).min(diagram.nodes.len());
            }
        }
        // What nothing leads to stands just above what needs it.
        for (node, level) in depth.clone().into_iter().enumerate() {
            let is_source = diagram.edges.iter().all(|&(_, to)| to != node);
            let next = diagram.edges.iter().filter(|&&(from, _)| from == node).map(|&(_, to)| depth[to]).min();
            if is_source && let Some(next) = next {
                depth[node] = level.max(next.saturating_sub(1));
            }
        }
        let mut stops: Vec<Stop> =
            diagram.nodes.iter().enumerate().map(|(index, node)| Stop::of(index, node, depth[index])).collect();
        let mut chains = Vec::new();
        for &(from, to) in &diagram.edges {
            let mut chain = vec![from];
            for layer in depth[from] + 1..depth[to] {
                chain.push(stops.len());
                stops.push(Stop { node: None, layer, width: 8.0, height: 0.0, x: 0.0, y: 0.0 });
            }
            chain.push(to);
            chains.push(chain);
        }
        let count = stops.iter().map(|stop| stop.layer + 1).max().unwrap_or(0);
        let mut layers = vec![Vec::new(); count];
        stops.iter().enumerate().for_each(|(index, stop)| layers[stop.layer].push(index));
        Self { stops, layers, chains }
    }

    /// Puts each layer in the order of its neighbours' middles, downwards and upwards in turn (Sugiyama 1981).
    fn order(&mut self) {
        let mut position = vec![0.0; self.stops.len()];
        for sweep in 0..SWEEPS {
            for layer in &self.layers {
                layer.iter().enumerate().for_each(|(place, &stop)| position[stop] = place as f64);
            }
            let downwards = sweep % 2 == 0;
            let order: Vec<usize> = if downwards {
                (1..self.layers.len()).collect()
            } else {
                (0..self.layers.len().max(1) - 1).rev().collect()
            };
            for layer in order {
                let middle = |stop: usize| {
                    let near = self.chains.iter().flat_map(|chain| chain.windows(2)).filter_map(|pair| match pair {
                        [above, below] if downwards && *below == stop => Some(position[*above]),
                        [above, below] if !downwards && *above == stop => Some(position[*below]),
                        _ => None,
                    });
                    let near: Vec<f64> = near.collect();
                    if near.is_empty() { position[stop] } else { near.iter().sum::<f64>() / near.len() as f64 }
                };
                let mut keyed: Vec<(f64, usize)> =
                    self.layers[layer].iter().map(|&stop| (middle(stop), stop)).collect();
                keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
                self.layers[layer] = keyed.into_iter().map(|(_, stop)| stop).collect();
                self.layers[layer].iter().enumerate().for_each(|(place, &stop)| position[stop] = place as f64);
            }
        }
    }

    /// Layers below each other, each centred, then stops drawn towards their neighbours as far as there is room.
    fn place(&mut self) {
        let mut top = MARGIN;
        for layer in &self.layers {
            let height = layer.iter().map(|&stop| self.stops[stop].height).fold(0.0, f64::max);
            let width: f64 = layer.iter().map(|&stop| self.stops[stop].width + BESIDE).sum::<f64>() - BESIDE;
            let mut left = -width / 2.0;
            for &stop in layer {
                let stop = &mut self.stops[stop];
                if stop.node.is_none() {
                    stop.height = height;
                }
                (stop.x, stop.y) = (left + stop.width / 2.0, top + height / 2.0);
                left += stop.width + BESIDE;
            }
            top += height + GAP;
        }
        for _ in 0..SWEEPS {
            for layer in self.layers.clone() {
                self.pull(&layer);
            }
        }
        let left = self.stops.iter().map(|stop| stop.x - stop.width / 2.0).fold(f64::INFINITY, f64::min);
        self.stops.iter_mut().for_each(|stop| stop.x += MARGIN - left);
    }

    fn pull(&mut self, layer: &[usize]) {
        for (place, &stop) in layer.iter().enumerate() {
            let near = self.chains.iter().flat_map(|chain| chain.windows(2)).filter_map(|pair| match pair {
                [above, below] if *below == stop => Some(self.stops[*above].x),
                [above, below] if *above == stop => Some(self.stops[*below].x),
                _ => None,
            });
            let near: Vec<f64> = near.collect();
            if near.is_empty() {
                continue;
            }
            let wanted = near.iter().sum::<f64>() / near.len() as f64;
            let room = |other: usize| (self.stops[stop].width + self.stops[other].width) / 2.0 + BESIDE;
            let least =
                place.checked_sub(1).map_or(f64::NEG_INFINITY, |left| self.stops[layer[left]].x + room(layer[left]));
            let most = layer.get(place + 1).map_or(f64::INFINITY, |&right| self.stops[right].x - room(right));
            if least <= most {
                self.stops[stop].x = wanted.clamp(least, most);
            }
        }
    }

    fn size(&self) -> (f64, f64) {
        let right = self.stops.iter().map(|stop| stop.x + stop.width / 2.0).fold(0.0, f64::max);
        let bottom = self.stops.iter().map(|stop| stop.y + stop.height / 2.0).fold(0.0, f64::max);
        (right + MARGIN, bottom + MARGIN)
    }
}

impl Stop {
    fn of(index: usize, node: &Node, layer: usize) -> Self {
        let widest = node.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        // Wide enough for the wider of the common fonts.
        let text = widest as f64 * 0.62 * SIZE;
        let lines = node.lines.len() as f64 * LINE;
        let (width, height) = match node.outline {
            Outline::Box => (text + 22.0, lines + 10.0),
            Outline::Circle => ((text + 20.0).max(44.0), (lines + 14.0).max(44.0)),
        };
        Self { node: Some(index), layer, width, height, x: 0.0, y: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::{BESIDE, Diagram, Layout, Node, Outline};

    fn diagram(nodes: usize, edges: &[(usize, usize)]) -> Diagram {
        let node =
            |index: usize| Node { lines: vec![format!("node {index}")], outline: Outline::Box, color: 0xff_ffff };
        Diagram { nodes: (0..nodes).map(node).collect(), edges: edges.to_vec() }
    }

    fn laid_out(nodes: usize, edges: &[(usize, usize)]) -> Layout {
        let mut layout = Layout::of(&diagram(nodes, edges));
        layout.order();
        layout.place();
        layout
    }

    #[test]
    fn arrows_go_down_and_nothing_overlaps() {
        for (nodes, edges) in [
            (1, &[][..]),
            (4, &[(0, 1), (1, 2), (2, 3)]),
            // A short cut past two layers.
            (4, &[(0, 1), (1, 2), (2, 3), (0, 3)]),
            // Two sources, a diamond, two ends.
            (7, &[(0, 2), (1, 2), (2, 3), (2, 4), (3, 5), (4, 5), (4, 6)]),
        ] {
            let layout = laid_out(nodes, edges);
            for &(from, to) in edges {
                assert!(layout.stops[from].y < layout.stops[to].y, "{from} -> {to}");
            }
            for layer in &layout.layers {
                for pair in layer.windows(2) {
                    let [left, right] = [&layout.stops[pair[0]], &layout.stops[pair[1]]];
                    let gap = right.x - left.x - (left.width + right.width) / 2.0;
                    assert!(gap > BESIDE - 1e-6, "{gap}");
                }
            }
        }
        // A circle of arrows is no diagram, but ends.
        laid_out(2, &[(0, 1), (1, 0)]);
    }

    #[test]
    fn neighbours_do_not_cross_where_they_need_not() {
        let layout = laid_out(4, &[(0, 3), (1, 2)]);
        assert_eq!(layout.layers[1], [3, 2]);
    }
}
