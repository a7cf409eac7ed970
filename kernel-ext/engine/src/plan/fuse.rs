//! What is simplified before memory is laid out.

use crate::cpu::{Moment, Pool, Work};
use crate::lower::Node;
use crate::ops::{self, ending::Ending};
use engine_api::{Attr, Op};

/// Lets all nodes that stand for the same variable be one node, so that its gradient is a single sum.
pub fn share_variables(nodes: &mut [Node]) {
    let mut first: Vec<(Option<i64>, usize)> = Vec::new();
    let mut same: Vec<usize> = (0..nodes.len()).collect();
    for (id, node) in nodes.iter().enumerate().filter(|(_, node)| node.op.name == "variable") {
        let index = node.op.int("index");
        match first.iter().find(|(other, _)| *other == index) {
            Some((_, earlier)) => same[id] = *earlier,
            None => first.push((index, id)),
        }
    }
    for node in nodes {
        node.inputs.iter_mut().for_each(|input| *input = same[*input]);
    }
}

/// Which nodes the needed ones depend on, themselves included.
pub fn reachable(nodes: &[Node], needed: &[usize]) -> Vec<bool> {
    let mut alive = vec![false; nodes.len()];
    needed.iter().for_each(|&id| alive[id] = true);
    for id in (0..nodes.len()).rev().filter(|&id| id < nodes.len()) {
        if alive[id] {
            nodes[id].inputs.iter().for_each(|&input| alive[input] = true);
        }
    }
    alive
}

/// For each node the one whose numbers it shows: itself, unless it is a view.
pub fn roots_of_views(nodes: &[Node]) -> Vec<usize> {
    let mut roots: Vec<usize> = Vec::with_capacity(nodes.len());
    for (id, node) in nodes.iter().enumerate() {
        let view = ops::find(&node.op.name).is_ok_and(|operation| operation.is_view());
        roots.push(if view { roots[node.inputs[0]] } else { id });
    }
    roots
}

/// Computes now what depends on constants only.
pub fn fold_constants(nodes: &mut [Node]) {
    /// Larger results stay steps: computing them is cheaper than keeping them.
    const MOST_NUMBERS: usize = 4096;
    for id in 0..nodes.len() {
        let node = &nodes[id];
        let len: usize = node.shape.iter().product();
        if node.inputs.is_empty() || len > MOST_NUMBERS {
            continue;
        }
        let values: Option<Vec<&[f32]>> = node.inputs.iter().map(|&input| constant(&nodes[input])).collect();
        let (Some(values), Ok(operation)) = (values, ops::find(&node.op.name)) else { continue };
        if operation.is_random() {
            continue;
        }
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&input| nodes[input].shape.as_slice()).collect();
        let mut output = vec![0.0; len];
        match operation.kernel(&node.op, &shapes, &node.shape) {
            Some(kernel) => {
                let mut scratch = vec![0.0; kernel.scratch];
                let (inputs, output, scratch) = (&values, &mut output, &mut scratch);
                kernel.run(&mut Work { inputs, output, scratch, moment: Moment::default(), pool: Pool::global() });
            }
            None if operation.is_view() => output.copy_from_slice(values[0]),
            None => continue,
        }
        let op = Op::constant(&node.shape, output);
        nodes[id].op = op;
        nodes[id].inputs.clear();
    }
}

fn constant(node: &Node) -> Option<&[f32]> {
    match node.op.attr("values") {
        Some(Attr::Floats(values)) if node.op.name == "constant" => Some(values),
        _ => None,
    }
}

/// Lets products end in what follows them, where nobody needs what lies between: in a relu, whose gradient
/// looks at its output only, or in the gradient of a relu. Where the product is seen through views, what follows it
/// becomes one more view.
pub fn endings(nodes: &mut [Node], needed: &[usize]) {
    let mut uses = vec![0; nodes.len()];
    let alive = reachable(nodes, needed);
    for (_, node) in nodes.iter().enumerate().filter(|(id, _)| alive[*id]) {
        node.inputs.iter().for_each(|&input| uses[input] += 1);
    }
    needed.iter().for_each(|&id| uses[id] += 1);
    let roots = roots_of_views(nodes);
    for id in 0..nodes.len() {
        let (ending, mask) = match nodes[id].op.name.as_str() {
            "relu" => (Ending::Relu, None),
            "relu_gradient" => (Ending::Mask, Some(nodes[id].inputs[1])),
            _ => continue,
        };
        let (seen, root) = (nodes[id].inputs[0], roots[nodes[id].inputs[0]]);
        let product = &nodes[root];
        let can = ops::find(&product.op.name).is_ok_and(|operation| operation.can_end_in(ending));
        let is_free = Ending::of(&product.op) == Ending::Plain && (mask.is_none() || product.inputs.len() == 2);
        // What masks the product must be there before it.
        let in_time = mask.is_none_or(|mask| mask < root);
        let only_here =
            (root..=seen).filter(|&other| alive[other] && roots[other] == root).all(|other| uses[other] == 1);
        if !(can && is_free && in_time && only_here) {
            continue;
        }
        let (op, inputs) = (ending.set(&product.op), product.inputs.iter().copied().chain(mask).collect());
        if root == seen {
            (nodes[id].op, nodes[id].inputs) = (op, inputs);
        } else {
            (nodes[root].op, nodes[root].inputs) = (op, inputs);
            let sizes = nodes[id].shape.iter().map(|&size| size as i64).collect();
            (nodes[id].op, nodes[id].inputs) = (Op::new("view").with("shape", Attr::Ints(sizes)), vec![seen]);
        }
    }
}

/// Finds gradients that can be added to their weights where they are computed, and marks their nodes:
/// for those no gradient is stored and no optimizer passes over them. That needs a kernel that can do
/// it, and a gradient that nothing else looks at.
pub fn updates(nodes: &mut [Node], needed: &[usize], gradients: &[usize]) -> Vec<usize> {
    let alive = reachable(nodes, needed);
    let used = |id: usize| {
        let by_nodes = nodes.iter().enumerate().any(|(user, node)| alive[user] && node.inputs.contains(&id));
        by_nodes || needed.iter().filter(|&&other| other == id).count() > 1
    };
    let updates: Vec<usize> =
        gradients.iter().copied().filter(|&id| nodes[id].op.name == "dense_kernel_gradient" && !used(id)).collect();
    for &id in &updates {
        nodes[id].op = nodes[id].op.clone().with("update", Attr::Bool(true));
    }
    updates
}
