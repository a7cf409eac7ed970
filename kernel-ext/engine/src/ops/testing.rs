//! How ops are tested: computed alone, and their gradients against central differences.

use crate::autodiff::differentiate;
use crate::cpu::{Moment, Pool, Work};
use crate::lower::Node;
use crate::ops;
use engine_api::{Attr, Op, Philox, Shape};
use std::ops::Range;

/// The values of all nodes, computed one by one without any plan.
pub fn run(nodes: &[Node], fed: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut fed = fed.iter();
    let mut values: Vec<Vec<f32>> = Vec::new();
    for node in nodes {
        let value = match (node.op.name.as_str(), node.op.attr("values")) {
            ("input" | "variable", _) => fed.next().expect("a value for every source").clone(),
            (_, Some(Attr::Floats(values))) => values.clone(),
            _ => compute(nodes, &values, node),
        };
        values.push(value);
    }
    values
}

fn compute(nodes: &[Node], values: &[Vec<f32>], node: &Node) -> Vec<f32> {
    let operation = ops::find(&node.op.name).unwrap();
    let inputs: Vec<&[f32]> = node.inputs.iter().map(|&input| values[input].as_slice()).collect();
    let shapes: Vec<&[usize]> = node.inputs.iter().map(|&input| nodes[input].shape.as_slice()).collect();
    let Some(kernel) = operation.kernel(&node.op, &shapes, &node.shape) else { return inputs[0].to_vec() };
    let mut output = vec![f32::NAN; node.shape.iter().product()];
    let mut scratch = vec![f32::NAN; kernel.scratch];
    let (inputs, output, scratch) = (&inputs, &mut output, &mut scratch);
    kernel.run(&mut Work { inputs, output, scratch, moment: Moment::default(), pool: Pool::global() });
    output.to_vec()
}

fn push(nodes: &mut Vec<Node>, op: Op, inputs: &[usize]) -> usize {
    let shapes: Vec<Shape> = inputs.iter().map(|&input| Shape::known(&nodes[input].shape)).collect();
    let shape = ops::infer_shape(&op, &shapes, "test").unwrap().with_batch(0).unwrap();
    nodes.push(Node { op, inputs: inputs.to_vec(), shape, label: "test".into() });
    nodes.len() - 1
}

/// The op's output for the given inputs.
pub fn evaluate(op: &Op, inputs: &[(&[usize], &[f32])]) -> Vec<f32> {
    let mut nodes = Vec::new();
    let sources: Vec<usize> =
        inputs.iter().map(|(shape, _)| push(&mut nodes, Op::input(&Shape::known(shape)), &[])).collect();
    push(&mut nodes, op.clone(), &sources);
    let fed: Vec<Vec<f32>> = inputs.iter().map(|(_, values)| values.to_vec()).collect();
    run(&nodes, &fed).pop().unwrap()
}

/// Fails where two lists differ by more than `tolerance`, relative to numbers above 1.
pub fn assert_close(computed: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(computed.len(), expected.len());
    for (place, (a, b)) in computed.iter().zip(expected).enumerate() {
        let close = a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * b.abs().max(1.0);
        assert!(close, "number {place}: computed {a}, expected {b}\n{computed:?}\n{expected:?}");
    }
}

/// The gradient of the sum of the op's output with respect to input number `index`.
pub fn gradient_at(op: &Op, inputs: &[(&[usize], &[f32])], index: usize) -> Vec<f32> {
    let mut nodes = Vec::new();
    let sources: Vec<usize> =
        inputs.iter().map(|(shape, _)| push(&mut nodes, Op::input(&Shape::known(shape)), &[])).collect();
    let output = push(&mut nodes, op.clone(), &sources);
    let loss = push(&mut nodes, Op::new("sum"), &[output]);
    let differentiated = differentiate(&nodes, loss, &sources[index..=index]).unwrap();
    let fed: Vec<Vec<f32>> = inputs.iter().map(|(_, values)| values.to_vec()).collect();
    run(&differentiated.nodes, &fed)[differentiated.gradients[0].unwrap()].clone()
}

