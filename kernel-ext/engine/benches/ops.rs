//! Times every family of ops, to see regressions: `cargo bench -p engine`, and for a comparison
//! `cargo bench -p engine -- --save-baseline before`, then `-- --baseline before`.
//!
//! `forward/NAME` computes the op for one batch of 32 samples. `step/NAME` multiplies the samples by a weight,
//! computes the op, the mean of its squares, all gradients, and updates the weights.

use criterion::{Criterion, Throughput};
use engine::{Program, Store};
use engine_api::{
    Attr, CreateProgram, DType, Data, Graph, Mode, Op, OptimizerSpec, Philox, RunBatches, Shape, TrainingSpec, Variable,
};
use std::time::Duration;

const BATCH: usize = 32;

/// An op of samples and weights: the shapes of a sample and of each weight.
struct Case {
    name: &'static str,
    op: Op,
    sample: Vec<usize>,
    weights: Vec<Vec<usize>>,
    trains: bool,
}

impl Case {
    fn new(name: &'static str, op: Op, sample: &[usize], weights: &[&[usize]]) -> Self {
        let weights = weights.iter().map(|shape| shape.to_vec()).collect();
        Self { name, op, sample: sample.to_vec(), weights, trains: true }
    }

    fn without_gradient(self) -> Self {
        Self { trains: false, ..self }
    }

    fn program(&self, mode: Mode) -> (Store, Program) {
        let mut random = Philox::new(7, 0);
        let mut graph = Graph::default();
        let mut variables = Vec::new();
        for shape in std::iter::once(&self.sample).chain(&self.weights) {
            // Positive numbers, so that logarithms and roots are usual ones.
            let values = (0..shape.iter().product()).map(|_| 0.1 + 0.8 * random.uniform()).collect();
            variables.push(Variable { name: "weight".into(), shape: shape.clone(), values, trainable: true });
        }
        let input = graph.add(Op::input(&Shape::batch_of(&self.sample)), &[], "x");
        let mut x = input;
        if mode == Mode::Train {
            let scale = graph.add(Op::variable(0, &self.sample), &[], "scale");
            x = graph.add(Op::new("multiply"), &[x, scale], "scaled");
        }
        let mut inputs = vec![x];
        for (place, shape) in self.weights.iter().enumerate() {
            inputs.push(graph.add(Op::variable(place + 1, shape), &[], "weight"));
        }
        let output = graph.add(self.op.clone(), &inputs, self.name);
        let training = (mode == Mode::Train).then(|| {
            let square = graph.add(Op::new("square"), &[output], "loss");
            let loss = graph.add(Op::new("batch_mean"), &[square], "loss");
            let optimizer = OptimizerSpec { name: "sgd".into(), options: vec![("learning_rate".into(), 0.0)] };
            TrainingSpec {
                targets: Vec::new(),
                loss,
                weighted: None,
                metrics: Vec::new(),
                optimizer,
                schedule: None,
                constraints: None,
            }
        });
        let store = Store::new(&variables).expect("a store");
        let (inputs, outputs) = (vec![input], vec![output]);
        let request =
            CreateProgram { store: engine_api::Store(0), graph, inputs, outputs, updates: Vec::new(), training };
        let program = Program::new(request, &store).unwrap_or_else(|error| panic!("{}: {error:?}", self.name));
        (store, program)
    }

    /// How many numbers the op makes of a batch.
    fn output_len(&self) -> usize {
        let weights = self.weights.iter().map(|shape| Shape::known(shape));
        let shapes: Vec<Shape> = std::iter::once(Shape::batch_of(&self.sample)).chain(weights).collect();
        let shape = engine::infer_shape(&self.op, &shapes, self.name).expect("a shape");
        shape.with_batch(BATCH).expect("known sizes").iter().product()
    }

    fn bench(&self, criterion: &mut Criterion, group: &str, mode: Mode) {
        let (mut store, mut program) = self.program(mode);
        let len: usize = self.sample.iter().product();
        let mut random = Philox::new(8, 0);
        let x: Vec<f32> = (0..BATCH * len).map(|_| 0.1 + 0.8 * random.uniform()).collect();
        let mut y = vec![0.0_f32; if mode == Mode::Train { 0 } else { self.output_len() }];
        let request = RunBatches {
            program: engine_api::Program(0),
            mode,
            data: vec![Data { address: x.as_ptr() as u64, dtype: DType::F32, samples: BATCH, sample_len: len }],
            order: 0,
            samples: BATCH,
            batch_size: BATCH,
            first: 0,
            budget_us: u64::MAX / 4,
            detect_anomaly: false,
            outputs: if y.is_empty() { Vec::new() } else { vec![y.as_mut_ptr() as u64] },
        };
        let mut group = criterion.benchmark_group(group);
        group.throughput(Throughput::Elements((BATCH * len) as u64));
        group.bench_function(self.name, |bencher| {
            // SAFETY: samples and outputs outlive the call, and nothing else touches them.
            bencher.iter(|| unsafe { program.run(&mut store, &request) }.expect("a run"));
        });
        group.finish();
    }
}

