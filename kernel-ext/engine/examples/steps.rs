//! Times whole training epochs of dense networks on random data:
//! `cargo run --release -p engine --example steps -- [samples]`.

use engine::{Program, Store};
use engine_api::{
    Attr, CreateProgram, DType, Data, Graph, Metric, Mode, Op, OptimizerSpec, Philox, RunBatches, Shape, TrainingSpec,
    Variable,
};
use std::time::Instant;

/// A chain of dense layers with relu between them, cross-entropy on logits, accuracy.
fn network(sizes: &[usize], optimizer: &str, rate: f64) -> (Vec<Variable>, CreateProgram) {
    let mut random = Philox::new(1, 0);
    let mut graph = Graph::default();
    let mut variables = Vec::new();
    let x = graph.add(Op::input(&Shape::batch_of(&sizes[..1])), &[], "x");
    let mut y = x;
    for (layer, pair) in sizes.windows(2).enumerate() {
        let limit = (6.0 / (pair[0] + pair[1]) as f32).sqrt();
        let kernel = (0..pair[0] * pair[1]).map(|_| limit * (2.0 * random.uniform() - 1.0)).collect();
        let index = variables.len();
        for (name, shape, values) in
            [("kernel", vec![pair[0], pair[1]], kernel), ("bias", vec![pair[1]], vec![0.0; pair[1]])]
        {
            variables.push(Variable { name: name.into(), shape, values, trainable: true });
        }
        let kernel = graph.add(Op::variable(index, &[pair[0], pair[1]]), &[], "kernel");
        let bias = graph.add(Op::variable(index + 1, &[pair[1]]), &[], "bias");
        y = graph.add(Op::new("dense"), &[y, kernel, bias], "dense");
        if layer + 2 < sizes.len() {
            y = graph.add(Op::new("relu"), &[y], "relu");
        }
    }
    let classes = sizes[sizes.len() - 1];
    let target = graph.add(Op::input(&Shape::batch_of(&[classes])), &[], "target");
    let probabilities = graph.add(Op::new("softmax"), &[y], "softmax");
    let logits = Op::new("categorical_crossentropy").with("from_logits", Attr::Bool(true));
    let each = graph.add(logits, &[target, y], "loss");
    let loss = graph.add(Op::new("batch_mean"), &[each], "loss");
    let accuracy = graph.add(Op::new("categorical_accuracy"), &[target, probabilities], "accuracy");
    let optimizer = OptimizerSpec { name: optimizer.into(), options: vec![("learning_rate".into(), rate)] };
    let metrics = vec![Metric { name: "accuracy".into(), node: accuracy }];
    let training = Some(TrainingSpec {
        targets: vec![target],
        loss,
        weighted: None,
        metrics,
        optimizer,
        schedule: None,
        constraints: None,
    });
    let store = engine_api::Store(0);
    (
        variables,
        CreateProgram { store, graph, inputs: vec![x], outputs: vec![probabilities], updates: Vec::new(), training },
    )
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let samples: usize = std::env::args().nth(1).map_or(Ok(59_000), |text| text.parse())?;
    let mut random = Philox::new(2, 0);
    let pixels: Vec<u8> = (0..samples * 784).map(|_| random.bits() as u8).collect();
    let floats: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    let mut targets = vec![0.0_f32; samples * 10];
    targets.chunks_exact_mut(10).for_each(|row| row[random.below(10) as usize] = 1.0);
    let order = random.permutation(samples);
    // Name, sizes, optimizer, learning rate, batch size, whether the samples are bytes.
    type Workload = (&'static str, &'static [usize], &'static str, f64, usize, bool);
    let workloads: &[Workload] = &[
        ("perceptron", &[784, 10], "sgd", 1e-4, 16, true),
        ("mlp256", &[784, 256, 10], "sgd", 1e-2, 16, false),
        ("pca_mlp", &[60, 128, 10], "adam", 1e-3, 32, false),
    ];
    for (name, sizes, optimizer, rate, batch_size, bytes) in workloads {
        let (variables, request) = network(sizes, optimizer, *rate);
        let mut store = Store::new(&variables)?;
        let mut program = Program::new(request, &store)?;
        let (address, dtype) =
            if *bytes { (pixels.as_ptr() as u64, DType::U8) } else { (floats.as_ptr() as u64, DType::F32) };
        let data = vec![
            Data { address, dtype, samples, sample_len: sizes[0] },
            Data { address: targets.as_ptr() as u64, dtype: DType::F32, samples, sample_len: 10 },
        ];
        let request = RunBatches {
            program: engine_api::Program(0),
            mode: Mode::Train,
            data,
            order: order.as_ptr() as u64,
            samples,
            batch_size: *batch_size,
            first: 0,
            budget_us: u64::MAX / 4,
            detect_anomaly: false,
            outputs: Vec::new(),
        };
        let mut seconds: Vec<f64> = Vec::new();
        for _ in 0..4 {
            let start = Instant::now();
            // SAFETY: the arrays live until the end of `main` and nothing else touches them.
            unsafe { program.run(&mut store, &request)? };
            seconds.push(start.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        println!("{name}: {:.3} s an epoch (best of four {:.3})", seconds[1], seconds[0]);
        println!("{}", program.explain(&store, Mode::Train, *batch_size)?);
    }
    Ok(())
}
