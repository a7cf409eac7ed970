//! Models and graphs of tensors as diagrams.

use super::Figure;
use super::diagram::{Diagram, Node, Outline};
use crate::error::{Result, expect_good};
use crate::graph::GraphDef;
use crate::models::{Step, steps_of};
use crate::{Model, Tensor};
use std::collections::HashMap;

/// Insides, light enough for dark text.
const INPUT: u32 = 0xd6_e9f5;
const LAYER: u32 = 0xff_ffff;
const WITH_WEIGHTS: u32 = 0xfd_ecd2;
const OP: u32 = 0xee_eeee;

/// What a diagram of a model shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlotModel {
    show_shapes: bool,
    show_layer_names: bool,
}

impl Default for PlotModel {
    fn default() -> Self {
        Self::new()
    }
}

impl PlotModel {
    /// Names and shapes.
    pub fn new() -> Self {
        Self { show_shapes: true, show_layer_names: true }
    }

    /// Whether shapes are shown.
    #[must_use]
    pub fn show_shapes(self, yes: bool) -> Self {
        Self { show_shapes: yes, ..self }
    }

    /// Whether names are shown beside the kinds of layers.
    #[must_use]
    pub fn show_layer_names(self, yes: bool) -> Self {
        Self { show_layer_names: yes, ..self }
    }
}

/// A model as a diagram: a box for each layer with name, kind and shapes, and an arrow for each tensor. Layers with
/// weights have a warm colour, inputs a cool one.
///
/// Source: `keras/src/utils/model_visualization.py` says what it shows; it is drawn without Graphviz.
///
/// # Panics
/// When the model does not know its input yet; [`try_plot_model`] returns the error instead.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([784]));
/// model.add(Dense::new(10).activation("softmax"));
/// let figure = plot_model(&model, PlotModel::new());
/// assert!(figure.svg()?.contains(">dense (Dense)</text>"));
/// # Ok::<(), course::Error>(())
/// ```
#[track_caller]
pub fn plot_model(model: &Model, options: PlotModel) -> Figure {
    expect_good(try_plot_model(model, options))
}

/// As [`plot_model`].
///
/// # Errors
/// [`crate::Error::Order`] when the model does not know its input yet.
pub fn try_plot_model(model: &Model, options: PlotModel) -> Result<Figure> {
    let (inputs, steps) = steps_of(model)?;
    let mut diagram = Diagram::default();
    // Which node made a tensor, by the tensor's or the step's key.
    let mut makers: HashMap<usize, usize> = HashMap::new();
    for input in &inputs {
        makers.insert(input.key(), diagram.nodes.len());
        let mut lines = vec![heading(&input.name(), "InputLayer", options)];
        if options.show_shapes {
            lines.push(input.shape().to_string());
        }
        diagram.nodes.push(Node { lines, outline: Outline::Box, color: INPUT });
    }
    for step in &steps {
        let index = diagram.nodes.len();
        let from = step.inputs().iter().filter_map(|tensor| {
            let key = Step::of(tensor)
                .filter(|_| !makers.contains_key(&tensor.key()))
                .map_or(tensor.key(), |step| step.key());
            makers.get(&key).copied()
        });
        let mut from: Vec<usize> = from.collect();
        from.dedup();
        diagram.edges.extend(from.into_iter().map(|from| (from, index)));
        makers.insert(step.key(), index);
        diagram.nodes.push(node(step, options));
    }
    Ok(diagram.figure())
}

fn heading(name: &str, kind: &str, options: PlotModel) -> String {
    if options.show_layer_names { format!("{name} ({kind})") } else { kind.to_owned() }
}

fn node(step: &Step, options: PlotModel) -> Node {
    let shapes = |tensors: &[Tensor]| -> String {
        tensors.iter().map(|tensor| tensor.shape().to_string()).collect::<Vec<_>>().join(", ")
    };
    let (title, output, has_weights) = match step {
        Step::Layer(call) => {
            let layer = &call.layer;
            let output = layer.output_shape().map(|shape| shape.to_string()).unwrap_or_default();
            (heading(&layer.name(), layer.class_name(), options), output, layer.count_params() > 0)
        }
        Step::Op(tensor) => (tensor.name(), tensor.shape().to_string(), false),
    };
    let mut lines = vec![title];
    if options.show_shapes {
        lines.push(format!("{} → {output}", shapes(step.inputs())));
    }
    Node { lines, outline: Outline::Box, color: if has_weights { WITH_WEIGHTS } else { LAYER } }
}

impl GraphDef {
    /// The graph as a diagram: boxes for what is fed, for variables and numbers, circles for ops.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = placeholder([2, 2]);
    /// let svg = (&x * 0.5 + &x).graph_def().plot().svg()?;
    /// assert!(svg.contains(">Add</text>") && svg.contains(">0.5</text>"));
    /// # Ok::<(), course::Error>(())
    /// ```
    pub fn plot(&self) -> Figure {
        let mut diagram = Diagram::default();
        let places: HashMap<&str, usize> =
            self.names().into_iter().enumerate().map(|(place, name)| (name, place)).collect();
        for (place, (name, op, inputs)) in self.nodes().enumerate() {
            let (outline, color) = match op {
                "Placeholder" => (Outline::Box, INPUT),
                "VariableV2" => (Outline::Box, WITH_WEIGHTS),
                "Const" => (Outline::Box, OP),
                _ => (Outline::Circle, LAYER),
            };
            // Ops are called by what they do, numbers by their values, the others by their names.
            let text = match (outline, self.number(place)) {
                (Outline::Circle, _) => op.to_owned(),
                (Outline::Box, Some(number)) => number.to_string(),
                (Outline::Box, None) => name.to_owned(),
            };
            diagram.nodes.push(Node { lines: vec![text], outline, color });
            let mut from: Vec<usize> = inputs.iter().filter_map(|input| places.get(base(input)).copied()).collect();
            from.dedup();
            diagram.edges.extend(from.into_iter().map(|from| (from, place)));
        }
        diagram.figure()
    }
}

/// The node's name in the name of its output, `add:0`.
fn base(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}