fn ints(numbers: &[i64]) -> Attr {
    Attr::Ints(numbers.to_vec())
}

fn window(name: &str, padding: &str) -> Op {
    let size = if name.contains("pool") { Op::new(name).with("pool_size", ints(&[2, 2])) } else { Op::new(name) };
    let strides = if name.contains("pool") { 2 } else { 1 };
    size.with("strides", ints(&[strides; 2])).with("padding", Attr::Text(padding.into()))
}

fn cases() -> Vec<Case> {
    let image: &[usize] = &[26, 26, 32];
    let functions = [
        "abs",
        "arctan",
        "cos",
        "cosh",
        "elu",
        "erf",
        "exp",
        "expm1",
        "gelu",
        "hard_sigmoid",
        "leaky_relu",
        "log",
        "log1p",
        "negative",
        "reciprocal",
        "relu",
        "rsqrt",
        "selu",
        "sigmoid",
        "silu",
        "sin",
        "softplus",
        "softsign",
        "sqrt",
        "square",
        "tan",
        "tanh",
    ];
    let mut cases: Vec<Case> = functions.map(|name| Case::new(name, Op::new(name), image, &[])).into();
    for name in ["floor", "sign", "logical_not", "argmax"] {
        cases.push(Case::new(name, Op::new(name), image, &[]).without_gradient());
    }
    for name in ["add", "subtract", "multiply", "divide", "maximum", "power"] {
        cases.push(Case::new(name, Op::new(name), image, &[&[32]]));
    }
    for name in ["equal", "less", "logical_and"] {
        cases.push(Case::new(name, Op::new(name), image, &[&[32]]).without_gradient());
    }
    for name in ["sum", "mean", "max", "min", "variance", "logsumexp"] {
        cases.push(Case::new(name, Op::new(name).with("axes", ints(&[1, 2])), image, &[]));
    }
    let axis = |name: &str, axis| Op::new(name).with("axis", Attr::Int(axis));
    cases.extend([
        Case::new("prod", Op::new("prod").with("axes", ints(&[-1])), image, &[]),
        Case::new("cumsum", axis("cumsum", 1), image, &[]),
        Case::new("softmax", axis("softmax", -1), &[1000], &[]),
        Case::new("log_softmax", axis("log_softmax", -1), &[1000], &[]),
        Case::new("sparsemax", Op::new("sparsemax"), &[100], &[]),
        Case::new("transpose", Op::new("transpose").with("perm", ints(&[0, 3, 1, 2])), image, &[]),
        Case::new("flip", Op::new("flip").with("axes", ints(&[2])), image, &[]),
        Case::new("repeat", axis("repeat", 2).with("repeats", Attr::Int(2)), image, &[]),
        Case::new("slice", axis("slice", 1).with("start", Attr::Int(3)).with("end", Attr::Int(20)), image, &[]),
        Case::new("pad", Op::new("pad").with("paddings", ints(&[0, 0, 1, 1, 1, 1, 0, 0])), image, &[]),
        Case::new("one_hot", Op::new("one_hot").with("classes", Attr::Int(100)), &[100], &[]).without_gradient(),
        Case::new("dropout", dropout(), image, &[]),
        Case::new("random_normal", Op::new("random_normal").with("seed", Attr::Int(5)), image, &[]).without_gradient(),
        Case::new("prelu", Op::new("prelu"), image, &[&[26, 26, 32]]),
        Case::new("dense_small", Op::new("dense"), &[784], &[&[784, 10], &[10]]),
        Case::new("dense", Op::new("dense"), &[784], &[&[784, 256], &[256]]),
        Case::new("dense_wide", Op::new("dense"), &[1024], &[&[1024, 1024], &[1024]]),
        Case::new("matmul", Op::new("matmul"), &[64, 64], &[&[64, 48]]),
        Case::new("conv2d", window("conv2d", "valid"), image, &[&[3, 3, 32, 64]]),
        Case::new("conv2d_same", window("conv2d", "same"), image, &[&[3, 3, 32, 64]]),
        Case::new("conv2d_one_channel", window("conv2d", "valid"), &[28, 28, 1], &[&[3, 3, 1, 32]]),
        Case::new("conv2d_odd", window("conv2d", "valid"), &[13, 17, 7], &[&[3, 3, 7, 19]]),
        Case::new("depthwise", window("conv2d", "valid").with("groups", Attr::Int(32)), image, &[&[3, 3, 1, 32]]),
        Case::new("max_pool2d", window("max_pool2d", "valid"), image, &[]),
        Case::new("average_pool2d", window("average_pool2d", "valid"), image, &[]),
    ]);
    cases
}

fn dropout() -> Op {
    Op::new("dropout").with("rate", Attr::Float(0.5)).with("seed", Attr::Int(5))
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(30)
        .configure_from_args();
    for case in cases() {
        case.bench(&mut criterion, "forward", Mode::Predict);
        if case.trains {
            case.bench(&mut criterion, "step", Mode::Train);
        }
    }
    criterion.final_summary();
}
