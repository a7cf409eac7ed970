//! Optimizers: one pass over all trainable weights after each batch.

mod clip;
mod lanes;
mod rules;

use crate::cpu::Pool;
use clip::Clip;
use engine_api::{Error, OptimizerSpec};
use std::ops::Range;

/// A rule by which weights follow their gradients.
trait Rule: Send {
    /// Gets ready for so many weights, after all options have been set.
    fn begin(&mut self, len: usize);

    /// Makes one step: `values` and `gradients` have the same layout.
    fn step(&mut self, rate: f32, values: &mut [f32], gradients: &[f32], pool: &Pool);

    /// The option of this name, if the rule has it.
    fn option(&mut self, option: &str) -> Option<&mut f32>;

    /// Whether a step is nothing but adding the scaled gradient.
    fn is_plain(&self) -> bool;
}

/// An optimizer at work: its rule, and what all rules have in common.
pub struct Optimizer {
    name: String,
    rule: Box<dyn Rule>,
    learning_rate: f32,
    weight_decay: f32,
    clip: Clip,
    /// Where each variable lies among the weights.
    variables: Vec<Range<usize>>,
}

const KNOWN: &[&str] = &["sgd", "rmsprop", "adam", "adamw", "adamax", "nadam", "adagrad", "adadelta", "lion", "ftrl"];

impl Optimizer {
    /// The optimizer of this name, for `len` weights, in which the variables have these places.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a name or an option that does not exist.
    pub fn new(spec: &OptimizerSpec, len: usize, variables: Vec<Range<usize>>) -> Result<Self, Error> {
        let option =
            |name: &str| spec.options.iter().find(|(option, _)| option == name).map_or(0.0, |&(_, value)| value);
        let rule: Box<dyn Rule> = match spec.name.as_str() {
            "sgd" if option("momentum") == 0.0 => Box::new(rules::Plain::new()),
            "sgd" => Box::new(rules::Momentum::new()),
            "rmsprop" => Box::new(rules::RmsProp::new()),
            "adam" | "adamw" if option("amsgrad") != 0.0 => Box::new(rules::AmsGrad::new()),
            "adam" | "adamw" => Box::new(rules::Adam::new()),
            "adamax" => Box::new(rules::Adamax::new()),
            "nadam" => Box::new(rules::Nadam::new()),
            "adagrad" => Box::new(rules::Adagrad::new()),
            "adadelta" => Box::new(rules::Adadelta::new()),
            "lion" => Box::new(rules::Lion::new()),
            "ftrl" => Box::new(rules::Ftrl::new()),
            _ => {
                let known = KNOWN.iter().map(|name| (*name).into()).collect();
                return Err(Error::Unknown { name: format!("optimizer {}", spec.name), known });
            }
        };
        let learning_rate = if spec.name == "sgd" { 0.01 } else { 0.001 };
        let weight_decay = if spec.name == "adamw" { 0.004 } else { 0.0 };
        let name = spec.name.clone();
        let mut optimizer = Self { name, rule, learning_rate, weight_decay, clip: Clip::default(), variables };
        for (option, value) in &spec.options {
            // These have chosen the rule already.
            let chosen = matches!(option.as_str(), "momentum" | "nesterov" | "amsgrad") && spec.name != "rmsprop";
            if !optimizer.set(option, *value) && !chosen {
                return Err(optimizer.unknown_option(option));
            }
        }
        optimizer.rule.begin(len);
        Ok(optimizer)
    }

    /// The error for an option that it does not have.
    pub fn unknown_option(&self, option: &str) -> Error {
        Error::Internal(format!("optimizer {} has no option `{option}`", self.name))
    }

    /// Changes an option; says whether the optimizer has it.
    pub fn set(&mut self, option: &str, value: f64) -> bool {
        let place = match option {
            "learning_rate" => Some(&mut self.learning_rate),
            "weight_decay" => Some(&mut self.weight_decay),
            "clipnorm" => Some(&mut self.clip.norm),
            "global_clipnorm" => Some(&mut self.clip.global_norm),
            "clipvalue" => Some(&mut self.clip.value),
            _ => self.rule.option(option),
        };
        let found = place.is_some();
        place.into_iter().for_each(|place| *place = value as f32);
        found
    }

    /// Makes one step: clips the gradients, lets the weights decay, and follows the rule.
    pub fn step(&mut self, values: &mut [f32], gradients: &mut [f32], pool: &Pool) {
        if !self.clip.is_off() {
            self.clip.apply(gradients, &self.variables);
        }
        if self.weight_decay != 0.0 {
            let keep = 1.0 - self.weight_decay * self.learning_rate;
            values.iter_mut().for_each(|value| *value *= keep);
        }
        self.rule.step(self.learning_rate, values, gradients, pool);
    }

    /// The factor by which a plain step adds the gradient to the weights, or `None` when the step is
    /// more than that.
    pub fn plain_scale(&self) -> Option<f32> {
        let is_plain = self.rule.is_plain() && self.weight_decay == 0.0 && self.clip.is_off();
        is_plain.then_some(-self.learning_rate)
    }
}

#[cfg(test)]
mod tests {
    use super::Optimizer;
    use crate::cpu::Pool;
    use crate::ops::testing::assert_close;
    use engine_api::OptimizerSpec;

    /// Traces computed by Keras: optimizer, options, initial weights, gradients of each step, weights
    /// after each step, of two variables of four and two numbers.
    const TRACES: &str = include_str!("../../tests/data/optimizer_traces.txt");

    fn numbers(line: &str) -> Vec<f32> {
        line.split_whitespace().map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn traces_of_keras() {
        let pool = Pool::new(1);
        let mut names = std::collections::BTreeSet::new();
        for case in TRACES.split("case ").skip(1) {
            let mut lines = case.lines();
            let mut head = lines.next().unwrap().split_whitespace();
            let name = head.next().unwrap().to_string();
            let option = |text: &str| {
                let (name, value) = text.split_once('=').unwrap();
                (name.to_string(), value.parse().unwrap())
            };
            let spec = OptimizerSpec { name: name.clone(), options: head.map(option).collect() };
            let mut values = numbers(lines.next().unwrap());
            let mut optimizer = Optimizer::new(&spec, values.len(), vec![0..4, 4..6]).unwrap();
            while let Some(gradients) = lines.next() {
                optimizer.step(&mut values, &mut numbers(gradients), &pool);
                assert_close(&values, &numbers(lines.next().unwrap()), 1e-6);
            }
            names.insert(name);
        }
        assert_eq!(names.len(), super::KNOWN.len(), "{names:?}");
    }

    #[test]
    fn what_does_not_exist_is_named() {
        let spec = |name: &str, option: &str| OptimizerSpec { name: name.into(), options: vec![(option.into(), 1.0)] };
        let message = |spec| Optimizer::new(&spec, 1, Vec::new()).err().unwrap().to_string();
        let text = message(spec("sdg", "x"));
        assert!(text.starts_with("`optimizer sdg` is unknown here; known are sgd, rmsprop, adam"), "{text}");
        assert!(message(spec("sgd", "beta_1")).contains("sgd has no option `beta_1`"));
    }
}
