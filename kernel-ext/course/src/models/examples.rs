//! Whether arrays can be the samples and targets of a model; all checks before the first step.

use super::compile::Measures;
use super::model::Model;
use crate::numbers::{Arrays, Numbers, View, shape_text};
use crate::{Error, Loss, LossKind, Result, error::Report};
use engine_api::Shape;
use std::ops::Range;

/// Samples with their targets, fit for a model: one array an input, and one an output.
pub(super) struct Examples<'a> {
    pub x: Vec<View<'a>>,
    pub y: Vec<View<'a>>,
    /// What samples count that nobody weighs, where a metric asks.
    ones: Option<Vec<f32>>,
}

impl Examples<'_> {
    pub fn samples(&self) -> usize {
        self.x[0].samples()
    }

    /// The samples of a range in the form in which they cross the waist, with how much each counts if they do not
    /// count alike.
    pub fn data(&self, range: Range<usize>, weights: Option<&Vec<f32>>) -> Vec<engine_api::Data> {
        let Range { start, end } = range;
        let weights = weights.or(self.ones.as_ref()).map(|weights| weights.numbers().data(start, end));
        self.x.iter().chain(&self.y).map(|view| view.data(start, end)).chain(weights).collect()
    }
}

/// What the arguments of a call are named in messages: `x` and `y`, or `x_val` and `y_val`.
pub(super) struct Names {
    pub method: &'static str,
    pub x: &'static str,
    pub y: &'static str,
}

/// The name of one of several arguments: `x`, or `x[1]`.
fn numbered(name: &str, place: usize, count: usize) -> String {
    if count == 1 { name.into() } else { format!("{name}[{place}]") }
}

impl Model {
    /// Looks at samples, and builds the model on the first ones when its input is not known yet.
    pub(super) fn samples<'a>(&mut self, names: &Names, x: &'a dyn Arrays) -> Result<Vec<View<'a>>> {
        let (views, place) = (x.arrays(), self.place(names.method));
        let first = views.first().map_or(&[][..], |view| view.shape());
        if first.first().is_none_or(|&samples| samples == 0) {
            let report = Report::new(place, format!("`{}` holds no samples", names.x));
            return Err(Error::data(report.expected("at least one sample", shape_text(first))));
        }
        if views.len() == 1 {
            self.build(&first[1..])?;
        }
        let network = self.network()?;
        check_count(&place, names.x, "input", network.inputs.len(), views.len())?;
        for (index, (view, input)) in views.iter().zip(&network.inputs).enumerate() {
            let name = numbered(names.x, index, views.len());
            let before = match (views.len(), self.layers.first()) {
                (1, Some(layer)) => format!(" (before {})", layer.base().place()),
                (1, None) => String::new(),
                _ => format!(" `{}`", input.label()),
            };
            check_sample_shape(&place, &name, input.shape(), &before, view)?;
            check_samples(&place, (names.x, views[0].samples()), (&name, view))?;
            view.check_finite(&place, &name)?;
        }
        Ok(views)
    }

    /// Looks at samples and their targets.
    pub(super) fn examples<'a>(&mut self, names: &Names, x: &'a dyn Arrays, y: &'a dyn Arrays) -> Result<Examples<'a>> {
        self.compiled(names.method)?;
        let x = self.samples(names, x)?;
        let (y, place) = (y.arrays(), self.place(names.method));
        let network = self.network()?;
        check_count(&place, names.y, "output", network.outputs.len(), y.len())?;
        let losses = self.compiled(names.method)?.losses(network)?;
        for (index, ((view, (loss, _)), output)) in y.iter().zip(losses).zip(&network.outputs).enumerate() {
            let name = numbered(names.y, index, y.len());
            check_samples(&place, (names.x, x[0].samples()), (&name, view))?;
            check_target_shape(&place, &name, &loss, output.shape(), view)?;
            view.check_finite(&place, &name)?;
            check_classes(&place, &name, &loss, output.shape(), view)?;
        }
        let ones = self.compiled(names.method)?.weighs().then(|| vec![1.0; x[0].samples()]);
        Ok(Examples { x, y, ones })
    }

    pub(super) fn place(&self, method: &str) -> String {
        format!("{method} of model `{}`", self.name)
    }

    /// How loss and metrics are made of sums; finds out whether they go with the network, which `compile` could not
    /// do when the input was not known.
    pub(super) fn measures(&self, method: &str) -> Result<Measures> {
        Ok(self.compiled(method)?.objective(self.network()?)?.measures())
    }
}

