//! Whether arrays can be the samples and targets of a model; all checks before the first step.

use super::compile::Compiled;
use super::model::{Model, Network};
use crate::numbers::{Numbers, View, shape_text};
use crate::{Error, Loss, LossKind, Result, error::Report};
use engine_api::Shape;

/// Samples with their targets, fit for a model.
pub(super) struct Examples<'a> {
    pub x: View<'a>,
    pub y: View<'a>,
}

impl Examples<'_> {
    pub fn samples(&self) -> usize {
        self.x.samples()
    }

    /// The samples `from..to` in the form in which they cross the waist.
    pub fn data(&self, from: usize, to: usize) -> Vec<engine_api::Data> {
        vec![self.x.data(from, to), self.y.data(from, to)]
    }
}

/// What the arguments of a call are named in messages: `x` and `y`, or `x_val` and `y_val`.
pub(super) struct Names {
    pub method: &'static str,
    pub x: &'static str,
    pub y: &'static str,
}

impl Model {
    /// Looks at samples, and builds the model on the first ones when its input is not known yet.
    pub(super) fn samples<'a>(&mut self, names: &Names, x: &'a dyn Numbers) -> Result<View<'a>> {
        let view = x.numbers();
        let place = self.place(names.method);
        if view.samples() == 0 {
            let report = Report::new(place, format!("`{}` holds no samples", names.x));
            return Err(Error::data(report.expected("at least one sample", shape_text(view.shape()))));
        }
        self.build(&view.shape()[1..])?;
        check_sample_shape(&place, names.x, self.network()?, &self.layers, &view)?;
        view.check_finite(&place, names.x)?;
        Ok(view)
    }

    /// Looks at samples and their targets.
    pub(super) fn examples<'a>(
        &mut self,
        names: &Names,
        x: &'a dyn Numbers,
        y: &'a dyn Numbers,
    ) -> Result<Examples<'a>> {
        let loss = self.compiled(names.method)?.loss;
        let x = self.samples(names, x)?;
        let (y, place) = (y.numbers(), self.place(names.method));
        if x.samples() != y.samples() {
            let problem = format!("`{}` and `{}` hold different numbers of samples", names.x, names.y);
            let (x, y) = (format!("{} in `{}`", x.samples(), names.x), format!("{} in `{}`", y.samples(), names.y));
            let hint = "each sample needs its target: cut both arrays at the same place";
            return Err(Error::shape(
                Report::new(place, problem).expected(format!("as many targets as {x}"), y).hint(hint),
            ));
        }
        let output = self.network()?.output.shape().clone();
        check_target_shape(&place, names.y, loss, &output, &y)?;
        y.check_finite(&place, names.y)?;
        check_classes(&place, names.y, loss, &output, &y)?;
        Ok(Examples { x, y })
    }

    pub(super) fn place(&self, method: &str) -> String {
        format!("{method} of model `{}`", self.name)
    }

    /// Checks that loss and metrics go with the network, which `compile` could not do when the
    /// input was not known.
    pub(super) fn check_objective(&self) -> Result<()> {
        let compiled: &Compiled = self.compiled("fit")?;
        compiled.objective(self.network()?).map(drop)
    }
}

fn check_sample_shape(
    place: &str,
    name: &str,
    network: &Network,
    layers: &[crate::layers::AnyLayer],
    view: &View,
) -> Result<()> {
    let expected = network.input.shape();
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
    let first = layers.first().map_or(String::new(), |layer| format!(" (before {})", layer.base().place()));
    let report = Report::new(place, format!("{what} than the model's input{first}"))
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

fn check_target_shape(place: &str, name: &str, loss: Loss, output: &Shape, view: &View) -> Result<()> {
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
fn check_classes(place: &str, name: &str, loss: Loss, output: &Shape, view: &View) -> Result<()> {
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
