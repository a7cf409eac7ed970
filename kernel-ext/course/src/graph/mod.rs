//! Computations without layers: placeholders, variables, operators, and what they make of numbers.
//!
//! ```
//! use course::prelude::*;
//! clear_session();
//! let (x, y) = (placeholder([2, 2]), placeholder([2, 2]));
//! let z = &x + &y;
//! assert_eq!(z.to_string(), "Tensor(\"add:0\", shape=(2, 2), dtype=float32)");
//! let ones = array![[1.0, 1.0], [1.0, 1.0]];
//! assert_eq!(z.eval(&[(&x, &ones), (&y, &array![[1.0, 2.0], [3.0, 4.0]])])[[1, 1]], 5.0);
//! ```
//!
//! Names are those of TensorFlow 1: `Placeholder`, `add`, `add_1`, ...; [`clear_session`](crate::prelude::clear_session)
//! begins them anew.

mod definition;
mod evaluation;
mod functions;
mod operators;
mod sources;

pub use definition::GraphDef;
pub use sources::{PlaceholderShape, placeholder, variable};

use crate::error::expect_good;
use crate::{Result, Tensor, names};

/// The tensor that an op of the user's makes, under the next free name.
#[track_caller]
fn named(name: &str, make: impl FnOnce(&str) -> Result<Tensor>) -> Tensor {
    expect_good(make(&names::next_node(name))).into_node()
}
