//! The requests that cross the waist, and their answers.

use crate::files::{
    Column, Download, DownloadReport, LoadFile, NamedArray, Pixels, ReadArrays, ReadCsv, ReadImage, ResizeImage,
    StartDownload, WatchDownload, WriteArrays, WriteImage,
};
use crate::wire::{wire_enum, wire_struct};
use crate::{Error, Figure, Graph, Json, NodeId, Op, ParseJson, PlanTable, Reader, Schedule, Shape, Wire, Writer};

/// A request: its bytes, its number, and the type of its answer.
pub trait Call: Wire {
    /// The number that stands for this kind of request.
    const ID: u32;
    /// What comes back.
    type Answer: Wire;
}

/// Asks for the shape of an op's output; the answer to a wrong shape is [`Error::Shape`].
#[derive(Clone, Debug)]
pub struct InferShape {
    /// The op.
    pub op: Op,
    /// The shapes of its inputs.
    pub inputs: Vec<Shape>,
    /// Who asks, for the message.
    pub label: String,
}

/// Asks for the nodes that compute the gradients which a graph asks for, in the place of its `gradient` nodes. What the
/// last node does not depend on is left out; unknown batches have one sample.
#[derive(Clone, Debug)]
pub struct ExpandGradients {
    /// The graph.
    pub graph: Graph,
}

/// A store of variables behind the waist; free it with [`Drop`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store(pub u64);

/// A compiled computation behind the waist; free it with [`Drop`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program(pub u64);

/// One weight array of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name, such as `dense/kernel`.
    pub name: String,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<f32>,
    /// Whether optimizers change it.
    pub trainable: bool,
}

/// Makes variables that several programs can share.
#[derive(Clone, Debug)]
pub struct CreateStore {
    /// The variables; op `variable` refers to them by place.
    pub variables: Vec<Variable>,
}

/// Asks for the present values of a variable.
#[derive(Clone, Copy, Debug)]
pub struct ReadVariable {
    /// The store.
    pub store: Store,
    /// The place in the store.
    pub index: usize,
}

/// Replaces the values of a variable.
#[derive(Clone, Debug)]
pub struct WriteVariable {
    /// The store.
    pub store: Store,
    /// The place in the store.
    pub index: usize,
    /// As many values as the variable has.
    pub values: Vec<f32>,
}

/// An optimizer by its Keras name in lower case, with Keras's options.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerSpec {
    /// `sgd`, `adam`, ...
    pub name: String,
    /// `learning_rate`, `momentum`, ...; switches are 0 or 1.
    pub options: Vec<(String, f64)>,
}

/// A number that is followed during training.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name in the history.
    pub name: String,
    /// A node with one value a sample, shape `(batch,)`, or with several, `(batch, values)`.
    pub node: NodeId,
}

/// A variable that takes the value of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// The place of the variable in the store.
    pub variable: usize,
    /// A node of the variable's shape.
    pub node: NodeId,
}

/// A loss in which samples count differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightedLoss {
    /// The input node that is fed with one number a sample, behind the targets.
    pub weights: NodeId,
    /// The scalar node to minimise then.
    pub loss: NodeId,
}

/// What is made of weights after each step of the optimizer, such as weights that are not negative.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraints {
    /// A computation on variables alone.
    pub graph: Graph,
    /// The variables, which the optimizer changes, and what they become.
    pub updates: Vec<Update>,
}

/// What training adds to a computation.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingSpec {
    /// Input nodes that are fed with the targets.
    pub targets: Vec<NodeId>,
    /// The scalar node to minimise: a mean over the batch.
    pub loss: NodeId,
    /// What takes the place of the loss in runs that have an array of weights.
    pub weighted: Option<WeightedLoss>,
    /// The metrics.
    pub metrics: Vec<Metric>,
    /// The optimizer.
    pub optimizer: OptimizerSpec,
    /// How the learning rate changes from step to step; without this it stays as it is.
    pub schedule: Option<Schedule>,
    /// What keeps weights in bounds.
    pub constraints: Option<Constraints>,
}

