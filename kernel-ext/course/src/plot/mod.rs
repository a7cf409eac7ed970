//! Pictures, with matplotlib's habits; they are drawn behind the waist.

mod confusion;
mod curves;
mod figure;
mod images;

pub use confusion::{ConfusionMatrix, confusion_matrix};
pub use figure::Figure;
pub use images::show_images;
