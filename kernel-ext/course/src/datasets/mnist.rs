//! Handwritten digits: MNIST.

use super::{folder, idx};
use crate::Result;
use ndarray::{Array1, Array3};
use std::path::Path;

/// Images and labels for training, and others for testing.
pub type Mnist = ((Array3<u8>, Array1<u8>), (Array3<u8>, Array1<u8>));

/// One of the four files with the SHA-256 of its unpacked bytes.
type File = (&'static str, &'static str);

const TRAIN_IMAGES: File =
    ("train-images-idx3-ubyte.gz", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");
const TRAIN_LABELS: File =
    ("train-labels-idx1-ubyte.gz", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5");
const TEST_IMAGES: File =
    ("t10k-images-idx3-ubyte.gz", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7");
const TEST_LABELS: File =
    ("t10k-labels-idx1-ubyte.gz", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

/// Loads MNIST: 60000 training and 10000 test images of handwritten digits, 28 x 28 pixels from
/// 0 (paper) to 255 (ink), each with its digit.
///
/// # Shapes
/// ((60000, 28, 28), (60000,)), ((10000, 28, 28), (10000,)), all `u8`
///
/// # Errors
/// When a file cannot be read or is not the original one; the message names both hashes. Nothing is
/// half loaded.
///
/// Source: LeCun, Cortes and Burges; see `datasets/README.md`.
///
/// ```
/// use course::prelude::*;
/// let ((x_train, y_train), (x_test, y_test)) = mnist::load_data()?;
/// assert_eq!((x_train.shape(), y_train.shape()), ([60000, 28, 28].as_slice(), [60000].as_slice()));
/// assert_eq!((x_test.shape(), y_test.shape()), ([10000, 28, 28].as_slice(), [10000].as_slice()));
/// assert_eq!(y_train.slice(s![..5]), array![5, 0, 4, 1, 9]);
/// # Ok::<(), course::Error>(())
/// ```
pub fn load_data() -> Result<Mnist> {
    load_data_from(folder().join("mnist"))
}

/// As [`load_data`], from another folder with the four files.
///
/// # Errors
/// As [`load_data`].
pub fn load_data_from(folder: impl AsRef<Path>) -> Result<Mnist> {
    let images = |(name, sha256): File| idx::images(&folder.as_ref().join(name), sha256);
    let labels = |(name, sha256): File| idx::labels(&folder.as_ref().join(name), sha256);
    let train = (images(TRAIN_IMAGES)?, labels(TRAIN_LABELS)?);
    Ok((train, (images(TEST_IMAGES)?, labels(TEST_LABELS)?)))
}