/// Compiles a computation. Plans for the batch sizes that occur are made when they occur.
#[derive(Clone, Debug)]
pub struct CreateProgram {
    /// Where its variables live.
    pub store: Store,
    /// The computation, loss and metrics included.
    pub graph: Graph,
    /// The nodes that are fed, in the order in which data is given.
    pub inputs: Vec<NodeId>,
    /// The nodes that a prediction returns.
    pub outputs: Vec<NodeId>,
    /// What changes besides what the optimizer changes, whenever a batch is run as in training: moving means.
    pub updates: Vec<Update>,
    /// How to train; `None` for a program that only predicts.
    pub training: Option<TrainingSpec>,
}

/// The type of the numbers of an array that lives on the caller's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DType {
    /// Unsigned bytes, such as pixels.
    U8,
    /// 32-bit whole numbers.
    I32,
    /// 64-bit whole numbers.
    I64,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

/// A row-major array that the caller keeps alive and unchanged during the call.
#[derive(Clone, Copy, Debug)]
pub struct Data {
    /// The address of the first number.
    pub address: u64,
    /// The type of the numbers.
    pub dtype: DType,
    /// How many samples (the size of the first axis).
    pub samples: usize,
    /// How many numbers a sample has.
    pub sample_len: usize,
}

/// What to do with each batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Compute outputs.
    Predict,
    /// Compute loss and metrics.
    Evaluate,
    /// Compute loss and metrics, and let the optimizer make a step.
    Train,
    /// Compute outputs as in training: dropout drops, and what follows the batches is updated.
    Forward,
}

impl Mode {
    /// Whether ops that differ between training and use do what they do in training.
    pub fn is_training(self) -> bool {
        matches!(self, Self::Train | Self::Forward)
    }

    /// Whether the outputs are wanted, rather than loss and metrics.
    pub fn gives_outputs(self) -> bool {
        matches!(self, Self::Predict | Self::Forward)
    }
}

/// Runs a program over consecutive batches of a data set.
#[derive(Clone, Debug)]
pub struct RunBatches {
    /// The program.
    pub program: Program,
    /// What to do.
    pub mode: Mode,
    /// One array an input, then one a target where the loss is wanted, then the weights if samples have
    /// any.
    pub data: Vec<Data>,
    /// The address of the `u32` sample numbers in the order to take them in, or 0 for the natural
    /// order. The caller keeps them alive during the call.
    pub order: u64,
    /// How many samples the order has.
    pub samples: usize,
    /// How many samples make a batch; the last batch may be smaller.
    pub batch_size: usize,
    /// The place in the order to begin at: a multiple of the batch size.
    pub first: usize,
    /// Stop after the first batch that ends later than this many microseconds from now.
    pub budget_us: u64,
    /// Whether to look at all numbers after each op, and to stop at the first that is not finite.
    pub detect_anomaly: bool,
    /// When outputs are wanted: for each output the address of room for `samples` times its sample length
    /// of `f32`.
    pub outputs: Vec<u64>,
}

/// How far a run came and what it measured.
#[derive(Clone, Debug, PartialEq)]
pub struct RunReport {
    /// The place in the order to go on at; equal to the number of samples at the end.
    pub next: usize,
    /// Batches done in this call.
    pub batches: usize,
    /// The loss and each metric, summed over the samples of this call.
    pub sums: Vec<f64>,
}

/// Changes an option of a program's optimizer, such as `learning_rate`.
#[derive(Clone, Debug)]
pub struct WriteOptimizer {
    /// The program.
    pub program: Program,
    /// The option's name.
    pub option: String,
    /// Its new value.
    pub value: f64,
}

/// Asks for the plan for one batch size, with measured times. No weight changes.
#[derive(Clone, Copy, Debug)]
pub struct ReadPlan {
    /// The program.
    pub program: Program,
    /// What would be run.
    pub mode: Mode,
    /// The batch size.
    pub batch_size: usize,
}

/// Frees a store or a program.
#[derive(Clone, Copy, Debug)]
pub struct Drop {
    /// The number of a [`Store`] or [`Program`].
    pub handle: u64,
}

/// Draws a figure.
#[derive(Clone, Debug)]
pub struct Draw {
    /// What to draw.
    pub figure: Figure,
}

/// A drawn figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// A self-contained SVG document.
    pub svg: String,
}

