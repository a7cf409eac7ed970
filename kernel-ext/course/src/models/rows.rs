//! The rows of a model's summary.

use super::model::{Kind, Model};
use super::network::{Network, Step};
use crate::Tensor;
use crate::layers::AnyLayer;
use crate::text::thousands;
use std::collections::HashMap;

/// A row for each layer: kind, shape of the output, parameters; and for a model whose layers do not stand in a row
/// also its inputs, and what each layer was called on.
pub(super) fn of(model: &Model) -> Vec<Vec<String>> {
    let layers = model.layers.iter().map(row);
    match &model.network {
        Some(network) if matches!(model.kind, Kind::Functional) => {
            with_connections(network, layers.collect(), &model.layers)
        }
        _ => layers.collect(),
    }
}

fn row(layer: &AnyLayer) -> Vec<String> {
    let kind = format!("{} ({})", layer.name(), layer.class_name());
    let shapes: Vec<String> = layer.base().output_shapes().iter().map(ToString::to_string).collect();
    match shapes.as_slice() {
        [] => vec![kind, "?".into(), "0 (unbuilt)".into()],
        [shape] => vec![kind, shape.clone(), thousands(layer.count_params())],
        _ => vec![kind, format!("[{}]", shapes.join(", ")), thousands(layer.count_params())],
    }
}

fn with_connections(network: &Network, mut rows: Vec<Vec<String>>, layers: &[AnyLayer]) -> Vec<Vec<String>> {
    let steps = network.steps().unwrap_or_default();
    let input =
        |tensor: &Tensor| vec![format!("{} (InputLayer)", tensor.label()), tensor.shape().to_string(), "0".into()];
    let inputs: Vec<Vec<String>> = network.inputs.iter().map(input).collect();
    if !is_row(network, &steps) {
        let calls = Calls::of(&steps);
        for (row, layer) in rows.iter_mut().zip(layers) {
            let of_layer = steps.iter().filter(|step| step.layer().is_some_and(|other| other.is(layer)));
            let from = of_layer.flat_map(Step::inputs).map(|tensor| calls.describe(tensor));
            row.push(from.collect::<Vec<_>>().join(", "));
        }
        return inputs.into_iter().map(|row| [row, vec!["-".into()]].concat()).chain(rows).collect();
    }
    [inputs, rows].concat()
}

/// Whether each layer takes what the one before returned.
fn is_row(network: &Network, steps: &[Step]) -> bool {
    let follows = |pair: &[Step]| match (&pair[0], pair[1].inputs()) {
        (Step::Layer(before), [input]) => {
            input.maker().is_some_and(|maker| std::sync::Arc::ptr_eq(&maker.call, before))
        }
        _ => false,
    };
    let first = steps.first().is_none_or(|step| step.inputs().len() == 1 && step.layer().is_some());
    network.inputs.len() == 1 && network.outputs.len() == 1 && first && steps.windows(2).all(follows)
}

/// Which call of its layer each call is.
struct Calls(HashMap<usize, usize>);

impl Calls {
    fn of(steps: &[Step]) -> Self {
        let mut numbers = HashMap::new();
        let mut counts: Vec<(&AnyLayer, usize)> = Vec::new();
        for step in steps {
            let Some(layer) = step.layer() else { continue };
            let number = match counts.iter_mut().find(|(known, _)| known.is(layer)) {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    counts.push((layer, 0));
                    0
                }
            };
            numbers.insert(step.key(), number);
        }
        Self(numbers)
    }

    /// A tensor as Keras names it: its layer, which call of it, which output of that.
    fn describe(&self, tensor: &Tensor) -> String {
        let Some(step) = Step::of(tensor) else { return format!("{}[0][0]", tensor.label()) };
        let call = self.0.get(&step.key()).copied().unwrap_or(0);
        format!("{}[{call}][{}]", tensor.maker_name(), tensor.maker().map_or(0, |maker| maker.output))
    }
}
