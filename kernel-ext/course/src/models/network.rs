//! What lies between the two ends of a model: the calls of layers, in an order in which each can be computed.

use super::Model;
use crate::Tensor;
use crate::error::{Error, Report, Result};
use crate::layers::AnyLayer;
use crate::tensor::{Call, Source, Tensors};
use std::collections::HashMap;
use std::sync::Arc;

/// The two ends of a model's computation.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub inputs: Vec<Tensor>,
    pub outputs: Vec<Tensor>,
}

/// One stop on the way from the inputs to the outputs.
#[derive(Clone)]
pub(crate) enum Step {
    /// A layer was called.
    Layer(Arc<Call>),
    /// An op was applied, by an operator for example.
    Op(Tensor),
}

impl Step {
    /// The step that made a tensor; data and weights are made by none.
    pub fn of(tensor: &Tensor) -> Option<Self> {
        match (tensor.maker(), tensor.source()) {
            (Some(maker), _) => Some(Self::Layer(maker.call.clone())),
            (None, Source::Op(..)) => Some(Self::Op(tensor.clone())),
            (None, Source::Input | Source::Weight(_)) => None,
        }
    }

    /// A number that tells this step from every other one.
    pub fn key(&self) -> usize {
        match self {
            Self::Layer(call) => Arc::as_ptr(call) as usize,
            Self::Op(tensor) => tensor.key(),
        }
    }

    /// What the step is computed from.
    pub fn inputs(&self) -> &[Tensor] {
        match self {
            Self::Layer(call) => &call.inputs,
            Self::Op(tensor) => match tensor.source() {
                Source::Op(_, inputs) => inputs,
                Source::Input | Source::Weight(_) => &[],
            },
        }
    }

    /// The layer that was called.
    pub fn layer(&self) -> Option<&AnyLayer> {
        match self {
            Self::Layer(call) => Some(&call.layer),
            Self::Op(_) => None,
        }
    }
}

/// The inputs of a model, and the steps from them to the outputs, each after what it needs.
///
/// # Errors
/// [`Error::Order`] when the model does not know its input yet.
pub(crate) fn steps_of(model: &Model) -> Result<(Vec<Tensor>, Vec<Step>)> {
    let network = model.network()?;
    Ok((network.inputs.clone(), network.steps()?))
}

/// A walk from the outputs back to the inputs.
struct Walk<'a> {
    inputs: &'a [Tensor],
    /// In which order steps were met.
    met: HashMap<usize, usize>,
    /// Steps in an order in which each comes after what it needs.
    done: Vec<Step>,
    finished: HashMap<usize, usize>,
}

impl Walk<'_> {
    fn is_input(&self, tensor: &Tensor) -> bool {
        self.inputs.iter().any(|input| input.is(tensor))
    }

    /// Visits what a tensor is made from. An explicit stack takes the place of recursion.
    fn visit(&mut self, output: &Tensor) -> Result<()> {
        let mut waiting = vec![output.clone()];
        while let Some(tensor) = waiting.last().cloned() {
            let step = if self.is_input(&tensor) { None } else { Step::of(&tensor) };
            let Some(step) = step.filter(|step| !self.finished.contains_key(&step.key())) else {
                waiting.pop();
                self.expect_known(&tensor, output)?;
                continue;
            };
            if self.met.contains_key(&step.key()) {
                self.finished.insert(step.key(), self.done.len());
                self.done.push(step);
                waiting.pop();
            } else {
                self.met.insert(step.key(), self.met.len());
                waiting.extend(step.inputs().iter().rev().cloned());
            }
        }
        Ok(())
    }

    /// What is fed must be among the inputs.
    fn expect_known(&self, tensor: &Tensor, output: &Tensor) -> Result<()> {
        let is_data = tensor.maker().is_none() && matches!(tensor.source(), Source::Input);
        if !is_data || self.is_input(tensor) {
            return Ok(());
        }
        let inputs: Vec<String> = self.inputs.iter().map(Tensor::to_string).collect();
        let problem = format!("the output {output} depends on {tensor}, which is not among the inputs");
        let report = Report::new("Model::new", problem).expected(format!("one of {}", inputs.join(", ")), tensor);
        Err(Error::order(
            report.hint("give all tensors that `Input::new(...).tensor()` returned, as the first argument"),
        ))
    }
}

