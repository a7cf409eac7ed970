//! Second derivatives, and the same bits from any number of threads.

use crate::cpu::{Moment, Pool, Work};
use crate::ops::find;
use crate::ops::testing::check_gradients_with;
use engine_api::{Attr, Op, Philox};

const LOSSES: [(&str, bool); 8] = [
    ("mean_squared_error", false),
    ("mean_absolute_error", false),
    ("binary_crossentropy", false),
    ("binary_crossentropy", true),
    ("categorical_crossentropy", false),
    ("categorical_crossentropy", true),
    ("sparse_categorical_crossentropy", false),
    ("sparse_categorical_crossentropy", true),
];

/// Targets and predictions of a loss: shares of 3 rows of 4, or class numbers.
fn pair(name: &str, from_logits: bool) -> [(Vec<usize>, Vec<f32>); 2] {
    let mut random = Philox::new(3, 0);
    let predictions = (0..12).map(|_| if from_logits { random.normal() } else { 0.2 + 0.6 * random.uniform() });
    let predictions = (vec![3, 4], predictions.collect());
    if name.starts_with("sparse") {
        return [(vec![3], vec![1.0, 0.0, 3.0]), predictions];
    }
    let targets = (0..12).map(|place| [0.1, 0.6, 0.3, 0.2][(place + place / 4) % 4]).collect();
    [(vec![3, 4], targets), predictions]
}

#[test]
fn the_gradient_of_each_loss_has_a_gradient() {
    for (name, from_logits) in LOSSES {
        let op = Op::new(&format!("{name}_gradient")).with("from_logits", Attr::Bool(from_logits));
        let [targets, predictions] = pair(name, from_logits);
        check_gradients_with(&op, &[(vec![3], vec![0.5, -1.0, 2.0]), targets, predictions]);
    }
}

#[test]
fn threads_do_not_change_a_single_bit() {
    for (name, from_logits) in LOSSES {
        let [(targets, t), (predictions, p)] = pair(name, from_logits);
        let (times, pools) = (20_000, [Pool::new(1), Pool::new(3)]);
        let long = |numbers: &[f32]| numbers.iter().copied().cycle().take(times * numbers.len()).collect::<Vec<_>>();
        let (targets, predictions) =
            ([&[times * targets[0]], &targets[1..]].concat(), vec![times * predictions[0], predictions[1]]);
        let (t, p, weights) = (long(&t), long(&p), long(&[0.5, -1.0, 2.0]));
        let samples = [weights.len()];
        type Case<'a> = (String, Vec<(&'a [usize], &'a [f32])>, usize);
        let pair = vec![(targets.as_slice(), t.as_slice()), (&predictions, &p)];
        let gradient = [vec![(samples.as_slice(), weights.as_slice())], pair.clone()].concat();
        let curvature = [gradient.clone(), vec![(predictions.as_slice(), p.as_slice())]].concat();
        let cases: [Case; 3] = [
            (name.into(), pair, weights.len()),
            (format!("{name}_gradient"), gradient, p.len()),
            (format!("{name}_curvature"), curvature, p.len()),
        ];
        for (op, inputs, len) in cases {
            let shapes: Vec<&[usize]> = inputs.iter().map(|input| input.0).collect();
            let arrays: Vec<&[f32]> = inputs.iter().map(|input| input.1).collect();
            let shape = if len == p.len() { predictions.clone() } else { vec![len] };
            let op = Op::new(&op).with("from_logits", Attr::Bool(from_logits));
            let kernel = find(&op.name).unwrap().kernel(&op, &shapes, &shape).unwrap();
            let results = pools.each_ref().map(|pool| {
                let mut output = vec![f32::NAN; len];
                let work = &mut Work {
                    inputs: &arrays,
                    output: &mut output,
                    scratch: &mut [],
                    moment: Moment::default(),
                    pool,
                };
                kernel.run(work);
                output
            });
            assert!(results[0] == results[1] && results[0].iter().all(|number| number.is_finite()), "{}", op.name);
        }
    }
}
