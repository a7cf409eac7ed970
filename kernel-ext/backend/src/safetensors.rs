//! Arrays in files of the safetensors format.
//!
//! What may not be in this file: what the arrays mean.

use crate::files::replace;
use engine_api::{Error, NamedArray, ReadArrays, WriteArrays};
use safetensors::tensor::{SafeTensors, TensorView};
use safetensors::{Dtype, serialize};
use std::collections::HashMap;
use std::fs;

/// The key under which the names stand in their order, one a line: the format itself sorts arrays.
const ORDER: &str = "order";

pub fn write(request: WriteArrays) -> Result<(), Error> {
    let outside = |message: String| Error::Outside { place: request.path.clone(), message };
    let bytes: Vec<Vec<u8>> = request.arrays.iter().map(bytes_of).collect();
    let mut views = HashMap::new();
    for (array, bytes) in request.arrays.iter().zip(&bytes) {
        let view = TensorView::new(Dtype::F32, array.shape.clone(), bytes);
        let view = view.map_err(|error| outside(format!("`{}` cannot be written ({error})", array.name)))?;
        if views.insert(array.name.as_str(), view).is_some() {
            return Err(outside(format!("two arrays have the name `{}`", array.name)));
        }
    }
    let names: Vec<&str> = request.arrays.iter().map(|array| array.name.as_str()).collect();
    let metadata = HashMap::from([(ORDER.to_string(), names.join("\n"))]);
    let content = serialize(views, Some(metadata)).map_err(|error| outside(format!("cannot be written ({error})")))?;
    replace(&request.path, &content).map_err(|error| outside(format!("cannot be written ({error})")))
}

fn bytes_of(array: &NamedArray) -> Vec<u8> {
    array.values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Reads a file.
pub fn read(request: ReadArrays) -> Result<Vec<NamedArray>, Error> {
    let outside = |message: String| Error::Outside { place: request.path.clone(), message };
    let content = fs::read(&request.path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => outside("there is no such file".into()),
        _ => outside(format!("cannot be read ({error})")),
    })?;
    let damaged = |error| outside(format!("not a safetensors file, or a damaged one ({error})"));
    let (_, header) = SafeTensors::read_metadata(&content).map_err(damaged)?;
    let tensors = SafeTensors::deserialize(&content).map_err(damaged)?;
    let order = header.metadata().as_ref().and_then(|metadata| metadata.get(ORDER)).cloned();
    let mut names: Vec<&str> = match &order {
        Some(order) => order.lines().collect(),
        None => tensors.names().into_iter().collect(),
    };
    if order.is_none() {
        names.sort_unstable();
    }
    let array = |name: &str| {
        let view = tensors.tensor(name).map_err(damaged)?;
        if view.dtype() != Dtype::F32 {
            return Err(outside(format!("`{name}` holds numbers of type {:?}, expected F32", view.dtype())));
        }
        let values =
            view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        Ok(NamedArray { name: name.into(), shape: view.shape().to_vec(), values: values.collect() })
    };
    names.into_iter().map(array).collect()
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use engine_api::{NamedArray, ReadArrays, WriteArrays};
    use std::fs;

    fn arrays() -> Vec<NamedArray> {
        let array = |name: &str, shape: &[usize], values: &[f32]| NamedArray {
            name: name.into(),
            shape: shape.to_vec(),
            values: values.to_vec(),
        };
        vec![array("z/kernel", &[2, 3], &[1.0, -2.0, 3.5, 0.0, f32::MIN_POSITIVE, 6.0]), array("a/bias", &[], &[7.0])]
    }

    #[test]
    fn what_is_written_is_read_in_the_same_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/w.safetensors").to_str().unwrap().to_string();
        for _ in 0..2 {
            write(WriteArrays { path: path.clone(), arrays: arrays() }).unwrap();
        }
        assert_eq!(read(ReadArrays { path: path.clone() }), Ok(arrays()));
        assert_eq!(fs::read_dir(folder.path().join("new/folder")).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_cannot_be_used_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w").to_str().unwrap().to_string();
        let error = || read(ReadArrays { path: path.clone() }).unwrap_err().to_string().replace(&path, "w");
        assert_eq!(error(), "w: there is no such file");
        write(WriteArrays { path: path.clone(), arrays: arrays() }).unwrap();
        let whole = fs::read(&path).unwrap();
        for content in [&whole[..whole.len() - 5], b"text", b""] {
            fs::write(&path, content).unwrap();
            assert!(error().starts_with("w: not a safetensors file, or a damaged one ("), "{}", error());
        }
        let twice = vec![arrays().remove(0); 2];
        let error = write(WriteArrays { path: path.clone(), arrays: twice }).unwrap_err().to_string();
        assert!(error.ends_with("two arrays have the name `z/kernel`"), "{error}");
    }
}