impl Network {
    pub fn new(inputs: Tensors, outputs: Tensors) -> Self {
        Self { inputs: inputs.0, outputs: outputs.0 }
    }

    /// All steps, each after what it needs.
    ///
    /// # Errors
    /// [`Error::Order`] when an output depends on data that is no input.
    pub fn steps(&self) -> Result<Vec<Step>> {
        self.walk().map(|walk| walk.done)
    }

    fn walk(&self) -> Result<Walk<'_>> {
        let (met, done, finished) = (HashMap::new(), Vec::new(), HashMap::new());
        let mut walk = Walk { inputs: &self.inputs, met, done, finished };
        self.outputs.iter().try_for_each(|output| walk.visit(output))?;
        Ok(walk)
    }

    /// The layers, each once, in Keras's order: those that are farthest from the outputs first; among equals those
    /// that are met first on the way back.
    ///
    /// Source: `keras/src/ops/function.py` (`map_graph`).
    pub fn layers(&self) -> Result<Vec<AnyLayer>> {
        let walk = self.walk()?;
        let mut depths = vec![0; walk.done.len()];
        let mut layers: Vec<(usize, usize, AnyLayer)> = Vec::new();
        for (place, step) in walk.done.iter().enumerate().rev() {
            if let Some(layer) = step.layer() {
                let met = walk.met[&step.key()];
                match layers.iter_mut().find(|(.., known)| known.is(layer)) {
                    Some((depth, first, _)) => {
                        (*depth, *first) = (depths[place].max(*depth), met.min(*first));
                        depths[place] = *depth;
                    }
                    None => layers.push((depths[place], met, layer.clone())),
                }
            }
            let needed = step.inputs().iter().filter(|input| !walk.is_input(input)).filter_map(Step::of);
            for parent in needed.map(|parent| walk.finished[&parent.key()]) {
                depths[parent] = depths[parent].max(depths[place] + 1);
            }
        }
        layers.sort_by_key(|&(depth, met, _)| (std::cmp::Reverse(depth), met));
        Ok(layers.into_iter().map(|(.., layer)| layer).collect())
    }

    /// The outputs for other inputs, from the same layers with the same weights.
    ///
    /// # Errors
    /// When the inputs do not fit.
    pub fn replay(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let mut made: HashMap<usize, Vec<Tensor>> = HashMap::new();
        for step in self.steps()? {
            let from = step.inputs().iter().map(|tensor| self.replayed(tensor, inputs, &made));
            let from = from.collect::<Result<Vec<Tensor>>>()?;
            let outputs = match &step {
                Step::Layer(call) => call.layer.try_call_all(&from)?,
                Step::Op(tensor) => match tensor.source() {
                    Source::Op(op, _) => {
                        vec![Tensor::apply(op.clone(), &from.iter().collect::<Vec<_>>(), tensor.label())?]
                    }
                    Source::Input | Source::Weight(_) => vec![tensor.clone()],
                },
            };
            made.insert(step.key(), outputs);
        }
        self.outputs.iter().map(|output| self.replayed(output, inputs, &made)).collect()
    }

    fn replayed(&self, tensor: &Tensor, inputs: &[Tensor], made: &HashMap<usize, Vec<Tensor>>) -> Result<Tensor> {
        if let Some(place) = self.inputs.iter().position(|input| input.is(tensor)) {
            return inputs.get(place).cloned().ok_or_else(|| {
                let report = Report::new("Model::call", "there is not one tensor for each input of the model");
                Error::shape(report.expected(self.inputs.len(), inputs.len()))
            });
        }
        let outputs = Step::of(tensor).and_then(|step| made.get(&step.key()));
        let place = tensor.maker().map_or(0, |maker| maker.output);
        Ok(outputs.and_then(|outputs| outputs.get(place)).unwrap_or(tensor).clone())
    }
}
