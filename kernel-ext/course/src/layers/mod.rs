//! Layers: what a model is made of. One file a layer.
//!
//! What may not be in this folder: training, data, pictures.

mod activation;
mod advanced_activations;
mod any;
mod attention;
mod augmentation;
mod base;
mod batch_normalization;
mod convolution;
mod dense;
mod depthwise;
mod dot;
mod dropout;
mod embedding;
mod flatten;
mod gaussian_noise;
mod input;
mod kernel;
mod lambda;
mod layer_normalization;
mod merging;
mod normalization;
mod pooling;
mod recurrent;
mod reshape;
mod reshaping;
mod rms_normalization;
mod scale_and_shift;
mod stateless;
mod transposed;
mod up_sampling;
mod weight_options;
mod window;

pub use activation::ActivationLayer;
pub use advanced_activations::{ELU, LeakyReLU, PReLU, ReLU, Softmax};
pub use any::{AnyLayer, Handle};
pub use attention::MultiHeadAttention;
pub use augmentation::{FillMode, FlipMode, RandomFlip, RandomRotation, RandomTranslation};
pub use base::{Layer, LayerBase};
pub(crate) use base::{check_shapes, set_all};
pub use batch_normalization::BatchNormalization;
pub use convolution::{Conv1D, Conv2D, Convolution};
pub use dense::Dense;
pub use depthwise::{DepthwiseConv2D, SeparableConv2D};
pub use dot::Dot;
pub use dropout::{Dropout, Dropping, SpatialDropout1D, SpatialDropout2D};
pub use embedding::Embedding;
pub use flatten::Flatten;
pub use gaussian_noise::GaussianNoise;
pub use input::Input;
pub use lambda::Lambda;
pub use layer_normalization::LayerNormalization;
pub use merging::{Add, Average, Concatenate, Maximum, Merge, Merging, Minimum, Multiply, Subtract};
pub use normalization::Normalization;
pub use pooling::{
    AveragePooling1D, AveragePooling2D, GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D,
    GlobalMaxPooling2D, GlobalPooling, MaxPooling1D, MaxPooling2D, Maxima, Means, Pooling, Reduction,
};
pub use recurrent::{
    Bidirectional, Cell, CellLayer, GRU, GRUCell, Gru, LSTM, LSTMCell, Lstm, MergeMode, RNN, Recurrent, RnnCell,
    Simple, SimpleRNN, SimpleRNNCell, StackedRNNCells, TimeDistributed,
};
pub use reshape::Reshape;
pub use reshaping::{Cropping2D, Margins, Permute, RepeatVector, Rescaling, ZeroPadding2D};
pub use rms_normalization::RMSNormalization;
pub use transposed::Conv2DTranspose;
pub use up_sampling::{Interpolation, UpSampling2D};
pub use window::{Padding, Sizes};

use crate::error::{Error, Report, Result};
use engine_api::Shape;

/// The sizes of a sample, all of which must be known.
fn sample_shape(base: &LayerBase, input: &Shape) -> Result<Vec<usize>> {
    let sizes: Option<Vec<usize>> = input.0.iter().skip(1).copied().collect();
    sizes.ok_or_else(|| {
        let report = Report::new(base.place(), "all axes but the batch must be known before there can be weights");
        Error::shape(report.expected("(None, sizes...)", input))
    })
}
