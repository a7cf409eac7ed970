//! Genuine and forged banknotes, photographed.

use super::{Csv, DataFrame, get_file};
use crate::Result;

const NAME: &str = "data_banknote_authentication.txt";
const SHA256: &str = "d0539aaed2139ba7a587b3e34fb345ce503ff7d5d33dbf9912d8e195ce425cb9";

/// Loads what wavelets see on photographs of 1372 banknotes, of which 610 are forged.
///
/// The columns: `variance`, `skewness` and `curtosis` of the wavelet-transformed image, `entropy` of the image, and
/// `class`, which is 1 for a forged note. The first call brings 46 kB from the network, as [`get_file`] does.
///
/// # Errors
/// When the file cannot be brought, or is not the original one; the message says where it may be put by hand.
///
/// Source: Lohweg, *Banknote Authentication*, UCI Machine Learning Repository, 2012, CC BY 4.0.
///
/// ```no_run
/// use course::prelude::*;
/// let notes = banknote_authentication::load_data()?;
/// let (x, y) = (notes.select(&["skewness", "entropy"]), notes.column("class"));
/// assert_eq!((x.dim(), y.sum()), ((1372, 2), 610.0));
/// # Ok::<(), course::Error>(())
/// ```
pub fn load_data() -> Result<DataFrame> {
    let folder = "https://archive.ics.uci.edu/ml/machine-learning-databases/00267";
    let path = get_file(NAME, &format!("{folder}/{NAME}"), SHA256)?;
    Csv::new(path).names(&["variance", "skewness", "curtosis", "entropy", "class"]).read()
}
