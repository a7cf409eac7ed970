//! Models whose layers stand in a row.

use super::model::{Kind, Model};
use super::network::Network;
use crate::Result;
use crate::error::expect_good;
use crate::layers::{AnyLayer, Input, Layer};
use crate::names::next_name;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

/// A model whose layers stand in a row: each takes what the one before returned.
///
/// It begins with an [`Input`]; without one, the shape is taken from the first data. All that a
/// [`Model`] can do, it can do too.
///
/// Source: `keras/src/models/sequential.py`.
///
/// ```
/// use course::prelude::*;
/// let mut model = Sequential::new();
/// model.add(Input::new([28, 28, 1]));
/// model.add(Flatten::new());
/// model.add(Dense::new(256).activation("relu"));
/// model.add(Dense::new(10).activation("softmax"));
/// assert_eq!(model.count_params(), 203_530);
/// ```
#[derive(Debug)]
pub struct Sequential {
    model: Model,
}

impl Default for Sequential {
    fn default() -> Self {
        Self::new()
    }
}

impl Sequential {
    /// A model without layers.
    pub fn new() -> Self {
        Self { model: Model::empty(next_name("Sequential"), Kind::Sequential) }
    }

    /// A model without layers and with a name of the user's choice.
    pub fn named(name: &str) -> Self {
        Self { model: Model::empty(name.into(), Kind::Sequential) }
    }

    /// Adds the input or a layer.
    ///
    /// # Panics
    /// When the layer does not fit what stands before it; [`Sequential::try_add`] returns the error
    /// instead.
    #[track_caller]
    pub fn add(&mut self, part: impl Into<Part>) {
        expect_good(self.try_add_part(part.into()));
    }

    /// Adds the input or a layer. After an error the model is as it was.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when the layer does not fit what stands before it.
    pub fn try_add(&mut self, part: impl Into<Part>) -> Result<()> {
        self.try_add_part(part.into())
    }

    fn try_add_part(&mut self, part: Part) -> Result<()> {
        match part {
            Part::Input(input) => self.begin(&input),
            Part::Layer(layer) => self.append(layer),
        }
    }

    fn begin(&mut self, input: &Input) -> Result<()> {
        let model = &mut self.model;
        if model.network.is_some() || !model.layers.is_empty() {
            let report = crate::error::Report::new(format!("model `{}`", model.name), "the input must come first");
            return Err(crate::Error::order(report.hint("make a new model and add the input before the layers")));
        }
        model.network = Some(Network::new((&input.tensor()).into(), (&input.tensor()).into()));
        Ok(())
    }

    fn append(&mut self, layer: AnyLayer) -> Result<()> {
        let model = &mut self.model;
        layer.base().set_position(model.layers.len() + 1, &model.name);
        if let Some(network) = &mut model.network {
            network.outputs = vec![layer.try_call(&network.outputs)?];
        }
        model.layers.push(layer);
        (model.program, model.layer) = (None, OnceLock::new());
        Ok(())
    }
}

impl From<Sequential> for Model {
    fn from(model: Sequential) -> Self {
        model.model
    }
}

impl Deref for Sequential {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl DerefMut for Sequential {
    fn deref_mut(&mut self) -> &mut Model {
        &mut self.model
    }
}

/// What can be added to a [`Sequential`]: its input, or a layer.
#[derive(Clone, Debug)]
pub enum Part {
    /// Where the data enters.
    Input(Input),
    /// A layer.
    Layer(AnyLayer),
}

impl From<Input> for Part {
    fn from(input: Input) -> Self {
        Self::Input(input)
    }
}

impl From<AnyLayer> for Part {
    fn from(layer: AnyLayer) -> Self {
        Self::Layer(layer)
    }
}

impl<L: Layer + Clone> From<L> for Part {
    fn from(layer: L) -> Self {
        Self::Layer(layer.handle())
    }
}
