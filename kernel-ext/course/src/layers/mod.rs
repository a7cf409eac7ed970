//! Layers: what a model is made of. One file a layer.
//!
//! What may not be in this folder: training, data, pictures.

mod activation;
mod base;
mod convolution;
mod dense;
mod dropout;
mod flatten;
mod gaussian_noise;
mod input;
mod kernel;
mod pooling;
mod reshape;
mod window;

pub use activation::ActivationLayer;
pub use base::{AnyLayer, Handle, Layer, LayerBase};
pub(crate) use base::{check_shapes, set_all};
pub use convolution::{Conv1D, Conv2D, Convolution};
pub use dense::Dense;
pub use dropout::{Dropout, Dropping, SpatialDropout1D, SpatialDropout2D};
pub use flatten::Flatten;
pub use gaussian_noise::GaussianNoise;
pub use input::Input;
pub use pooling::{
    Average, AveragePooling1D, AveragePooling2D, GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D,
    GlobalMaxPooling2D, GlobalPooling, Max, MaxPooling1D, MaxPooling2D, Pooling, Reduction,
};
pub use reshape::Reshape;
pub use window::{Padding, Sizes};
