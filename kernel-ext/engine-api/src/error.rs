//! What can go wrong behind the waist.

use std::fmt;

/// An error of the backend; its text says what was wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// Shapes that do not fit together.
    Shape {
        /// The op or layer whose rule was broken.
        place: String,
        /// What was expected and what was received.
        message: String,
        /// The likely mend.
        hint: String,
    },
    /// An op, optimizer or call that this backend does not have.
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is instead.
        known: Vec<String>,
    },
    /// Something outside: a file, a hash, a device.
    Outside {
        /// The file or device.
        place: String,
        /// What happened to it.
        message: String,
    },
    /// The two sides of the waist were built from different sources.
    BuildMismatch {
        /// This side's build.
        here: String,
        /// The backend's build.
        there: String,
    },
    /// A handle that names nothing, a request cut short, a panic behind the waist.
    Internal(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { place, message, hint } if hint.is_empty() => write!(f, "{place}: {message}"),
            Self::Shape { place, message, hint } => write!(f, "{place}: {message}\n  hint: {hint}"),
            Self::Unknown { name, known } => write!(f, "`{name}` is unknown here; known are {}", known.join(", ")),
            Self::Outside { place, message } => write!(f, "{place}: {message}"),
            Self::BuildMismatch { here, there } => write!(
                f,
                "the course crate (build {here}) and its backend (build {there}) were built from different sources\n  \
                 hint: run `cargo lab` again, which builds both, and restart the kernel"
            ),
            Self::Internal(message) => write!(f, "internal error: {message}"),
        }
    }
}

impl std::error::Error for Error {}
