//! What plans do to be fast changes no result: values that take the place of others, products that end in what
//! follows them, and batches that are gathered while the one before is computed.

mod programs;

use engine::{Program, Store};
use engine_api::{Attr, Graph, Mode, NodeId, Op, Philox, PlanTable, Variable};
use programs::{data, linear_unit, regression, request, sgd, train, variable};

/// A program of one dense layer behind `network`, with weights of its own.
fn compile(network: impl Fn(&mut Graph, NodeId) -> NodeId, variables: &[Variable]) -> (Store, Program) {
    regression(1, 1, network)
        .compile(variables, sgd(&[("learning_rate", 0.05), ("momentum", 0.5)]))
        .expect("it compiles")
}

fn table(program: &mut Program, store: &Store, batch: usize) -> PlanTable {
    program.explain(store, Mode::Train, batch).expect("there is a plan")
}

/// The outputs for inputs of one number, in batches of 4.
fn predict(program: &mut Program, store: &mut Store, x: &[f32]) -> Vec<f32> {
    let mut y = vec![0.0_f32; x.len()];
    let mut request = request(Mode::Predict, vec![data(x, 1)], 4);
    request.outputs = vec![y.as_mut_ptr() as u64];
    // SAFETY: the arrays outlive the call.
    unsafe { program.run(store, &request).expect("it runs") };
    y
}

#[test]
fn a_chain_of_functions_needs_the_memory_of_one() {
    let line = [variable("kernel", &[1, 1], &[1.0]), variable("bias", &[1], &[0.0])];
    let chain = |length: usize| {
        move |graph: &mut Graph, x: NodeId| {
            (0..length).fold(linear_unit(graph, x), |y, _| graph.add(Op::new("negative"), &[y], "negative"))
        }
    };
    // Negation looks at nothing in its gradient, so that each takes the place of the one before.
    let memory = |length: usize| {
        let (store, mut program) = compile(chain(length), &line);
        table(&mut program, &store, 4096).memory
    };
    assert_eq!(memory(10), memory(2));
    let predicted = |length: usize| {
        let (mut store, mut program) = compile(chain(length), &line);
        predict(&mut program, &mut store, &[1.0, -2.0, 3.0])
    };
    assert_eq!((predicted(3), predicted(4)), (vec![-1.0, 2.0, -3.0], vec![1.0, -2.0, 3.0]));
}

#[test]
fn what_is_read_again_keeps_its_place() {
    // y = (w x) - exp(w x), and then y * y: both operands of a product may be one value.
    let network = |graph: &mut Graph, x: NodeId| {
        let line = linear_unit(graph, x);
        let exp = graph.add(Op::new("exp"), &[line], "exp");
        let difference = graph.add(Op::new("subtract"), &[line, exp], "subtract");
        graph.add(Op::new("multiply"), &[difference, difference], "multiply")
    };
    let (mut store, mut program) =
        compile(network, &[variable("kernel", &[1, 1], &[0.5]), variable("bias", &[1], &[0.0])]);
    assert_eq!(predict(&mut program, &mut store, &[0.0]), [1.0]);
    // x = 2: w x = 1, y = (1 - e)^2 = 2.9525; dy/d(wx) = 2 (1 - e)(1 - e) = 5.905; against a target of 0 the loss
    // is y^2, its gradient 2 y 5.905 = 34.869, and that of w twice as much.
    let report = train(&mut program, &mut store, &[2.0], &[0.0], 1).unwrap();
    assert!((report.sums[0] - 8.7172).abs() < 1e-3, "{:?}", report.sums);
    let w = store.read(0).unwrap()[0];
    assert!((w - (0.5 - 0.05 * 2.0 * 34.869)).abs() < 1e-3, "{w}");
}

