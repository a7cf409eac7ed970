//! Pictures, with matplotlib's habits; they are drawn behind the waist.

mod curves;
mod figure;
mod images;

pub use figure::Figure;
pub use images::show_images;
