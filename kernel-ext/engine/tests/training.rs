//! Programs as callers see them: whole steps of training against calculations by hand, the traps of
//! automatic differentiation, and wrong requests.

use engine::{Program, Store};
use engine_api::{
    Attr, Constraints, CreateProgram, DType, Data, Graph, Metric, Mode, NodeId, Op, OptimizerSpec, Schedule, Shape,
    TrainingSpec, Update, Variable,
};

mod programs;

use programs::{data, linear_unit, regression, request, sgd, train, variable};

#[test]
fn steps_of_linear_regression_match_the_calculation_by_hand() {
    // w = 2, b = 1; samples (1, 0), (2, 0): residuals 3 and 5, loss (9 + 25) / 2 = 17;
    // dw = 2 (3 * 1 + 5 * 2) / 2 = 13, db = 2 (3 + 5) / 2 = 8.
    let variables = [variable("kernel", &[1, 1], &[2.0]), variable("bias", &[1], &[1.0])];
    for (options, w, b) in [
        (&[("learning_rate", 0.1)][..], 2.0 - 1.3, 1.0 - 0.8),
        // With momentum the first step is the same, so that a second kind of plan is compared.
        (&[("learning_rate", 0.1), ("momentum", 0.9)], 2.0 - 1.3, 1.0 - 0.8),
    ] {
        let (mut store, mut program) = regression(1, 1, linear_unit).compile(&variables, sgd(options)).unwrap();
        let report = train(&mut program, &mut store, &[1.0, 2.0], &[0.0, 0.0], 2).unwrap();
        assert_eq!((report.next, report.batches, report.sums), (2, 1, vec![34.0]));
        let close = |computed: Vec<f32>, expected: f32| (computed[0] - expected).abs() < 1e-6;
        assert!(close(store.read(0).unwrap(), w) && close(store.read(1).unwrap(), b), "{options:?}");
    }
}

#[test]
fn a_schedule_sets_the_rate_of_each_step() {
    // x = 0, so that only b moves: along -2 (b - 1), from 0, at the rates 0.25, 0.25, 0.5.
    let mut model = regression(1, 1, linear_unit);
    model.schedule = Some(Schedule::PiecewiseConstantDecay { boundaries: vec![1.0], values: vec![0.25, 0.5] });
    let variables = [variable("kernel", &[1, 1], &[0.0]), variable("bias", &[1], &[0.0])];
    let (mut store, mut program) = model.compile(&variables, sgd(&[])).unwrap();
    for expected in [0.5, 0.75, 1.0] {
        train(&mut program, &mut store, &[0.0], &[1.0], 1).unwrap();
        assert_eq!(store.read(1), Ok(vec![expected]));
    }
}

#[test]
fn a_partial_batch_is_a_batch_of_its_own() {
    let variables = [variable("kernel", &[1, 1], &[0.0]), variable("bias", &[1], &[0.0])];
    let (mut store, mut program) =
        regression(1, 1, linear_unit).compile(&variables, sgd(&[("learning_rate", 0.5)])).unwrap();
    // Batch 1: residuals -1, -1: db = -2, b = 1. Batch 2, one sample: residual 1 - 3 = -2: db = -4, b = 3.
    let report = train(&mut program, &mut store, &[0.0; 3], &[1.0, 1.0, 3.0], 2).unwrap();
    assert_eq!((report.batches, report.sums), (2, vec![2.0 + 4.0]));
    assert_eq!(store.read(1), Ok(vec![3.0]));
}

#[test]
fn a_weight_that_is_used_twice_gets_the_sum_of_its_gradients() {
    // y = w (w x) with w = 3, x = 1: residual 9, d/dw = 2 * 9 * 2 w x = 108.
    let twice = |graph: &mut Graph, x: NodeId| {
        let first = graph.add(Op::variable(0, &[1, 1]), &[], "kernel");
        let once = graph.add(Op::new("dense"), &[x, first], "dense");
        let second = graph.add(Op::variable(0, &[1, 1]), &[], "kernel");
        graph.add(Op::new("dense"), &[once, second], "dense")
    };
    let (mut store, mut program) = regression(1, 1, twice)
        .compile(&[variable("kernel", &[1, 1], &[3.0])], sgd(&[("learning_rate", 0.01)]))
        .unwrap();
    train(&mut program, &mut store, &[1.0], &[0.0], 1).unwrap();
    assert!((store.read(0).unwrap()[0] - (3.0 - 1.08)).abs() < 1e-6);
}

