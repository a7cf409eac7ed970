//! Pieces of clothing: Fashion-MNIST.

use super::mnist::Mnist;
use super::{get_file, idx};
use crate::Result;

/// What the labels 0 to 9 stand for.
pub const CLASS_NAMES: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/// Where the four files lie.
const ORIGIN: &str = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/";

const TRAIN_IMAGES: (&str, &str) =
    ("train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84");
const TRAIN_LABELS: (&str, &str) =
    ("train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845");
const TEST_IMAGES: (&str, &str) =
    ("t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073");
const TEST_LABELS: (&str, &str) =
    ("t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5");

/// Loads Fashion-MNIST: 60000 training and 10000 test images of clothing, in the form of
/// [`mnist`](super::mnist), but harder. [`CLASS_NAMES`] says what the labels mean.
///
/// The first call brings 31 MB from the network, as [`get_file`] does; later ones find them there.
///
/// # Shapes
/// ((60000, 28, 28), (60000,)), ((10000, 28, 28), (10000,)), all `u8`
///
/// # Errors
/// When the files cannot be brought, or are not the original ones; the message says where they may be put by hand.
///
/// Sources: Xiao, Rasul and Vollgraf, 2017; `keras/src/datasets/fashion_mnist.py`.
///
/// ```no_run
/// use course::prelude::*;
/// let ((x_train, y_train), _) = fashion_mnist::load_data()?;
/// println!("{}", fashion_mnist::CLASS_NAMES[y_train[0] as usize]);
/// # Ok::<(), course::Error>(())
/// ```
pub fn load_data() -> Result<Mnist> {
    let bring = |(name, sha256)| get_file(&format!("fashion-mnist/{name}"), &format!("{ORIGIN}{name}"), sha256);
    // All are checked when they are brought; nothing is loaded before all are there.
    let [train_images, train_labels, test_images, test_labels] =
        [bring(TRAIN_IMAGES)?, bring(TRAIN_LABELS)?, bring(TEST_IMAGES)?, bring(TEST_LABELS)?];
    let train = (idx::images(&train_images, "")?, idx::labels(&train_labels, "")?);
    Ok((train, (idx::images(&test_images, "")?, idx::labels(&test_labels, "")?)))
}
