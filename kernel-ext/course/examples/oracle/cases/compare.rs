//! Whether what was computed is what was expected.

use serde_json::{Map, Value};

/// The largest distance of a computed number from the expected one, relative to expected numbers
/// above 1.
pub fn largest_error(computed: &Map<String, Value>, case: &Value) -> Result<f64, String> {
    let errors = computed.iter().map(|(key, value)| {
        let expected = case.get(key).ok_or_else(|| format!("the case says nothing about {key}"))?;
        error(value, expected).map_err(|problem| format!("{key}: {problem}"))
    });
    errors.collect::<Result<Vec<f64>, String>>().map(|errors| errors.into_iter().fold(0.0, larger))
}

/// The larger one; a number that is none counts as the largest.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

fn error(computed: &Value, expected: &Value) -> Result<f64, String> {
    match (computed, expected) {
        (Value::Null, Value::Null) => Ok(0.0),
        (Value::Number(computed), Value::Number(expected)) => {
            let (computed, expected) = (computed.as_f64().unwrap_or(f64::NAN), expected.as_f64().unwrap_or(f64::NAN));
            Ok((computed - expected).abs() / expected.abs().max(1.0))
        }
        (Value::Array(computed), Value::Array(expected)) => {
            if computed.len() != expected.len() {
                return Err(format!("{} values in place of {}", computed.len(), expected.len()));
            }
            let errors = computed.iter().zip(expected).map(|(computed, expected)| error(computed, expected));
            errors.collect::<Result<Vec<f64>, String>>().map(|errors| errors.into_iter().fold(0.0, larger))
        }
        (Value::Object(computed), Value::Object(expected)) => {
            let shapes = (computed.get("shape"), expected.get("shape"));
            if shapes.0 != shapes.1 {
                return Err(format!("shape {:?} in place of {:?}", shapes.0, shapes.1));
            }
            let mut worst = 0.0;
            for (key, value) in computed.iter().filter(|(key, _)| *key != "shape" && *key != "name") {
                worst = larger(worst, error(value, expected.get(key).unwrap_or(&Value::Null))?);
            }
            Ok(worst)
        }
        _ => Err("it has another form than expected".into()),
    }
}