#[test]
fn weights_that_the_loss_does_not_reach_stay_as_they_are() {
    let variables =
        [variable("kernel", &[1, 1], &[2.0]), variable("bias", &[1], &[1.0]), variable("unused", &[2], &[5.0, 6.0])];
    for optimizer in ["sgd", "adam"] {
        let optimizer = OptimizerSpec { name: optimizer.into(), options: Vec::new() };
        let (mut store, mut program) = regression(1, 1, linear_unit).compile(&variables, optimizer).unwrap();
        train(&mut program, &mut store, &[1.0, 2.0], &[0.0, 0.0], 2).unwrap();
        assert_eq!(store.read(2), Ok(vec![5.0, 6.0]));
        assert_ne!(store.read(0), Ok(vec![2.0]));
    }
}

#[test]
fn frozen_weights_stay_as_they_are() {
    let mut frozen = variable("kernel", &[1, 1], &[2.0]);
    frozen.trainable = false;
    let (mut store, mut program) =
        regression(1, 1, linear_unit).compile(&[frozen, variable("bias", &[1], &[1.0])], sgd(&[])).unwrap();
    train(&mut program, &mut store, &[1.0, 2.0], &[0.0, 0.0], 2).unwrap();
    assert_eq!(store.read(0), Ok(vec![2.0]));
    assert_ne!(store.read(1), Ok(vec![1.0]));
}

#[test]
fn a_loss_without_weights_trains_nothing_and_panics_nowhere() {
    let (mut store, mut program) = regression(1, 1, |_, x| x).compile(&[], sgd(&[])).unwrap();
    let report = train(&mut program, &mut store, &[3.0], &[1.0], 1).unwrap();
    assert_eq!(report.sums, [4.0]);
}

#[test]
fn a_deep_chain_with_shared_weights_is_differentiated() {
    // y = w^400 x with w = 1: dy/dw = 400; residual 1 - 0.5, so d/dw = 2 * 0.5 * 400 = 400.
    let chain = |graph: &mut Graph, x: NodeId| {
        let kernel = graph.add(Op::variable(0, &[1, 1]), &[], "kernel");
        (0..400).fold(x, |x, _| graph.add(Op::new("dense"), &[x, kernel], "dense"))
    };
    let (mut store, mut program) = regression(1, 1, chain)
        .compile(&[variable("kernel", &[1, 1], &[1.0])], sgd(&[("learning_rate", 1e-3)]))
        .unwrap();
    train(&mut program, &mut store, &[1.0], &[0.5], 1).unwrap();
    assert!((store.read(0).unwrap()[0] - 0.6).abs() < 1e-4, "{:?}", store.read(0));
}

#[test]
fn predictions_follow_the_order_and_every_type_of_number() {
    let (mut store, mut program) = regression(2, 2, |_, x| x).compile(&[], sgd(&[])).unwrap();
    let bytes: [u8; 6] = [1, 2, 3, 4, 5, 6];
    let (i32s, i64s) = (bytes.map(i32::from), bytes.map(i64::from));
    let (f32s, f64s) = (bytes.map(f32::from), bytes.map(f64::from));
    let order: [u32; 3] = [2, 0, 1];
    let sources = [
        (bytes.as_ptr() as u64, DType::U8),
        (i32s.as_ptr() as u64, DType::I32),
        (i64s.as_ptr() as u64, DType::I64),
        (f32s.as_ptr() as u64, DType::F32),
        (f64s.as_ptr() as u64, DType::F64),
    ];
    for (address, dtype) in sources {
        let mut output = [0.0_f32; 6];
        let data = vec![Data { address, dtype, samples: 3, sample_len: 2 }];
        let mut request = request(Mode::Predict, data, 2);
        request.order = order.as_ptr() as u64;
        request.outputs = vec![output.as_mut_ptr() as u64];
        // SAFETY: arrays, order and room outlive the call.
        unsafe { program.run(&mut store, &request) }.unwrap();
        assert_eq!(output, [5.0, 6.0, 1.0, 2.0, 3.0, 4.0], "{dtype:?}");
    }
}

