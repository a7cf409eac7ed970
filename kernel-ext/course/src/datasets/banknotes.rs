//! Genuine and forged banknotes.

use super::{Csv, DataFrame, folder};
use crate::Result;

/// Loads six lengths, in millimetres, of 100 genuine and 100 forged Swiss notes of 1000 francs.
///
/// The columns: `Status` (`genuine` or `counterfeit`); `Length`, `Left` and `Right` (the note's sides), `Bottom` and
/// `Top` (the margins), `Diagonal` (of the printed picture).
///
/// # Errors
/// When the file cannot be read or is not the original one.
///
/// Source: Flury and Riedwyl, *Multivariate Statistics*, 1988; see `datasets/README.md`.
///
/// ```
/// use course::prelude::*;
/// let notes = banknotes::load_data()?;
/// let (y, names) = notes.classes("Status");
/// assert_eq!((notes.rows(), y.sum(), names), (200, 100, vec!["counterfeit".to_string(), "genuine".to_string()]));
/// assert_eq!(notes.column("Diagonal")[0], 141.0);
/// # Ok::<(), course::Error>(())
/// ```
pub fn load_data() -> Result<DataFrame> {
    let sha256 = "2be7a21a189aa886acf9aa598efe9fe61291466c780a92b20c562a3b72b97e45";
    Csv::new(folder().join("swiss_banknotes.csv")).sha256(sha256).read()
}
