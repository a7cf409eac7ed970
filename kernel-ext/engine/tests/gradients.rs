//! Gradients as values of a graph, and gradients of those.

#![allow(clippy::unwrap_used, reason = "these helpers are tests as well")]

use engine::{Program, Store};
use engine_api::{CreateProgram, DType, Data, Graph, Mode, NodeId, Op, RunBatches, Shape};

/// The values of the outputs for one input of shape (batch, 1).
fn compute(graph: Graph, input: NodeId, outputs: Vec<NodeId>, x: &[f32]) -> Vec<Vec<f32>> {
    let mut store = Store::new(&[]).unwrap();
    let mut rooms = vec![vec![0.0_f32; x.len()]; outputs.len()];
    let request = CreateProgram {
        store: engine_api::Store(0),
        graph,
        inputs: vec![input],
        outputs,
        updates: Vec::new(),
        training: None,
    };
    let mut program = Program::new(request, &store).unwrap();
    let request = RunBatches {
        program: engine_api::Program(0),
        mode: Mode::Predict,
        data: vec![Data { address: x.as_ptr() as u64, dtype: DType::F32, samples: x.len(), sample_len: 1 }],
        order: 0,
        samples: x.len(),
        batch_size: x.len(),
        first: 0,
        budget_us: u64::MAX / 4,
        detect_anomaly: false,
        outputs: rooms.iter_mut().map(|room| room.as_mut_ptr() as u64).collect(),
    };
    // SAFETY: the input and the rooms outlive the call.
    unsafe { program.run(&mut store, &request) }.unwrap();
    rooms
}

#[test]
fn the_third_derivative_of_a_fourth_power() {
    let mut graph = Graph::default();
    let x = graph.add(Op::input(&Shape::batch_of(&[1])), &[], "x");
    let square = graph.add(Op::new("square"), &[x], "");
    let mut y = graph.add(Op::new("square"), &[square], "");
    let mut derivatives = Vec::new();
    for _ in 0..3 {
        let total = graph.add(Op::new("sum"), &[y], "");
        y = graph.add(Op::new("gradient"), &[total, x], "");
        derivatives.push(y);
    }
    let values = compute(graph, x, derivatives, &[1.0, -2.0, 0.5]);
    assert_eq!(values[0], [4.0, -32.0, 0.5], "4 x^3");
    assert_eq!(values[1], [12.0, 48.0, 3.0], "12 x^2");
    assert_eq!(values[2], [24.0, -48.0, 12.0], "24 x");
}

#[test]
fn what_the_loss_does_not_depend_on_has_the_gradient_0_and_the_loss_itself_1() {
    let mut graph = Graph::default();
    let x = graph.add(Op::input(&Shape::batch_of(&[1])), &[], "x");
    let total = graph.add(Op::new("sum"), &[x], "");
    let other = graph.add(Op::new("exp"), &[x], "");
    let none = graph.add(Op::new("gradient"), &[total, other], "");
    let one = graph.add(Op::new("gradient"), &[total, total], "");
    let values = compute(graph, x, vec![none, one], &[1.0, 2.0]);
    assert_eq!((values[0].as_slice(), values[1][0]), ([0.0, 0.0].as_slice(), 1.0));
}
