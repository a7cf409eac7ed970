//! The engine: a graph of open data goes in, is checked, differentiated, laid out as a static plan
//! and run on the processor.
//!
//! The way of a computation: [`Program::new`] checks shapes with the rules in `ops`; for each batch
//! size that occurs, `lower` makes every shape concrete and lets `autodiff` append the gradients,
//! `plan` fuses, orders and lays out memory once, and `cpu` runs the steps.
//!
//! What may not be in this crate: files, pictures, anything of Jupyter.

mod autodiff;
mod cpu;
mod explain;
mod fault;
mod gradients;
mod lower;
mod ops;
mod optimizers;
mod plan;
mod program;
mod store;

pub use gradients::expand_gradients;
pub use ops::infer_shape;
pub use program::Program;
pub use store::Store;
