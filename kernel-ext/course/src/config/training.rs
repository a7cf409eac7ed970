//! Optimizers and schedules as data.

use super::value::object;
use super::{Config, ConfigValue, CustomObjects};
use crate::error::Result;
use crate::optimizers::{Optimizer, Schedule};
use engine_api::Json;

/// Options that are on or off.
const SWITCHES: [&str; 3] = ["nesterov", "amsgrad", "centered"];

impl Optimizer {
    /// The options of the optimizer.
    ///
    /// ```
    /// use course::prelude::*;
    /// let sgd = Optimizer::from(Sgd::new(0.1).momentum(0.9).nesterov(true));
    /// let config = sgd.get_config();
    /// assert_eq!((&config["learning_rate"], &config["nesterov"]), (&0.1.into(), &true.into()));
    /// assert_eq!(Optimizer::from_config(&config)?, sgd);
    /// # Ok::<(), course::Error>(())
    /// ```
    ///
    /// Source: `get_config` of `keras/src/optimizers/base_optimizer.py`.
    pub fn get_config(&self) -> Config {
        let config = Config::new(self.class_name()).with("name", self.class_name().to_lowercase());
        self.options().fold(config, |config, (option, value)| match self.schedule() {
            Some(schedule) if option == "learning_rate" => config.with(option, schedule.to_json()),
            _ if SWITCHES.contains(&option) => config.with(option, value != 0.0),
            _ => config.with(option, value),
        })
    }

    /// An optimizer with these options; those that are missing have their defaults.
    ///
    /// # Errors
    /// [`Error::Name`](crate::Error::Name) when there is no optimizer of the class or no such option, [`Error::Value`](crate::Error::Value) when an option
    /// cannot be used.
    pub fn from_config(config: &Config) -> Result<Self> {
        let mut optimizer: Self = config.class_name().parse()?;
        // Averages of weights are off, which is found out below; how fast they would follow does not matter.
        let elsewhere = ["name", "ema_momentum"];
        for (option, value) in config.to_json().as_object().iter().filter(|(option, _)| !elsewhere.contains(&&**option))
        {
            if option == "learning_rate" && !value.as_object().is_empty() {
                optimizer = optimizer.scheduled(config.get(option)?);
            } else if let Some(number) = value.as_f64().or(value.as_bool().map(f64::from))
                && (number != 0.0 || optimizer.option(option).is_some())
            {
                optimizer = optimizer.with(option, number)?;
            } else if !(value.is_null() || value.as_f64() == Some(0.0) || value.as_bool() == Some(false)) {
                return Err(config.cannot_be(option, "a number, true or false", value));
            }
        }
        Ok(optimizer)
    }
}

impl ConfigValue for Schedule {
    const EXPECTED: &'static str = "a learning rate schedule of Keras, such as ExponentialDecay";

    fn to_json(&self) -> Json {
        let (class_name, options): (&str, Vec<(&str, Json)>) = match self.clone() {
            Self::ExponentialDecay { initial_learning_rate, decay_steps, decay_rate, staircase } => {
                ("ExponentialDecay", decay(initial_learning_rate, decay_steps, decay_rate, staircase))
            }
            Self::InverseTimeDecay { initial_learning_rate, decay_steps, decay_rate, staircase } => {
                ("InverseTimeDecay", decay(initial_learning_rate, decay_steps, decay_rate, staircase))
            }
            Self::PolynomialDecay { initial_learning_rate, decay_steps, end_learning_rate, power, cycle } => (
                "PolynomialDecay",
                vec![
                    ("initial_learning_rate", initial_learning_rate.into()),
                    ("decay_steps", decay_steps.into()),
                    ("end_learning_rate", end_learning_rate.into()),
                    ("power", power.into()),
                    ("cycle", cycle.into()),
                ],
            ),
            Self::PiecewiseConstantDecay { boundaries, values } => {
                ("PiecewiseConstantDecay", vec![("boundaries", boundaries.into()), ("values", values.into())])
            }
            Self::CosineDecay { initial_learning_rate, decay_steps, alpha, warmup_target, warmup_steps } => (
                "CosineDecay",
                vec![
                    ("initial_learning_rate", initial_learning_rate.into()),
                    ("decay_steps", decay_steps.into()),
                    ("alpha", alpha.into()),
                    ("warmup_target", warmup_target.into()),
                    ("warmup_steps", warmup_steps.into()),
                ],
            ),
            Self::CosineDecayRestarts { initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha } => (
                "CosineDecayRestarts",
                vec![
                    ("initial_learning_rate", initial_learning_rate.into()),
                    ("first_decay_steps", first_decay_steps.into()),
                    ("t_mul", t_mul.into()),
                    ("m_mul", m_mul.into()),
                    ("alpha", alpha.into()),
                ],
            ),
        };
        object("keras.optimizers.schedules", class_name, Json::object(options))
    }

    fn from_json(json: &Json) -> Option<Self> {
        let class_name = json["class_name"].as_str()?;
        let config = Config::of(class_name, &json["config"], &CustomObjects::default());
        schedule(&config).ok().flatten()
    }
}

/// The options of the two decays that differ in their formula only.
fn decay(initial_learning_rate: f64, decay_steps: f64, decay_rate: f64, staircase: bool) -> Vec<(&'static str, Json)> {
    vec![
        ("initial_learning_rate", initial_learning_rate.into()),
        ("decay_steps", decay_steps.into()),
        ("decay_rate", decay_rate.into()),
        ("staircase", staircase.into()),
    ]
}

/// The schedule of a config; nothing when there is none of its class.
fn schedule(config: &Config) -> Result<Option<Schedule>> {
    let number = |option: &str| config.get::<f64>(option);
    let or = |option: &str, usual: f64| config.find::<f64>(option).map(|value| value.unwrap_or(usual));
    let flag = |option: &str| config.find::<bool>(option).map(Option::unwrap_or_default);
    Ok(Some(match config.class_name() {
        "ExponentialDecay" => Schedule::ExponentialDecay {
            initial_learning_rate: number("initial_learning_rate")?,
            decay_steps: number("decay_steps")?,
            decay_rate: number("decay_rate")?,
            staircase: flag("staircase")?,
        },
        "InverseTimeDecay" => Schedule::InverseTimeDecay {
            initial_learning_rate: number("initial_learning_rate")?,
            decay_steps: number("decay_steps")?,
            decay_rate: number("decay_rate")?,
            staircase: flag("staircase")?,
        },
        "PolynomialDecay" => Schedule::PolynomialDecay {
            initial_learning_rate: number("initial_learning_rate")?,
            decay_steps: number("decay_steps")?,
            end_learning_rate: or("end_learning_rate", 0.0001)?,
            power: or("power", 1.0)?,
            cycle: flag("cycle")?,
        },
        "PiecewiseConstantDecay" => {
            Schedule::PiecewiseConstantDecay { boundaries: config.get("boundaries")?, values: config.get("values")? }
        }
        "CosineDecay" => Schedule::CosineDecay {
            initial_learning_rate: number("initial_learning_rate")?,
            decay_steps: number("decay_steps")?,
            alpha: or("alpha", 0.0)?,
            warmup_target: config.find("warmup_target")?,
            warmup_steps: or("warmup_steps", 0.0)?,
        },
        "CosineDecayRestarts" => Schedule::CosineDecayRestarts {
            initial_learning_rate: number("initial_learning_rate")?,
            first_decay_steps: number("first_decay_steps")?,
            t_mul: or("t_mul", 2.0)?,
            m_mul: or("m_mul", 1.0)?,
            alpha: or("alpha", 0.0)?,
        },
        _ => return Ok(None),
    }))
}
