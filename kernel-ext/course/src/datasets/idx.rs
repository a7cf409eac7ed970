//! Files in the idx format: images and labels of MNIST and of sets made after it.

use super::load;
use crate::{Error, Result};
use ndarray::{Array1, Array3};
use std::path::Path;

/// Grey images, (images, rows, columns), from a file that must have this hash after unpacking; any hash when it is
/// empty.
pub fn images(path: &Path, sha256: &str) -> Result<Array3<u8>> {
    let ([count, rows, columns], pixels) = read(path, sha256)?;
    Array3::from_shape_vec((count, rows, columns), pixels).map_err(|error| broken(path, &error.to_string()))
}

/// Labels, (images,), likewise.
pub fn labels(path: &Path, sha256: &str) -> Result<Array1<u8>> {
    let ([count], labels) = read(path, sha256)?;
    Array1::from_shape_vec(count, labels).map_err(|error| broken(path, &error.to_string()))
}

/// Takes a file apart: two zero bytes, the type, the number of axes, the sizes as big-endian words, the bytes.
fn read<const AXES: usize>(path: &Path, sha256: &str) -> Result<([usize; AXES], Vec<u8>)> {
    let mut bytes = load(path, sha256)?;
    let header = 4 + 4 * AXES;
    if bytes.len() < header || bytes[..4] != [0, 0, 8, AXES as u8] {
        return Err(broken(path, "it is not an idx file of bytes with that many axes"));
    }
    let size = |axis: usize| {
        let word = &bytes[4 + 4 * axis..8 + 4 * axis];
        word.iter().fold(0, |size, &byte| size << 8 | usize::from(byte))
    };
    let sizes = std::array::from_fn(size);
    bytes.drain(..header);
    Ok((sizes, bytes))
}

fn broken(path: &Path, message: &str) -> Error {
    let place = path.display().to_string();
    Error::Backend(engine_api::Error::Outside { place, message: message.into() })
}
