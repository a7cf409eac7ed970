//! Optimizers and schedules.

use super::Config;
use course::prelude::*;
use serde_json::Value;

/// The optimizer of this class, with its options.
pub fn optimizer(class_name: &str, config: &Value) -> Result<Optimizer, String> {
    let known = |error: course::Error| format!("missing: {error}");
    let mut optimizer: Optimizer = class_name.parse().map_err(known)?;
    for (name, value) in config.as_object().into_iter().flatten() {
        if name == "learning_rate" && value.is_object() {
            optimizer =
                optimizer.scheduled(schedule(value["class_name"].as_str().unwrap_or_default(), &value["config"])?);
            continue;
        }
        let value = match value {
            Value::Bool(value) => f64::from(*value),
            Value::Number(value) => value.as_f64().unwrap_or(f64::NAN),
            _ => continue,
        };
        // What concerns the precision of other types and averaging of weights is off in all cases.
        let elsewhere = ["loss_scale_factor", "gradient_accumulation_steps", "use_ema", "ema_momentum"];
        if !elsewhere.contains(&name.as_str()) {
            optimizer = optimizer.with(name, value).map_err(known)?;
        }
    }
    Ok(optimizer)
}

/// The schedule of this class.
pub fn schedule(class_name: &str, config: &Value) -> Result<Schedule, String> {
    let config = Config(config);
    let number = |key: &str| config.number(key);
    let numbers = |key: &str| config.0[key].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let initial_learning_rate = number("initial_learning_rate");
    let (decay_steps, decay_rate, alpha) = (number("decay_steps"), number("decay_rate"), number("alpha"));
    let staircase = config.flag("staircase");
    Ok(match class_name {
        "ExponentialDecay" => Schedule::ExponentialDecay { initial_learning_rate, decay_steps, decay_rate, staircase },
        "InverseTimeDecay" => Schedule::InverseTimeDecay { initial_learning_rate, decay_steps, decay_rate, staircase },
        "PolynomialDecay" => Schedule::PolynomialDecay {
            initial_learning_rate,
            decay_steps,
            end_learning_rate: number("end_learning_rate"),
            power: number("power"),
            cycle: config.flag("cycle"),
        },
        "PiecewiseConstantDecay" => {
            Schedule::PiecewiseConstantDecay { boundaries: numbers("boundaries"), values: numbers("values") }
        }
        "CosineDecay" => Schedule::CosineDecay {
            initial_learning_rate,
            decay_steps,
            alpha,
            warmup_target: config.0["warmup_target"].as_f64(),
            warmup_steps: number("warmup_steps"),
        },
        "CosineDecayRestarts" => Schedule::CosineDecayRestarts {
            initial_learning_rate,
            first_decay_steps: number("first_decay_steps"),
            t_mul: number("t_mul"),
            m_mul: number("m_mul"),
            alpha,
        },
        _ => return Err(format!("missing: there is no schedule {class_name} yet")),
    })
}
