//! The waist between cells and everything heavy.
//!
//! A cell links the slim crate `course`, and `course` links only this crate. What needs large
//! dependencies (automatic differentiation, plotting, decompression) stands on the other side and
//! is reached by [`Backend::call`]: a request is plain data, travels as bytes through one C
//! function, and comes back as plain data or as an [`Error`].
//!
//! An op is open data (a name, attributes, inputs), so that a new op changes nothing here.
//!
//! What may not be in this crate: dependencies, computation on tensors, anything global except the
//! connection to the backend.

mod base64;
mod calls;
mod error;
mod figure;
mod files;
mod graph;
mod json;
mod plan;
mod random;
mod schedule;
mod shape;
mod table;
mod wire;

pub use base64::base64;
pub use calls::{
    Bytes, Call, Constraints, CreateProgram, CreateStore, DType, Data, DecomposeSymmetric, Draw, Drop, Eigen,
    ExpandGradients, InferShape, Metric, Mode, OptimizerSpec, Picture, Program, Rasterize, ReadPlan, ReadVariable,
    RunBatches, RunReport, Store, TrainingSpec, Update, Variable, WeightedLoss, WriteOptimizer, WriteVariable,
};
pub use error::Error;
pub use figure::{Colormap, Figure, Mark, Panel, Shape2D};
pub use files::{
    Column, ColumnValues, Download, DownloadReport, LoadFile, NamedArray, Pixels, ReadArrays, ReadCsv, ReadImage,
    ResizeImage, StartDownload, WatchDownload, WriteArrays, WriteImage,
};
pub use graph::{Attr, Graph, Node, NodeId, Op};
pub use json::{Json, ParseJson};
pub use plan::{PLAN_COLUMNS, PlanStep, PlanTable};
pub use random::Philox;
pub use schedule::Schedule;
pub use shape::Shape;
pub use table::{BUILD, Backend, Reply, Table, answer, free_reply};
pub use wire::{Reader, Wire, Writer};
