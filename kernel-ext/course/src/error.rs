//! What can go wrong in this crate, and how it is said.

use std::fmt;

/// An error; its text says what was wrong and where, what was expected and received, and the
/// likely mend.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// Shapes that do not fit together.
    Shape(Box<Report>),
    /// A name that means nothing here.
    Name {
        /// What should have been named, such as `activation function`.
        kind: &'static str,
        /// What was given.
        given: String,
        /// What there is.
        known: Vec<String>,
    },
    /// An argument outside its range.
    Value(Box<Report>),
    /// Calls in the wrong order, such as `fit` before `compile`.
    Order(Box<Report>),
    /// Numbers that cannot be used, such as NaN.
    Data(Box<Report>),
    /// The user asked to stop.
    Interrupted {
        /// What was going on.
        during: String,
    },
    /// A file, a device, or the backend itself.
    Backend(engine_api::Error),
}

impl Error {
    pub(crate) fn shape(report: Report) -> Self {
        Self::Shape(Box::new(report))
    }

    pub(crate) fn value(report: Report) -> Self {
        Self::Value(Box::new(report))
    }

    pub(crate) fn order(report: Report) -> Self {
        Self::Order(Box::new(report))
    }

    pub(crate) fn data(report: Report) -> Self {
        Self::Data(Box::new(report))
    }
}

/// The parts of a message; empty parts are left out of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Who complains: a layer and its place in the model, a function, a method.
    pub place: String,
    /// What is wrong, in a sentence.
    pub problem: String,
    /// What was expected.
    pub expected: String,
    /// What was received.
    pub received: String,
    /// The likely mend.
    pub hint: String,
}

impl Report {
    /// A report of `problem` at `place`.
    pub fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into(), ..Self::default() }
    }

    /// The same report with what was expected and what came.
    #[must_use]
    pub fn expected(mut self, expected: impl fmt::Display, received: impl fmt::Display) -> Self {
        self.expected = expected.to_string();
        self.received = received.to_string();
        self
    }

    /// The same report with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)?;
        for (name, text) in [("expected", &self.expected), ("received", &self.received), ("hint", &self.hint)] {
            if !text.is_empty() {
                write!(f, "\n  {name}: {text}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(report) | Self::Value(report) | Self::Order(report) | Self::Data(report) => report.fmt(f),
            Self::Name { kind, given, known } => {
                write!(f, "`{given}` is not the name of a known {kind}")?;
                write!(f, "\n  known: {}", listed(given, known))?;
                match nearest(given, known) {
                    Some(name) => write!(f, "\n  hint: did you mean \"{name}\"?"),
                    None => Ok(()),
                }
            }
            Self::Interrupted { during } => write!(f, "interrupted: {during}"),
            Self::Backend(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<engine_api::Error> for Error {
    fn from(error: engine_api::Error) -> Self {
        Self::Backend(error)
    }
}

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Turns an error of use into a panic that points at the caller's line.
#[track_caller]
pub(crate) fn expect_good<T>(result: Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// The known names; of many those that are most like the given one.
fn listed(given: &str, known: &[String]) -> String {
    /// So many are listed in full, and so many of more.
    const ALL: usize = 16;
    const NEAREST: usize = 8;
    if known.len() <= ALL {
        return known.join(", ");
    }
    let given = given.to_lowercase();
    let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
    names.sort_by_key(|name| unlikeness(&given, name));
    names.truncate(NEAREST);
    format!("{} and {} more", names.join(", "), known.len() - NEAREST)
}

/// The known name that takes the fewest changes of a letter, if it takes few; the first of equals.
fn nearest<'a>(given: &str, known: &'a [String]) -> Option<&'a str> {
    let given = given.to_lowercase();
    let allowed = (given.chars().count() / 3).max(2);
    let distances = known.iter().map(|name| (unlikeness(&given, name), name.as_str()));
    distances.min_by_key(|&(distance, _)| distance).filter(|(distance, _)| *distance <= allowed).map(|(_, name)| name)
}

/// How far a name is from what was given: by changes of a letter; a name of which a part was given is near.
fn unlikeness(given: &str, name: &str) -> usize {
    /// Shorter parts say nothing.
    const PART: usize = 3;
    if given.chars().count() >= PART && name.contains(given) { 1 } else { edit_distance(given, name) }
}

/// The least number of letters to insert, delete, replace or swap with their neighbour
/// (Damerau and Levenshtein, optimal string alignment).
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for row in 0..=a.len() {
        for column in 0..=b.len() {
            if row == 0 || column == 0 {
                table[row][column] = row + column;
                continue;
            }
            let replaced = table[row - 1][column - 1] + usize::from(a[row - 1] != b[column - 1]);
            let mut best = replaced.min(table[row - 1][column] + 1).min(table[row][column - 1] + 1);
            if row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1] {
                best = best.min(table[row - 2][column - 2] + 1);
            }
            table[row][column] = best;
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{edit_distance, nearest};

    #[test]
    fn distances_count_swapped_neighbours_once() {
        for (a, b, distance) in
            [("relu", "relu", 0), ("rleu", "relu", 1), ("adm", "adam", 1), ("", "abc", 3), ("softmax", "sigmoid", 6)]
        {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        let known = ["relu", "sigmoid", "softmax"].map(String::from);
        for (given, expected) in [("rleu", Some("relu")), ("Softmx", Some("softmax")), ("banana", None)] {
            assert_eq!(nearest(given, &known), expected, "{given}");
        }
    }
}