/// Checks that there is one array for each input or output.
fn check_count(place: &str, name: &str, what: &str, expected: usize, received: usize) -> Result<()> {
    if expected == received {
        return Ok(());
    }
    let report = Report::new(place, format!("`{name}` must be one array for each {what} of the model"));
    let hint = format!("put references to the arrays into a pair of brackets: `&(&{name}_1, &{name}_2)`");
    Err(Error::shape(report.expected(expected, received).hint(hint)))
}

/// Checks that two arrays hold as many samples.
fn check_samples(place: &str, (x, samples): (&str, usize), (name, view): (&str, &View)) -> Result<()> {
    if samples == view.samples() {
        return Ok(());
    }
    let report = Report::new(place, format!("`{x}` and `{name}` hold different numbers of samples"));
    let received = format!("{} in `{name}`", view.samples());
    let report = report.expected(format!("{samples} samples, as in `{x}`"), received);
    Err(Error::shape(report.hint("each sample needs its part in every array: cut all at the same place")))
}

fn check_sample_shape(place: &str, name: &str, expected: &Shape, before: &str, view: &View) -> Result<()> {
    let mut received = Shape::known(view.shape());
    if expected.0[1..] == received.0[1..] {
        return Ok(());
    }
    received.0[0] = None;
    let axis = expected.0.iter().zip(&received.0).position(|(a, b)| a != b);
    let what = match axis {
        Some(axis) if expected.rank() == received.rank() => format!("axis {axis} of `{name}` has another size"),
        _ => format!("`{name}` has another number of axes"),
    };
    let report = Report::new(place, format!("{what} than the model's input{before}"))
        .expected(expected, &received)
        .hint(sample_hint(name, expected, &received));
    Err(Error::shape(report))
}

fn sample_hint(name: &str, expected: &Shape, received: &Shape) -> String {
    if expected.rank() == received.rank() + 1 && expected.0.last() == Some(&Some(1)) {
        return format!("add the channel axis: `{name}.insert_axis(Axis({}))`", received.rank());
    }
    if expected.rank() == received.rank() + 1 && expected.0[1..] == received.0[..] {
        return format!("`{name}` is one sample; make a batch of it: `{name}.insert_axis(Axis(0))`");
    }
    if expected.sample_len() == received.sample_len() {
        return "the number of values is right: add `Flatten::new()` to the model, or reshape the array".into();
    }
    format!("give `Input::new` the shape of one sample of `{name}`, or reshape the array")
}

fn check_target_shape(place: &str, name: &str, loss: &Loss, output: &Shape, view: &View) -> Result<()> {
    let expected = loss.target_shape(output);
    let mut received = Shape::known(view.shape());
    received.0[0] = None;
    if without_ones(&expected) == without_ones(&received) {
        return Ok(());
    }
    let problem = format!("`{name}` does not have the shape of the targets for loss `{}`", loss.name());
    let classes = output.0.last().copied().flatten().unwrap_or(0);
    let hint = match loss.kind() {
        LossKind::CategoricalCrossentropy if received.rank() == 1 => {
            format!("use `to_categorical(&{name}, {classes})`, or the loss `sparse_categorical_crossentropy`")
        }
        LossKind::SparseCategoricalCrossentropy if received.rank() == output.rank() => {
            "one-hot targets go with the loss `categorical_crossentropy`".into()
        }
        _ => match (expected.0.last(), received.0.last()) {
            (Some(Some(units)), Some(Some(labels))) => {
                format!("axis -1: the last layer has {units} outputs and each target {labels} numbers")
            }
            _ => "the last layer's units and the targets must match".into(),
        },
    };
    Err(Error::shape(Report::new(place, problem).expected(expected, received).hint(hint)))
}

/// The sizes after the batch axis without trailing ones: (None, 1) and (None,) hold the same.
fn without_ones(shape: &Shape) -> &[Option<usize>] {
    let mut sizes = &shape.0[1..];
    while let [rest @ .., Some(1)] = sizes {
        sizes = rest;
    }
    sizes
}

/// Class numbers must be places of the output.
fn check_classes(place: &str, name: &str, loss: &Loss, output: &Shape, view: &View) -> Result<()> {
    let (LossKind::SparseCategoricalCrossentropy, Some(Some(classes))) = (loss.kind(), output.0.last()) else {
        return Ok(());
    };
    let labels = view.to_f64();
    let bad = labels.iter().position(|&label| label < 0.0 || label >= *classes as f64 || label.fract() != 0.0);
    let Some(sample) = bad else { return Ok(()) };
    let report = Report::new(place, format!("`{name}` holds a label that is no class (sample {sample})"))
        .expected(format!("whole numbers from 0 to {}", classes - 1), labels[sample])
        .hint("the last layer needs as many units as there are classes");
    Err(Error::data(report))
}
