//! How values show themselves: in the notebook of `worksheets kernel`, on stock evcxr, as text.
//!
//! What may not be in this folder: what a particular value looks like.

mod bundle;
mod channel;
mod comm;
mod input;
mod live;
mod value;

pub use bundle::Bundle;
pub use comm::{Comm, register_comm_target};
pub use input::{input, input_password, try_input};
pub use live::{LiveDisplay, clear_output, display};
pub use value::{EvcxrDisplay, Show};

pub(crate) use channel::{Front, check_interrupt, front};
pub(crate) use value::{show, shows_itself};
