//! Optimizers: one pass over all trainable weights after each batch.

mod adam;
mod sgd;

use crate::cpu::Pool;
use engine_api::{Error, OptimizerSpec};

/// A rule by which weights follow their gradients.
pub trait Optimizer: Send {
    /// Makes one step: `values` and `gradients` have the same layout.
    fn step(&mut self, values: &mut [f32], gradients: &[f32], pool: &Pool);

    /// Changes an option; says whether the optimizer has it.
    fn set(&mut self, option: &str, value: f64) -> bool;

    /// The factor by which a plain step adds the gradient to the weights, or `None` when the step is
    /// more than that.
    fn plain_scale(&self) -> Option<f32> {
        None
    }
}

const KNOWN: &[&str] = &["sgd", "adam"];

/// The optimizer of this name, for `len` weights.
///
/// # Errors
/// [`Error::Unknown`] for a name or an option that does not exist.
pub fn create(spec: &OptimizerSpec, len: usize) -> Result<Box<dyn Optimizer>, Error> {
    let mut optimizer: Box<dyn Optimizer> = match spec.name.as_str() {
        "sgd" => Box::new(sgd::Sgd::new(len)),
        "adam" => Box::new(adam::Adam::new(len)),
        _ => {
            let known = KNOWN.iter().map(|name| (*name).into()).collect();
            return Err(Error::Unknown { name: format!("optimizer {}", spec.name), known });
        }
    };
    for (option, value) in &spec.options {
        if !optimizer.set(option, *value) {
            return Err(unknown_option(&spec.name, option));
        }
    }
    Ok(optimizer)
}

/// The error for an option that an optimizer does not have.
pub fn unknown_option(optimizer: &str, option: &str) -> Error {
    Error::Internal(format!("optimizer {optimizer} has no option `{option}`"))
}

/// Numbers below this are set to zero in an optimizer's memory: they are far below the precision of
/// any weight, and arithmetic with denormal numbers is many times slower.
const NEGLIGIBLE: f32 = 1e-30;

/// `number`, or 0 where it is negligible.
#[inline(always)]
fn flush(number: f32) -> f32 {
    if number.abs() < NEGLIGIBLE { 0.0 } else { number }
}

#[cfg(test)]
mod tests {
    use super::create;
    use crate::cpu::Pool;
    use crate::ops::testing::assert_close;
    use engine_api::OptimizerSpec;

    /// Traces computed by Keras 3.15.1 (JAX): optimizer, options, initial weights, gradients of each
    /// step, weights after each step.
    const TRACES: &str = include_str!("../../tests/data/optimizer_traces.txt");

    fn numbers(line: &str) -> Vec<f32> {
        line.split_whitespace().map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn traces_of_keras() {
        let pool = Pool::new(1);
        let mut cases = 0;
        for case in TRACES.split("case ").skip(1) {
            let mut lines = case.lines();
            let mut head = lines.next().unwrap().split_whitespace();
            let name = head.next().unwrap().to_string();
            let option = |text: &str| {
                let (name, value) = text.split_once('=').unwrap();
                (name.to_string(), value.parse().unwrap())
            };
            let spec = OptimizerSpec { name, options: head.map(option).collect() };
            let mut values = numbers(lines.next().unwrap());
            let mut optimizer = create(&spec, values.len()).unwrap();
            while let Some(gradients) = lines.next() {
                optimizer.step(&mut values, &numbers(gradients), &pool);
                assert_close(&values, &numbers(lines.next().unwrap()), 1e-6);
            }
            cases += 1;
        }
        assert!(cases >= 4, "{cases} cases were read");
    }

    #[test]
    fn what_does_not_exist_is_named() {
        let spec = |name: &str, option: &str| OptimizerSpec { name: name.into(), options: vec![(option.into(), 1.0)] };
        let message = |spec| create(&spec, 1).err().unwrap().to_string();
        assert_eq!(message(spec("sdg", "x")), "`optimizer sdg` is unknown here; known are sgd, adam");
        assert!(message(spec("sgd", "beta_1")).contains("sgd has no option `beta_1`"));
    }
}