/// Compares the op's gradients with central differences, at random inputs away from 0.
pub fn check_gradients(op: &Op, shapes: &[&[usize]]) {
    check_at(op, shapes, |random| {
        let size = 0.2 + 1.3 * random.uniform();
        if random.bits() & 1 == 0 { size } else { -size }
    });
}

/// The same at inputs from a range, for ops that are not defined everywhere.
pub fn check_gradients_between(op: &Op, shapes: &[&[usize]], range: Range<f32>) {
    check_at(op, shapes, |random| range.start + (range.end - range.start) * random.uniform());
}

fn check_at(op: &Op, shapes: &[&[usize]], mut draw: impl FnMut(&mut Philox) -> f32) {
    let mut random = Philox::new(12, op.name.len() as u64);
    let mut numbers = |shape: &&[usize]| (0..shape.iter().product()).map(|_| draw(&mut random)).collect();
    let inputs: Vec<(Vec<usize>, Vec<f32>)> = shapes.iter().map(|shape| (shape.to_vec(), numbers(shape))).collect();
    check_gradients_with(op, &inputs);
}

/// The same at these inputs, shapes and numbers.
pub fn check_gradients_with(op: &Op, inputs: &[(Vec<usize>, Vec<f32>)]) {
    let mut random = Philox::new(11, op.name.len() as u64);
    let shapes = inputs.iter().map(|(shape, _)| shape.as_slice());
    let mut nodes = Vec::new();
    let sources: Vec<usize> = shapes.map(|shape| push(&mut nodes, Op::variable(0, shape), &[])).collect();
    let output = push(&mut nodes, op.clone(), &sources);
    // The loss is the mean of the output, each number weighted differently.
    let len = nodes[output].shape.iter().product();
    let weights: Vec<f32> = (0..len).map(|_| random.normal()).collect();
    let constant = Op::constant(&nodes[output].shape, weights);
    let weights = push(&mut nodes, constant, &[]);
    let weighted = push(&mut nodes, Op::new("multiply"), &[output, weights]);
    let loss = push(&mut nodes, Op::new("batch_mean"), &[weighted]);

    let fed: Vec<Vec<f32>> = inputs.iter().map(|(_, numbers)| numbers.clone()).collect();
    let differentiated = differentiate(&nodes, loss, &sources).unwrap();
    let all = run(&differentiated.nodes, &fed);
    let operation = ops::find(&op.name).unwrap();
    for (source, gradient) in differentiated.gradients.iter().enumerate() {
        let Some(gradient) = gradient else {
            assert!(!operation.differentiable(source), "{op:?}: no gradient for input {source}");
            continue;
        };
        compare_with_differences(&nodes, loss, &fed, source, &all[*gradient], op);
    }
}

fn compare_with_differences(nodes: &[Node], loss: usize, fed: &[Vec<f32>], source: usize, gradient: &[f32], op: &Op) {
    const STEP: f32 = 1e-2;
    let count = nodes[nodes[loss].inputs[0]].shape.iter().product::<usize>() as f64;
    let total = |fed: &[Vec<f32>]| -> f64 {
        let values = run(nodes, fed);
        values[nodes[loss].inputs[0]].iter().map(|&number| f64::from(number)).sum::<f64>() / count
    };
    for place in 0..fed[source].len() {
        let at = |step: f32| {
            let mut moved = fed.to_vec();
            moved[source][place] += step;
            total(&moved)
        };
        // Fourth order: the error of the formula stays below that of single precision.
        let step = f64::from(STEP);
        let numeric = (8.0 * (at(STEP) - at(-STEP)) - (at(2.0 * STEP) - at(-2.0 * STEP))) / (12.0 * step);
        let analytic = f64::from(gradient[place]);
        let close = (numeric - analytic).abs() <= 1e-3 * analytic.abs().max(0.1);
        assert!(close, "{}: input {source}, number {place}: gradient {analytic}, differences {numeric}", op.name);
    }
}

