//! Arrays as JSON objects with `shape` and `data`.

use course::prelude::*;
use serde_json::{Value, json};

/// Reads an array.
pub fn read(value: &Value) -> Result<ArrayD<f32>, String> {
    let list = |key: &str| value[key].as_array().ok_or_else(|| format!("an array without `{key}`"));
    let shape: Vec<usize> = list("shape")?.iter().map(|size| size.as_u64().unwrap_or(0) as usize).collect();
    let data: Vec<f32> = list("data")?.iter().map(|number| number.as_f64().unwrap_or(f64::NAN) as f32).collect();
    ArrayD::from_shape_vec(shape, data).map_err(|error| error.to_string())
}

/// The same numbers in another shape.
pub fn shaped(array: ArrayD<f32>, shape: &[usize]) -> Result<ArrayD<f32>, String> {
    array.as_standard_layout().into_owned().into_shape_with_order(shape).map_err(|error| error.to_string())
}

/// Reads a list of arrays.
pub fn read_all(value: &Value) -> Result<Vec<ArrayD<f32>>, String> {
    value.as_array().ok_or("a list of arrays is missing")?.iter().map(read).collect()
}

/// Reads an array, or a list of them.
pub fn read_some(value: &Value) -> Result<Vec<ArrayD<f32>>, String> {
    if value.is_array() { read_all(value) } else { Ok(vec![read(value)?]) }
}

/// Writes an array.
pub fn write(array: &ArrayD<f32>) -> Value {
    let data: Vec<f64> = array.iter().map(|&number| f64::from(number)).collect();
    json!({ "shape": array.shape(), "data": data })
}

/// Writes a list of arrays.
pub fn write_all<'a>(arrays: impl IntoIterator<Item = &'a ArrayD<f32>>) -> Value {
    arrays.into_iter().map(write).collect()
}
