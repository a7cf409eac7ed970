//! Models: layers put together, trained, asked.
//!
//! What may not be in this folder: what a particular layer computes, how pictures are drawn.

mod classic;
mod compile;
mod evaluate;
mod examples;
mod feed;
mod files;
mod fit;
mod fit_options;
mod function;
mod gradient_steps;
mod history;
mod logs;
mod lower;
mod model;
mod nested;
mod network;
mod on_batch;
mod plan;
mod program;
mod rows;
mod sample_weights;
mod sequential;
mod subclass;
mod summary;

pub use fit_options::Fit;
pub use function::{Function, gradients, try_gradients};
pub use gradient_steps::GradientSteps;
pub use history::History;
pub use logs::Logs;
pub use model::Model;
pub(crate) use network::{Network, Step, steps_of};
pub use plan::Plan;
pub use sequential::{Part, Sequential};
pub use subclass::Subclass;
pub use summary::Summary;