/// Asks for the pixels (four bytes each: red, green, blue, opacity) of an SVG document.
#[derive(Clone, Debug)]
pub struct Rasterize {
    /// The document.
    pub svg: String,
    /// How many pixels stand for one of the document.
    pub scale: f64,
}

/// Asks for the eigenvalues and eigenvectors of a symmetric matrix.
#[derive(Clone, Debug)]
pub struct DecomposeSymmetric {
    /// How many rows and columns the matrix has.
    pub size: usize,
    /// Its values, row-major.
    pub values: Vec<f64>,
}

/// Eigenvalues with their eigenvectors, the largest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// The eigenvalues.
    pub values: Vec<f64>,
    /// The eigenvectors of length 1, one after the other.
    pub vectors: Vec<f64>,
}

macro_rules! calls {
    ($($id:literal: $request:ident { $($field:ident),* } -> $answer:ty;)*) => {$(
        wire_struct!($request { $($field),* });
        impl Call for $request {
            const ID: u32 = $id;
            type Answer = $answer;
        }
    )*};
}

calls! {
    1: InferShape { op, inputs, label } -> Shape;
    2: CreateStore { variables } -> Store;
    3: ReadVariable { store, index } -> Vec<f32>;
    4: WriteVariable { store, index, values } -> ();
    5: CreateProgram { store, graph, inputs, outputs, updates, training } -> Program;
    6: RunBatches { program, mode, data, order, samples, batch_size, first, budget_us, detect_anomaly, outputs } -> RunReport;
    7: WriteOptimizer { program, option, value } -> ();
    8: ReadPlan { program, mode, batch_size } -> PlanTable;
    9: Drop { handle } -> ();
    10: Draw { figure } -> Picture;
    11: LoadFile { path, gzip, sha256 } -> Bytes;
    12: DecomposeSymmetric { size, values } -> Eigen;
    13: WriteArrays { path, arrays } -> ();
    14: ReadArrays { path } -> Vec<NamedArray>;
    15: ReadCsv { file, separator, header } -> Vec<Column>;
    16: ReadImage { path, channels } -> Pixels;
    17: WriteImage { path, image } -> ();
    18: ResizeImage { image, height, width, nearest } -> Pixels;
    19: StartDownload { url, path, sha256 } -> Download;
    20: WatchDownload { download, wait_us, cancel } -> DownloadReport;
    21: ParseJson { text } -> Json;
    22: Rasterize { svg, scale } -> Pixels;
    23: ExpandGradients { graph } -> Graph;
}

/// Bytes that travel as one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Wire for Bytes {
    fn write(&self, to: &mut Writer) {
        self.0.len().write(to);
        to.0.extend_from_slice(&self.0);
    }
    fn read(from: &mut Reader) -> Result<Self, Error> {
        let len = usize::read(from)?;
        Ok(Self(from.take(len)?.to_vec()))
    }
}

macro_rules! wire_handle {
    ($($handle:ident),*) => {$(
        impl Wire for $handle {
            fn write(&self, to: &mut Writer) {
                self.0.write(to);
            }
            fn read(from: &mut Reader) -> Result<Self, Error> {
                Ok(Self(u64::read(from)?))
            }
        }
    )*};
}
wire_handle!(Store, Program, Download);
wire_struct!(Variable { name, shape, values, trainable });
wire_struct!(OptimizerSpec { name, options });
wire_struct!(Metric { name, node });
wire_struct!(Update { variable, node });
wire_struct!(WeightedLoss { weights, loss });
wire_struct!(Constraints { graph, updates });
wire_struct!(TrainingSpec { targets, loss, weighted, metrics, optimizer, schedule, constraints });
wire_enum!(DType { 0 => U8 {}, 1 => I32 {}, 2 => I64 {}, 3 => F32 {}, 4 => F64 {} });
wire_struct!(Data { address, dtype, samples, sample_len });
wire_enum!(Mode { 0 => Predict {}, 1 => Evaluate {}, 2 => Train {}, 3 => Forward {} });
wire_struct!(RunReport { next, batches, sums });
wire_struct!(Picture { svg });
wire_struct!(Eigen { values, vectors });
