//! The value of a cell shows itself.

use super::Bundle;
use super::live::result;
use std::any::Any;
use std::fmt::Debug;

/// A value that knows how it looks.
pub trait Show {
    /// The value in every form that it has.
    fn bundle(&self) -> Bundle;
}

impl Show for Bundle {
    fn bundle(&self) -> Bundle {
        self.clone()
    }
}

/// Gives `evcxr_display` to every value that can be printed with `{:?}`.
///
/// For the last expression of a cell, evcxr first compiles a call of this method and, when that
/// fails, compiles the cell once more with `{:?}`. With this trait the first attempt succeeds.
/// Types with a picture have a method of their own of the same name, which Rust prefers.
pub trait EvcxrDisplay {
    /// Shows the value as that of the cell.
    fn evcxr_display(&self);
}

impl<T: Debug + 'static> EvcxrDisplay for T {
    fn evcxr_display(&self) {
        show_debug(self, self, std::any::type_name::<T>());
    }
}

/// The one copy of what the method does, so that cells compile little.
fn show_debug(value: &dyn Any, debug: &dyn Debug, type_name: &str) {
    if value.is::<()>() {
        return;
    }
    let mut text = format!("{debug:?}");
    if type_name.starts_with("ndarray::")
        && let Some(end) = text.rfind(", strides=")
    {
        // Numbers and shape are what a learner looks for; how they lie in memory is not.
        text.truncate(end);
    }
    result(&Bundle::text(text));
}

/// Shows a value of this crate as that of the cell.
pub(crate) fn show(value: &dyn Show) {
    result(&value.bundle());
}

/// Gives types that know how they look the method that evcxr calls.
macro_rules! shows_itself {
    ($($type:ty),*) => {$(
        impl $type {
            /// Shows the value as that of a cell.
            pub fn evcxr_display(&self) {
                $crate::display::show(self);
            }
        }
    )*};
}
pub(crate) use shows_itself;
