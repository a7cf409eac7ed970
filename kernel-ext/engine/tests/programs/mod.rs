//! Small programs, and the ways to run them.

use engine::{Program, Store};
use engine_api::{
    Constraints, CreateProgram, DType, Data, Error, Graph, Mode, NodeId, Op, OptimizerSpec, RunBatches, RunReport,
    Schedule, Shape, TrainingSpec, Update, Variable,
};

pub fn variable(name: &str, shape: &[usize], values: &[f32]) -> Variable {
    Variable { name: name.into(), shape: shape.to_vec(), values: values.to_vec(), trainable: true }
}

pub fn sgd(options: &[(&str, f64)]) -> OptimizerSpec {
    let options = options.iter().map(|(name, value)| ((*name).into(), *value)).collect();
    OptimizerSpec { name: "sgd".into(), options }
}

/// A graph with its inputs, output, target and loss.
pub struct Model {
    pub graph: Graph,
    pub input: NodeId,
    pub output: NodeId,
    pub target: NodeId,
    pub loss: NodeId,
    pub updates: Vec<Update>,
    pub schedule: Option<Schedule>,
    pub constraints: Option<Constraints>,
}

/// Mean squared error behind whatever `network` builds on an input of `features`.
pub fn regression(features: usize, units: usize, network: impl FnOnce(&mut Graph, NodeId) -> NodeId) -> Model {
    let mut graph = Graph::default();
    let input = graph.add(Op::input(&Shape::batch_of(&[features])), &[], "x");
    let output = network(&mut graph, input);
    let target = graph.add(Op::input(&Shape::batch_of(&[units])), &[], "target");
    let each = graph.add(Op::new("mean_squared_error"), &[target, output], "loss");
    let loss = graph.add(Op::new("batch_mean"), &[each], "loss");
    Model { graph, input, output, target, loss, updates: Vec::new(), schedule: None, constraints: None }
}

impl Model {
    pub fn compile(self, variables: &[Variable], optimizer: OptimizerSpec) -> Result<(Store, Program), Error> {
        let store = Store::new(variables)?;
        let training = Some(TrainingSpec {
            targets: vec![self.target],
            loss: self.loss,
            weighted: None,
            metrics: Vec::new(),
            optimizer,
            schedule: self.schedule,
            constraints: self.constraints,
        });
        let (inputs, outputs) = (vec![self.input], vec![self.output]);
        let request = CreateProgram {
            store: engine_api::Store(0),
            graph: self.graph,
            inputs,
            outputs,
            updates: self.updates,
            training,
        };
        let program = Program::new(request, &store)?;
        Ok((store, program))
    }
}

pub fn data(values: &[f32], sample_len: usize) -> Data {
    let samples = values.len() / sample_len;
    Data { address: values.as_ptr() as u64, dtype: DType::F32, samples, sample_len }
}

pub fn request(mode: Mode, data: Vec<Data>, batch_size: usize) -> RunBatches {
    let samples = data[0].samples;
    let program = engine_api::Program(0);
    let (order, first, outputs) = (0, 0, Vec::new());
    let (budget_us, detect_anomaly) = (u64::MAX / 4, false);
    RunBatches { program, mode, data, order, samples, batch_size, first, budget_us, detect_anomaly, outputs }
}

pub fn train(program: &mut Program, store: &mut Store, x: &[f32], y: &[f32], batch: usize) -> Result<RunReport, Error> {
    let features = x.len() / y.len();
    // SAFETY: the slices outlive the call.
    unsafe { program.run(store, &request(Mode::Train, vec![data(x, features), data(y, 1)], batch)) }
}

/// One linear unit: y = w x + b.
pub fn linear_unit(graph: &mut Graph, x: NodeId) -> NodeId {
    let kernel = graph.add(Op::variable(0, &[1, 1]), &[], "kernel");
    let bias = graph.add(Op::variable(1, &[1]), &[], "bias");
    graph.add(Op::new("dense"), &[x, kernel, bias], "dense")
}