#[test]
fn a_run_stops_when_its_time_is_up_and_goes_on_where_it_stopped() {
    let variables = [variable("kernel", &[1, 1], &[0.0]), variable("bias", &[1], &[0.0])];
    let (mut store, mut program) = regression(1, 1, linear_unit).compile(&variables, sgd(&[])).unwrap();
    let (x, y) = ([0.0; 5], [1.0; 5]);
    let mut request = request(Mode::Evaluate, vec![data(&x, 1), data(&y, 1)], 2);
    request.budget_us = 0;
    let mut places = Vec::new();
    while request.first < 5 {
        // SAFETY: the arrays outlive the calls.
        request.first = unsafe { program.run(&mut store, &request) }.unwrap().next;
        places.push(request.first);
    }
    assert_eq!(places, [2, 4, 5]);
}

#[test]
fn wrong_requests_are_explained() {
    let variables = [variable("kernel", &[1, 1], &[0.0]), variable("bias", &[1], &[0.0])];
    let (mut store, mut program) = regression(1, 1, linear_unit).compile(&variables, sgd(&[])).unwrap();
    let (x, y) = ([0.0; 4], [0.0; 4]);
    let mut error = |data: Vec<Data>, batch, samples| {
        let mut request = request(Mode::Train, data, batch);
        request.samples = samples;
        // SAFETY: the arrays outlive the call.
        unsafe { program.run(&mut store, &request) }.unwrap_err().to_string()
    };
    let cases = [
        (error(vec![data(&x, 2), data(&y, 1)], 2, 2), "x: expected 1 numbers a sample, received 2"),
        (error(vec![data(&x, 1), data(&y[..3], 1)], 2, 4), "target: sample 3 was asked for, but there are 3"),
        (error(vec![data(&x, 1)], 2, 4), "internal error: expected 2 arrays, received 1"),
        (error(vec![data(&x, 1), data(&y, 1)], 0, 4), "batch_size: expected a whole number above 0, received 0"),
    ];
    for (message, expected) in cases {
        assert!(message.starts_with(expected), "{message}");
    }
    assert!(train(&mut program, &mut store, &x, &y, 2).is_ok(), "the program works after errors");

    let wrong = regression(3, 1, linear_unit).compile(&variables, sgd(&[])).err().unwrap().to_string();
    assert!(wrong.starts_with("dense: expected axis -1 of the input to have size 1, received 3"), "{wrong}");
}

#[test]
fn training_takes_its_own_branch_and_updates_variables_after_each_step() {
    let variables =
        [variable("kernel", &[1, 1], &[1.0]), Variable { trainable: false, ..variable("total", &[1], &[10.0]) }];
    let mut model = regression(1, 1, |graph, x| {
        let kernel = graph.add(Op::variable(0, &[1, 1]), &[], "kernel");
        let y = graph.add(Op::new("dense"), &[x, kernel], "dense");
        let total = graph.add(Op::variable(1, &[1]), &[], "total");
        let shifted = graph.add(Op::new("add"), &[y, total], "shifted");
        graph.add(Op::new("in_training"), &[y, shifted], "switch")
    });
    let total = model.graph.add(Op::variable(1, &[1]), &[], "total");
    let sum = model.graph.add(Op::new("sum").with("axes", Attr::Ints(vec![0])), &[model.input], "sum");
    let node = model.graph.add(Op::new("add"), &[total, sum], "total");
    model.updates.push(Update { variable: 1, node });
    let (mut store, mut program) = model.compile(&variables, sgd(&[("learning_rate", 0.0)])).unwrap();
    let (x, y) = ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]);
    let report = train(&mut program, &mut store, &x, &y, 2).unwrap();
    assert_eq!(report.sums, [0.0], "the branch of training adds no total");
    assert_eq!(store.read(1), Ok(vec![16.0]));
    // SAFETY: the arrays outlive the call.
    let report = unsafe { program.run(&mut store, &request(Mode::Evaluate, vec![data(&x, 1), data(&y, 1)], 3)) };
    assert_eq!(report.unwrap().sums, [3.0 * 16.0 * 16.0]);
    assert_eq!(store.read(1), Ok(vec![16.0]), "evaluating updates nothing");
}