/// Checks a reduction of the numbers 1 to 6 in the shape (2, 3), over the axes of each case, and its
/// gradients.
pub fn check_reduction(name: &str, cases: &[(Option<&[i64]>, &[f32])], tolerance: f32) {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    for (axes, expected) in cases {
        for keep in [false, true] {
            let mut op = Op::new(name).with("keepdims", Attr::Bool(keep));
            if let Some(axes) = axes {
                op = op.with("axes", Attr::Ints(axes.to_vec()));
            }
            assert_close(&evaluate(&op, &[(&[2, 3], &x)]), expected, tolerance);
            check_gradients(&op, &[&[2, 3]]);
        }
    }
}

/// Compares a loss with reference values a sample, and the gradient of their mean.
pub fn check_loss(
    (name, from_logits): &(&str, bool),
    targets: (&[usize], &[f32]),
    predictions: (&[usize], &[f32]),
    values: &[f32],
    gradient: &[f32],
) {
    let mut nodes = Vec::new();
    let t = push(&mut nodes, Op::input(&Shape::known(targets.0)), &[]);
    let p = push(&mut nodes, Op::input(&Shape::known(predictions.0)), &[]);
    let loss = push(&mut nodes, Op::new(name).with("from_logits", Attr::Bool(*from_logits)), &[t, p]);
    let mean = push(&mut nodes, Op::new("batch_mean"), &[loss]);
    let differentiated = differentiate(&nodes, mean, &[t, p]).unwrap();
    assert_eq!(differentiated.gradients[0], None);
    let all = run(&differentiated.nodes, &[targets.1.to_vec(), predictions.1.to_vec()]);
    assert_close(&all[loss], values, 1e-5);
    assert_close(&all[differentiated.gradients[1].unwrap()], gradient, 1e-5);
}

/// Checks a function of one number: pairs of argument and result, and gradients at arguments from a range.
pub fn check_function(name: &str, pairs: &[(f32, f32)], tolerance: f32, range: Range<f32>) {
    let (x, y): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
    assert_close(&evaluate(&Op::new(name), &[(&[x.len()], &x)]), &y, tolerance);
    check_gradients_between(&Op::new(name), &[&[3, 5]], range);
}

/// Checks a function of two numbers: triples of arguments and result, and gradients with stretched
/// inputs from a range.
pub fn check_pairs(name: &str, triples: &[(f32, f32, f32)], tolerance: f32, range: Range<f32>) {
    let a: Vec<f32> = triples.iter().map(|triple| triple.0).collect();
    let b: Vec<f32> = triples.iter().map(|triple| triple.1).collect();
    let expected: Vec<f32> = triples.iter().map(|triple| triple.2).collect();
    let op = Op::new(name);
    assert_close(&evaluate(&op, &[(&[a.len()], &a), (&[b.len()], &b)]), &expected, tolerance);
    for shapes in [[&[2, 3][..], &[2, 3]], [&[2, 3], &[3]], [&[2, 1], &[1, 4]], [&[3], &[2, 1, 3]], [&[], &[2, 2]]] {
        check_gradients_between(&op, &shapes, range.clone());
    }
}

/// Checks an activation: pairs of argument and result, and its gradients and theirs at arguments from
/// each of the ranges.
pub fn check_activation(op: &Op, pairs: &[(f32, f32)], tolerance: f32, ranges: &[Range<f32>]) {
    let (x, y): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
    assert_close(&evaluate(op, &[(&[x.len()], &x)]), &y, tolerance);
    let gradient = Op { name: format!("{}_gradient", op.name), attrs: op.attrs.clone() };
    for range in ranges {
        check_gradients_between(op, &[&[3, 5]], range.clone());
        check_gradients_between(&gradient, &[&[3, 5], &[3, 5]], range.clone());
    }
}
