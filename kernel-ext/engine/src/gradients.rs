//! Gradients that a graph asks for: nodes of the op `gradient` give way to the nodes that compute
//! them. What follows may ask for the gradient of such a gradient.

use crate::autodiff::differentiate;
use crate::lower::Node;
use engine_api::{Error, Op};
use std::collections::BTreeMap;

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