#[test]
fn the_gradient_of_a_relu_is_part_of_the_product_before_it() {
    let view = |axes: &[i64]| Op::new("view").with("shape", Attr::Ints(axes.to_vec()));
    let network = |is_flattened: bool| {
        move |graph: &mut Graph, x: NodeId| {
            let mut y = x;
            for layer in 0..3 {
                let kernel = graph.add(Op::variable(layer, &[1, 1]), &[], "kernel");
                y = graph.add(Op::new("dense"), &[y, kernel], "dense");
                y = graph.add(Op::new("relu"), &[y], "relu");
                if is_flattened {
                    y = graph.add(view(&[-1, 1, 1]), &[y], "view");
                }
            }
            graph.add(view(&[-1, 1]), &[y], "view")
        }
    };
    for is_flattened in [false, true] {
        let kernels = [1.0, -1.0, 2.0].map(|w| variable("kernel", &[1, 1], &[w]));
        let (mut store, mut program) = compile(network(is_flattened), &kernels);
        let steps: Vec<String> = table(&mut program, &store, 2).steps.into_iter().map(|step| step.kernel).collect();
        let count = |name: &str| steps.iter().filter(|kernel| *kernel == name).count();
        assert_eq!((count("dense + relu"), count("dense + mask"), count("relu_gradient")), (3, 2, 1), "{steps:?}");
        // x = -1 is cut off by the first relu, x = 1 by the second: nothing moves but what follows a positive number.
        train(&mut program, &mut store, &[-1.0, 1.0], &[1.0, 1.0], 2).unwrap();
        let after: Vec<f32> = (0..3).map(|index| store.read(index).unwrap()[0]).collect();
        assert_eq!(after, [1.0, -1.0, 2.0]);
        // With positive kernels all slopes are 1: y = x w1 w2 w3, and dL/dw1 = 2 (y - t) x w2 w3.
        let kernels = [1.0, 1.0, 2.0].map(|w| variable("kernel", &[1, 1], &[w]));
        let (mut store, mut program) = compile(network(is_flattened), &kernels);
        train(&mut program, &mut store, &[3.0], &[5.0], 1).unwrap();
        assert_eq!(store.read(0).unwrap(), [1.0 - 0.05 * 2.0 * 3.0 * 2.0]);
    }
}

#[test]
fn batches_gathered_ahead_are_the_batches_that_come() {
    let mut random = Philox::new(11, 0);
    let x: Vec<f32> = (0..103).map(|_| random.normal()).collect();
    let y: Vec<f32> = x.iter().map(|x| 3.0 * x - 1.0).collect();
    let line = [variable("kernel", &[1, 1], &[0.0]), variable("bias", &[1], &[0.0])];
    let (mut at_once, mut first) = compile(linear_unit, &line);
    let (mut one_by_one, mut second) = compile(linear_unit, &line);
    for _ in 0..5 {
        let whole = train(&mut first, &mut at_once, &x, &y, 8).unwrap();
        let mut sums = 0.0;
        let mut step = request(Mode::Train, vec![data(&x, 1), data(&y, 1)], 8);
        // Without time for a second one, each batch is a run of its own.
        step.budget_us = 0;
        while step.first < x.len() {
            // SAFETY: the arrays outlive the call.
            let report = unsafe { second.run(&mut one_by_one, &step).unwrap() };
            step.first = report.next;
            sums += report.sums[0];
        }
        assert_eq!(whole.sums, [sums]);
    }
    assert_eq!(at_once.read(0).unwrap(), one_by_one.read(0).unwrap());
    assert!((at_once.read(0).unwrap()[0] - 3.0).abs() < 0.05);
}

#[test]
fn an_output_that_is_the_input_survives_the_next_batch() {
    let (mut store, mut program) = compile(|_: &mut Graph, x: NodeId| x, &[variable("unused", &[1], &[0.0])]);
    let x: Vec<f32> = (0..40).map(|number| number as f32).collect();
    assert_eq!(predict(&mut program, &mut store, &x), x);
}

#[test]
fn a_view_may_take_the_place_of_what_it_shows() {
    let network = |graph: &mut Graph, x: NodeId| {
        let line = linear_unit(graph, x);
        let shape = Attr::Ints(vec![1, 1]);
        let view = graph.add(Op::new("reshape").with("shape", shape), &[line], "reshape");
        let negative = graph.add(Op::new("negative"), &[view], "negative");
        graph.add(Op::new("flatten"), &[negative], "flatten")
    };
    let (mut store, mut program) =
        compile(network, &[variable("kernel", &[1, 1], &[2.0]), variable("bias", &[1], &[1.0])]);
    // y = -(2 x + 1) = -7 for x = 3: the loss against 0 is 49.
    let report = train(&mut program, &mut store, &[3.0], &[0.0], 1).unwrap();
    assert_eq!(report.sums, [49.0]);
}