#[test]
fn weights_are_brought_back_into_bounds_after_each_step() {
    // The step of the first test, with and without a kernel of its own kind: w = 0.7 and b = 0.2 before, at most 0.5 after.
    let variables = [variable("kernel", &[1, 1], &[2.0]), variable("bias", &[1], &[1.0])];
    for options in [&[("learning_rate", 0.1)][..], &[("learning_rate", 0.1), ("momentum", 0.9)]] {
        let mut graph = Graph::default();
        let kernel = graph.add(Op::variable(0, &[1, 1]), &[], "kernel");
        let most = Op::new("clip").with("min", Attr::Float(-0.5)).with("max", Attr::Float(0.5));
        let node = graph.add(most, &[kernel], "bounded");
        let mut model = regression(1, 1, linear_unit);
        model.constraints = Some(Constraints { graph, updates: vec![Update { variable: 0, node }] });
        let (mut store, mut program) = model.compile(&variables, sgd(options)).unwrap();
        train(&mut program, &mut store, &[1.0, 2.0], &[0.0, 0.0], 2).unwrap();
        assert_eq!(store.read(0), Ok(vec![0.5]));
        assert!((store.read(1).unwrap()[0] - 0.2).abs() < 1e-6, "the bias has no bounds");
    }
    let mut frozen = regression(1, 1, linear_unit);
    let mut graph = Graph::default();
    let node = graph.add(Op::variable(1, &[1]), &[], "bias");
    frozen.constraints = Some(Constraints { graph, updates: vec![Update { variable: 0, node }] });
    let wrong = frozen.compile(&variables, sgd(&[])).err().unwrap().to_string();
    assert!(wrong.contains("variable `kernel` of shape [1, 1]") && wrong.contains("cannot become node 0"), "{wrong}");
}

#[test]
fn each_training_step_drops_other_numbers() {
    let dropout = Op::new("dropout").with("rate", Attr::Float(0.5)).with("seed", Attr::Int(1));
    let model = regression(64, 1, |graph, x| {
        let kernel = graph.add(Op::variable(0, &[64, 1]), &[], "kernel");
        let dropped = graph.add(dropout, &[x], "dropout");
        graph.add(Op::new("dense"), &[dropped, kernel], "dense")
    });
    let (mut store, mut program) =
        model.compile(&[variable("kernel", &[64, 1], &[0.0; 64])], sgd(&[("learning_rate", 1.0)])).unwrap();
    let mut before = vec![0.0; 64];
    let mut moved = Vec::new();
    for _ in 0..2 {
        // Each number that is kept has the gradient 2 (0 - target) x / (1 - rate) or what the weights make of it.
        train(&mut program, &mut store, &[1.0; 64], &[1e6], 1).unwrap();
        let after = store.read(0).unwrap();
        moved.push(after.iter().zip(&before).map(|(a, b)| a != b).collect::<Vec<bool>>());
        before = after;
    }
    assert_ne!(moved[0], moved[1]);
    assert!(moved.iter().all(|moved| moved.contains(&true) && moved.contains(&false)));
}

