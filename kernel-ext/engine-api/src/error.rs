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
    /// A number that is not finite, where `detect_anomaly` was asked for.
    NotFinite {
        /// For whom it was computed.
        place: String,
        /// Which op gave it, and from what.
        message: String,
    },
    /// A computation that needs more memory than there is.
    Memory {
        /// What needs it.
        place: String,
        /// How many bytes.
        needed: u64,
        /// How many are there, if that is known.
        available: Option<u64>,
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
            Self::NotFinite { place, message } => write!(
                f,
                "{place}: {message}\n  hint: look for a logarithm or a division of 0, and try a smaller learning rate"
            ),
            Self::Memory { place, needed, available } => {
                write!(f, "{place}: this needs {needed} bytes of memory")?;
                if let Some(available) = available {
                    write!(f, ", and {available} are available")?;
                }
                f.write_str("\n  hint: a smaller `batch_size` or smaller layers need less")
            }
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
