//! Gradients that a graph asks for: nodes of the op `gradient` give way to the nodes that compute
//! them. What follows may ask for the gradient of such a gradient.

use crate::autodiff::differentiate;
use crate::lower::{Node, lower};
use engine_api::{Error, Graph, Mode, Op};
use std::collections::BTreeMap;

/// The graph with the nodes that compute its gradients in the place of those that ask for them, as far as the last node
/// depends on them; for one sample.
///
/// # Errors
/// What the shape rules find wrong, or an op on the way that cannot be differentiated.
pub fn expand_gradients(graph: &Graph) -> Result<Graph, Error> {
    let (nodes, places) = expand(lower(graph, 1, Mode::Predict)?)?;
    let mut wanted = vec![false; nodes.len()];
    let mut waiting: Vec<usize> = places.last().copied().into_iter().collect();
    while let Some(node) = waiting.pop() {
        if !std::mem::replace(&mut wanted[node], true) {
            waiting.extend(&nodes[node].inputs);
        }
    }
    let mut expanded = Graph::default();
    let mut ids = vec![0; nodes.len()];
    for (place, node) in nodes.iter().enumerate().filter(|(place, _)| wanted[*place]) {
        let inputs: Vec<usize> = node.inputs.iter().map(|&input| ids[input]).collect();
        ids[place] = expanded.add(node.op.clone(), &inputs, &node.label);
    }
    Ok(expanded)
}

/// The nodes without any `gradient`, and where each of the old ones is among them.
///
/// # Errors
/// When an op on the way cannot be differentiated.
pub fn expand(nodes: Vec<Node>) -> Result<(Vec<Node>, Vec<usize>), Error> {
    if nodes.iter().all(|node| node.op.name != "gradient") {
        let places = (0..nodes.len()).collect();
        return Ok((nodes, places));
    }
    let mut expansion = Expansion::default();
    for (id, node) in nodes.iter().enumerate() {
        let place = match (node.op.name.as_str(), node.inputs.as_slice()) {
            ("gradient", &[loss, with_respect_to]) => {
                if !expansion.gradients.contains_key(&(loss, with_respect_to)) {
                    expansion.differentiate(loss, &asked_of(&nodes, loss, id))?;
                }
                expansion.gradients[&(loss, with_respect_to)]
            }
            _ => expansion.copy(node),
        };
        expansion.places.push(place);
    }
    Ok((expansion.nodes, expansion.places))
}

/// With respect to which earlier nodes the gradient of this loss is asked for anywhere.
fn asked_of(nodes: &[Node], loss: usize, before: usize) -> Vec<usize> {
    let asks = |node: &&Node| node.op.name == "gradient" && node.inputs.first() == Some(&loss);
    let mut asked: Vec<usize> = nodes.iter().filter(asks).map(|node| node.inputs[1]).collect();
    asked.retain(|&node| node < before);
    asked.sort_unstable();
    asked.dedup();
    asked
}

#[derive(Default)]
struct Expansion {
    nodes: Vec<Node>,
    /// Where each of the old nodes is.
    places: Vec<usize>,
    /// Where the gradient is, by the old numbers of the loss and of what it is taken with respect to.
    gradients: BTreeMap<(usize, usize), usize>,
}

impl Expansion {
    fn copy(&mut self, node: &Node) -> usize {
        let inputs = node.inputs.iter().map(|&input| self.places[input]).collect();
        self.nodes.push(Node { inputs, ..node.clone() });
        self.nodes.len() - 1
    }

    /// One walk backwards serves all gradients of a loss.
    fn differentiate(&mut self, loss: usize, with_respect_to: &[usize]) -> Result<(), Error> {
        let wanted: Vec<usize> = with_respect_to.iter().map(|&node| self.places[node]).collect();
        let differentiated = differentiate(&self.nodes, self.places[loss], &wanted)?;
        self.nodes = differentiated.nodes;
        for ((&node, &place), gradient) in with_respect_to.iter().zip(&wanted).zip(differentiated.gradients) {
            let gradient = match gradient {
                Some(gradient) => gradient,
                None => self.filled(place, if node == loss { 1.0 } else { 0.0 }),
            };
            self.gradients.insert((loss, node), gradient);
        }
        Ok(())
    }

    /// A constant in the shape of a node: the gradient of what the loss is, or does not depend on.
    fn filled(&mut self, like: usize, value: f32) -> usize {
        let shape = self.nodes[like].shape.clone();
        let op = Op::constant(&shape, vec![value; shape.iter().product()]);
        self.nodes.push(Node { op, inputs: Vec::new(), shape, label: String::from("gradient") });
        self.nodes.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::expand_gradients;
    use engine_api::{Graph, Op, Shape};

    #[test]
    fn gradients_become_what_they_are_computed_from() {
        // The gradient of sum(sin x) is cos x; the sum and the sine are of no use for it.
        let mut graph = Graph::default();
        let x = graph.add(Op::input(&Shape::known(&[2, 2])), &[], "x");
        let sine = graph.add(Op::new("sin"), &[x], "sine");
        let axes = engine_api::Attr::Ints(vec![0, 1]);
        let loss = graph.add(Op::new("sum").with("axes", axes), &[sine], "loss");
        graph.add(Op::new("gradient"), &[loss, x], "slope");
        let expanded = expand_gradients(&graph).unwrap();
        let kinds: Vec<&str> = expanded.nodes.iter().map(|node| node.op.name.as_str()).collect();
        assert!(kinds.contains(&"cos") && !kinds.contains(&"sin") && !kinds.contains(&"gradient"), "{kinds:?}");
        assert_eq!((kinds[0], expanded.nodes[0].label.as_str()), ("input", "x"));
        // Every node stands after what it needs.
        let is_ordered = |(place, node): (usize, &engine_api::Node)| node.inputs.iter().all(|&input| input < place);
        assert!(expanded.nodes.iter().enumerate().all(is_ordered));
        let plain = Graph { nodes: graph.nodes[..3].to_vec() };
        assert_eq!(expand_gradients(&plain), Ok(plain));
    }
}
