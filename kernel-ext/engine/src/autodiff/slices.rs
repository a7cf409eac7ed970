//! What is cut into slices, each of which has a gradient, gets these gradients side by side: steps of a sequence,
//! gates of a cell. Added up, each would first become as large as the whole, which for a sequence of `n` steps are
//! `n²` numbers.

use super::LABEL;
use crate::lower::Node;
use crate::ops::MOST_INPUTS;
use engine_api::{Attr, Op};

/// The gradient of a slice, as a term of a sum.
struct Slice {
    axis: usize,
    start: usize,
    /// The node of the gradient, as small as the slice, and how much of the axis it takes.
    gradient: usize,
    size: usize,
}

impl Slice {
    fn end(&self) -> usize {
        self.start + self.size
    }

    /// What this node puts where, if it is the gradient of a slice without gaps.
    fn of(nodes: &[Node], term: usize) -> Option<Self> {
        let Node { op, inputs, shape, .. } = &nodes[term];
        let number = |name: &str| op.int(name).and_then(|number| usize::try_from(number).ok());
        if op.name != "place" || number("step").is_some_and(|step| step != 1) {
            return None;
        }
        let axis = number("axis").filter(|&axis| axis < shape.len())?;
        Some(Self { axis, start: number("start")?, gradient: inputs[0], size: nodes[inputs[0]].shape[axis] })
    }
}

/// The terms of a sum with the gradients of slices that lie side by side as one term.
pub fn join(nodes: &mut Vec<Node>, terms: Vec<usize>) -> Vec<usize> {
    let mut slices: Vec<(Slice, usize)> = Vec::new();
    let mut joined = Vec::new();
    for term in terms {
        match Slice::of(nodes, term) {
            Some(slice) => slices.push((slice, term)),
            None => joined.push(term),
        }
    }
    slices.sort_by_key(|(slice, _)| (slice.axis, slice.start));
    for run in slices.chunk_by(|(one, _), (next, _)| one.axis == next.axis && one.end() == next.start) {
        let [(first, term), .., (last, _)] = run else {
            joined.extend(run.iter().map(|(_, term)| *term));
            continue;
        };
        let (axis, shape) = (first.axis, nodes[*term].shape.clone());
        let gradients = run.iter().map(|(slice, _)| slice.gradient).collect();
        let side_by_side = concatenate(nodes, axis, gradients);
        joined.push(if last.end() - first.start == shape[axis] {
            side_by_side
        } else {
            let op = nodes[*term].op.clone();
            nodes.push(Node { op, inputs: vec![side_by_side], shape, label: LABEL.into() });
            nodes.len() - 1
        });
    }
    joined
}

/// Joins as many nodes as there are, a few at a time.
fn concatenate(nodes: &mut Vec<Node>, axis: usize, mut parts: Vec<usize>) -> usize {
    while parts.len() > 1 {
        let join = |few: &[usize]| {
            let [first, _, ..] = *few else { return few[0] };
            let mut shape = nodes[first].shape.clone();
            shape[axis] = few.iter().map(|&part| nodes[part].shape[axis]).sum();
            let op = Op::new("concatenate").with("axis", Attr::Int(axis as i64));
            nodes.push(Node { op, inputs: few.to_vec(), shape, label: LABEL.into() });
            nodes.len() - 1
        };
        parts = parts.chunks(MOST_INPUTS).map(join).collect();
    }
    parts[0]
}

#[cfg(test)]
mod tests {
    use super::join;
    use crate::lower::Node;
    use engine_api::{Attr, Op};

    fn node(op: Op, inputs: &[usize], shape: &[usize]) -> Node {
        Node { op, inputs: inputs.to_vec(), shape: shape.to_vec(), label: String::new() }
    }

    /// Nodes with a gradient of 2 x `size` for each slice of a 2 x 20 array, and the terms of its sum.
    fn terms(slices: &[(i64, usize)]) -> (Vec<Node>, Vec<usize>) {
        let mut nodes: Vec<Node> = slices.iter().map(|(_, size)| node(Op::new("input"), &[], &[2, *size])).collect();
        for (gradient, (start, _)) in slices.iter().enumerate() {
            let attributes = [("axis", 1), ("start", *start), ("step", 1), ("total", 20)];
            let op = attributes.into_iter().fold(Op::new("place"), |op, (name, value)| op.with(name, Attr::Int(value)));
            nodes.push(node(op, &[gradient], &[2, 20]));
        }
        (nodes, (slices.len()..2 * slices.len()).collect())
    }

    #[test]
    fn slices_that_cover_an_array_become_one_term_of_its_size() {
        // In another order than they lie in.
        let all: Vec<(i64, usize)> = (0..20).rev().map(|start| (start, 1)).collect();
        let (mut nodes, places) = terms(&all);
        let before = nodes.len();
        let joined = join(&mut nodes, places);
        assert_eq!(joined, [nodes.len() - 1]);
        // Twenty become three, and these become one.
        let sizes: Vec<usize> = nodes[before..].iter().map(|node| node.shape[1]).collect();
        assert_eq!(sizes, [8, 8, 4, 20]);
        assert_eq!(nodes[before].inputs, (12..20).rev().collect::<Vec<usize>>());
    }

    #[test]
    fn gaps_and_overlaps_stay_sums() {
        // 0..3 and 3..5 touch, 4..6 overlaps, 10..12 lies apart.
        let (mut nodes, places) = terms(&[(0, 3), (3, 2), (4, 2), (10, 2)]);
        nodes.push(node(Op::new("input"), &[], &[2, 20]));
        let joined = join(&mut nodes, [places.as_slice(), &[8]].concat());
        assert_eq!(joined, [8, 10, 6, 7]);
        assert_eq!((nodes[10].op.name.as_str(), nodes[10].op.int("start")), ("place", Some(0)));
        assert_eq!((nodes[9].op.name.as_str(), nodes[9].shape.as_slice()), ("concatenate", &[2, 5][..]));
    }
}
