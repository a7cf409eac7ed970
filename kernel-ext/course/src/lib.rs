//! What a cell imports: Keras-like models, data sets and displays.
//!
//! ```
//! use course::prelude::*;
//! let ((x_train, y_train), _) = mnist::load_data()?;
//! let (x, y) = (x_train.slice(s![..500, .., ..]), y_train.slice(s![..500]));
//!
//! let mut model = Sequential::new();
//! model.add(Input::new([28, 28]));
//! model.add(Flatten::new());
//! model.add(Dense::new(10).activation("softmax"));
//! model.compile(Sgd::new(1e-4), "categorical_crossentropy", ["accuracy"]);
//! let logs = model.fit(&x, &to_categorical(&y, 10), Fit::new().batch_size(16).epochs(3).verbose(0));
//! assert!(logs["accuracy"][2] > 0.5);
//! # Ok::<(), course::Error>(())
//! ```
//!
//! A name that a Keras user knows is here under the same name. Mistakes of use panic at the caller's
//! line with a message that says what to do, and leave everything usable; each such method has a
//! twin `try_...` that returns the [`Error`]. What depends on files returns a `Result`.
//!
//! What may not be in this crate: dependencies besides ndarray and the waist, computation on
//! tensors, drawing.

pub mod callbacks;
pub mod classification;
#[doc = include_str!("coming_from_keras.md")]
pub mod coming_from_keras {}
#[doc = include_str!("coming_from_rust.md")]
pub mod coming_from_rust {}
pub mod config;
pub mod datasets;
pub mod display;
pub mod graph;
pub mod images;
pub mod layers;
pub mod models;
pub mod optimizers;
pub mod plot;
pub mod prelude;
pub mod preprocessing;

mod activations;
mod constraints;
mod error;
mod initializers;
mod losses;
mod metrics;
mod named;
mod names;
mod numbers;
mod ops;
mod progress;
mod regularizers;
mod seed;
mod tensor;
mod text;
mod utils;
mod waist;
mod weight;

pub use activations::Activation;
pub use config::{Config, CustomObjects};
pub use constraints::Constraint;
pub use error::{Error, Report, Result};
pub use initializers::{Distribution, Fan, Initializer};
pub use losses::{Loss, LossKind, Losses};
pub use metrics::{Averaging, Curve, Metric, Metrics, Summation};
pub use models::{
    Fit, Function, GradientSteps, History, Logs, Model, Plan, Sequential, Subclass, Summary, gradients, try_gradients,
};
pub use ndarray;
pub use numbers::{Arrays, Number, Numbers, Values, View};
pub use optimizers::Optimizer;
pub use regularizers::Regularizer;
pub use tensor::{Tensor, Tensors};
pub use weight::Weight;