#[test]
fn a_number_that_is_not_finite_is_traced_to_its_op() {
    let variables = [variable("kernel", &[1, 1], &[2.0]), variable("bias", &[1], &[0.0])];
    let model = regression(1, 1, |graph, x| {
        let y = linear_unit(graph, x);
        graph.add(Op::new("log"), &[y], "logarithm")
    });
    let (mut store, mut program) = model.compile(&variables, sgd(&[])).unwrap();
    let (x, y) = ([1.0, 0.0], [0.0, 0.0]);
    let mut checked = request(Mode::Train, vec![data(&x, 1), data(&y, 1)], 2);
    checked.detect_anomaly = true;
    // SAFETY: the arrays outlive the call.
    let error = unsafe { program.run(&mut store, &checked) }.unwrap_err().to_string();
    assert!(error.starts_with("logarithm: op `log` gave -inf (number 1 of shape [2, 1])"), "{error}");
    assert_eq!(store.read(0), Ok(vec![2.0]), "no step was made");
}

#[test]
fn a_batch_that_no_memory_can_hold_is_refused_with_its_size() {
    let wide = 4_000_000;
    let store_of = [variable("kernel", &[1, wide], &vec![0.0; wide])];
    let model = regression(1, wide, |graph, x| {
        let kernel = graph.add(Op::variable(0, &[1, wide]), &[], "kernel");
        graph.add(Op::new("dense"), &[x, kernel], "dense")
    });
    let (mut store, mut program) = model.compile(&store_of, sgd(&[])).unwrap();
    let x = vec![0.0; 100_000];
    let mut predict = request(Mode::Predict, vec![data(&x, 1)], 100_000);
    // Nothing is written there: the plan is refused before.
    predict.outputs = vec![0];
    // SAFETY: the input outlives the call.
    let error = unsafe { program.run(&mut store, &predict) }.unwrap_err().to_string();
    assert!(error.starts_with("a batch of 100000: this needs 1600000"), "{error}");
}

#[test]
fn metrics_are_summed_over_samples_and_a_plan_can_be_read() {
    let mut graph = Graph::default();
    let x = graph.add(Op::input(&Shape::batch_of(&[2])), &[], "x");
    let y = graph.add(Op::new("softmax"), &[x], "softmax");
    let target = graph.add(Op::input(&Shape::batch_of(&[2])), &[], "target");
    let logits = Op::new("categorical_crossentropy").with("from_logits", Attr::Bool(true));
    let each = graph.add(logits, &[target, x], "loss");
    let loss = graph.add(Op::new("batch_mean"), &[each], "loss");
    let node = graph.add(Op::new("categorical_accuracy"), &[target, y], "accuracy");
    let metrics = vec![Metric { name: "accuracy".into(), node }];
    let training = Some(TrainingSpec {
        targets: vec![target],
        loss,
        weighted: None,
        metrics,
        optimizer: sgd(&[]),
        schedule: None,
        constraints: None,
    });
    let mut store = Store::new(&[]).unwrap();
    let request_of = CreateProgram {
        store: engine_api::Store(0),
        graph,
        inputs: vec![x],
        outputs: vec![y],
        updates: Vec::new(),
        training,
    };
    let mut program = Program::new(request_of, &store).unwrap();
    let (x, t) = ([0.0, 0.0, 5.0, 0.0, 0.0, 5.0], [1.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
    // SAFETY: the arrays outlive the call.
    let report =
        unsafe { program.run(&mut store, &request(Mode::Evaluate, vec![data(&x, 2), data(&t, 2)], 2)) }.unwrap();
    assert_eq!(report.sums[1], 2.0);
    // ln 2, 5 + ln(1 + e^-5), ln(1 + e^-5)
    let expected = std::f64::consts::LN_2 + 5.0 + 2.0 * f64::ln_1p((-5.0_f64).exp());
    assert!((report.sums[0] - expected).abs() < 1e-5, "{report:?}");
    let listing = program.explain(&store, Mode::Evaluate, 2).unwrap().to_string();
    assert!(listing.contains("categorical_accuracy") && listing.contains("batch 2: 4 steps"), "{listing}");
}
