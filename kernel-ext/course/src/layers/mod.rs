//! Layers: what a model is made of. One file a layer.
//!
//! What may not be in this folder: training, data, pictures.

mod activation;
mod base;
mod dense;
mod flatten;
mod input;
mod reshape;

pub use activation::ActivationLayer;
pub(crate) use base::set_all;
pub use base::{AnyLayer, Handle, Layer, LayerBase};
pub use dense::Dense;
pub use flatten::Flatten;
pub use input::Input;
pub use reshape::Reshape;
