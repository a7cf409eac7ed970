//! Models: layers put together, trained, asked.
//!
//! What may not be in this folder: what a particular layer computes, how pictures are drawn.

mod compile;
mod evaluate;
mod examples;
mod fit;
mod function;
mod gradient_steps;
mod history;
mod lower;
mod model;
mod nested;
mod network;
mod plan;
mod program;
mod rows;
mod sample_weights;
mod sequential;
mod summary;

pub use evaluate::Evaluation;
pub use fit::Fit;
pub use function::{Function, gradients, try_gradients};
pub use gradient_steps::GradientSteps;
pub use history::History;
pub use model::Model;
pub use plan::Plan;
pub use sequential::{Part, Sequential};
pub use summary::Summary;
