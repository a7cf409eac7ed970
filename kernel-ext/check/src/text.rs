//! Comparing two texts: words exactly, numbers within a tolerance, times and dates not at all.

use crate::Tolerance;
use regex::Regex;
use std::sync::LazyLock;

/// What differs from run to run and is left out of the comparison, together with blanks before it,
/// because a time that grows shifts what is aligned to it.
///
/// | pattern | example |
/// | --- | --- |
/// | date, with or without time of day | `2026-03-01`, `2026-03-01T12:30:05.25Z` |
/// | clock | `0:00:12`, `12:30:05` |
/// | duration, also for each something | `12ms/step`, `3s`, `0.45 s`, `17 µs`, `2 min` |
/// | rate | `1234.5 images/s`, `3.1 GFLOP/s`, `98it/s` |
const TIMES: &str = r"(?x) [\ \t]* (?:
      \b\d{4}-\d\d-\d\d (?: [T\ ] \d\d:\d\d (?: :\d\d (?: \.\d+ )? )? (?: Z | [+-]\d\d:?\d\d )? )? \b
    | \b\d{1,3}:\d\d:\d\d (?: \.\d+ )? \b
    | \b (?: \d{1,3} (?: ,\d{3} )+ | \d+ ) (?: \.\d+ )? (?: e[+-]?\d+ )? \ ? (?:
          [A-Za-z]{1,12} / s(?:ec)?
        | (?: ns | µs | μs | us | ms | s | sec | secs | seconds? | min | minutes? | h | hours? ) (?: / [A-Za-z]{1,12} )?
      ) \b
)";

/// A number as programs print it; what letters touch from the left is a name, as `conv2`.
const NUMBERS: &str = r"(?:[-+])?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?";

static TIME: LazyLock<Regex> = LazyLock::new(|| Regex::new(TIMES).expect("the pattern is tested"));
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(NUMBERS).expect("the pattern is tested"));

/// How many values were compared, and how many left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Numbers compared, and one for each other text or picture.
    pub compared: usize,
    /// Times and dates, and the numbers of cells that are not compared.
    pub ignored: usize,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.compared += other.compared;
        self.ignored += other.ignored;
    }
}

/// Compares the text of an output with the stored one.
///
/// # Errors
/// The first lines that differ, as `expected` and `found`.
pub fn compare(expected: &str, found: &str, tolerance: &Tolerance) -> Result<Count, Difference> {
    let mut count = Count { compared: 0, ignored: TIME.find_iter(expected).count() };
    let (plain_expected, plain_found) = (TIME.replace_all(expected, " <time>"), TIME.replace_all(found, " <time>"));
    let mut expected_lines = plain_expected.lines();
    let mut found_lines = plain_found.lines();
    let mut line = 0;
    loop {
        line += 1;
        let (expected_line, found_line) = (expected_lines.next(), found_lines.next());
        let same = match (expected_line, found_line) {
            (None, None) => break,
            (Some(expected), Some(found)) => same_line(expected, found, tolerance),
            _ => None,
        };
        match same {
            Some(numbers) => count.compared += numbers,
            None => return Err(Difference::at(line, expected.lines().nth(line - 1), found.lines().nth(line - 1))),
        }
    }
    // A text without numbers is one value.
    count.compared += usize::from(count.compared == 0 && !expected.is_empty());
    Ok(count)
}

/// How many numbers a text has; those of times count too.
pub fn numbers(text: &str) -> usize {
    NUMBER.find_iter(text).count()
}

/// The number of numbers in the line, if the lines are the same.
fn same_line(expected: &str, found: &str, tolerance: &Tolerance) -> Option<usize> {
    let (expected, found) = (pieces(expected.trim_end()), pieces(found.trim_end()));
    if expected.len() != found.len() || !expected.iter().zip(&found).all(|(a, b)| same_piece(a, b, tolerance)) {
        return None;
    }
    Some(expected.iter().filter(|piece| matches!(piece, Piece::Number(_))).count())
}

#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Number(&'a str),
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut end = 0;
    for number in NUMBER.find_iter(line) {
        let before = line[..number.start()].chars().next_back();
        let in_a_name = before.is_some_and(|c| c.is_alphabetic() || c == '_');
        let mut start = number.start();
        if in_a_name {
            continue;
        }
        // In `2-1` the sign is an operator; it stays with the text.
        if number.as_str().starts_with(['-', '+']) && before.is_some_and(|c| c.is_alphanumeric() || c == ')') {
            start += 1;
        }
        pieces.push(Piece::Text(&line[end..start]));
        pieces.push(Piece::Number(&line[start..number.end()]));
        end = number.end();
    }
    pieces.push(Piece::Text(&line[end..]));
    pieces
}

fn same_piece(expected: &Piece, found: &Piece, tolerance: &Tolerance) -> bool {
    match (expected, found) {
        (Piece::Text(a), Piece::Text(b)) => a == b,
        (Piece::Number(b), Piece::Number(a)) => same_number(a, b, tolerance),
        _ => false,
    }
}

fn same_number(found: &str, expected: &str, tolerance: &Tolerance) -> bool {
    if found == expected {
        return true;
    }
    let whole = |text: &str| !text.contains(['.', 'e', 'E']);
    if tolerance.whole_numbers_exact && whole(found) && whole(expected) {
        return false;
    }
    match (found.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= tolerance.absolute + tolerance.relative * b.abs(),
        _ => false,
    }
}

/// The first place where two outputs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the notebook has.
    pub expected: String,
    /// What the run gave.
    pub found: String,
}

impl Difference {
    /// A difference that is said in words.
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: found.into() }
    }

    fn at(line: usize, expected: Option<&str>, found: Option<&str>) -> Self {
        let say = |text: Option<&str>| match text {
            Some(text) => format!("line {line}: {}", shortened(text)),
            None => format!("line {line}: (nothing)"),
        };
        Self::new(say(expected), say(found))
    }
}

/// A line as it is shown in a report.
pub(crate) fn shortened(line: &str) -> String {
    const LIMIT: usize = 240;
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{} ... ({} characters)", &line[..end], line.chars().count()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, found: &str) -> Result<(usize, usize), (String, String)> {
        compare(expected, found, &Tolerance::default())
            .map(|count| (count.compared, count.ignored))
            .map_err(|difference| (difference.expected, difference.found))
    }

    #[test]
    fn equal_enough() {
        let table = [
            ("", "", (0, 0)),
            ("hello", "hello", (1, 0)),
            ("hello  \n", "hello", (1, 0)),
            ("0.5000 1", "0.5004 1", (2, 0)),
            ("-1.5e-3", "-1.5009e-3", (1, 0)),
            ("0.0000001", "0.0", (1, 0)),
            ("loss: 0.31 - 3s 12ms/step", "loss: 0.31 - 14s 9ms/step", (1, 2)),
            ("took 0.45 s, 1234.5 images/s", "took 12 s, 9 images/s", (1, 2)),
            ("at 2026-03-01T12:30:05Z, after 0:00:12", "at 2027-11-30, after 0:01:20", (1, 2)),
            ("170,693 samples/s · 5s left", "9 samples/s · 12s left", (1, 2)),
            ("17 µs   x", "3 ms   x", (1, 1)),
            ("dense_1 conv2d 3x3", "dense_1 conv2d 3x3", (1, 0)),
        ];
        for (expected, found, count) in table {
            assert_eq!(check(expected, found), Ok(count), "{expected:?} / {found:?}");
        }
    }

    #[test]
    fn different() {
        let table = [
            ("0.500", "0.502"),
            ("7850", "7851"),
            ("(60000, 28)", "(60000, 27)"),
            ("dense_1", "dense_2"),
            ("accuracy 0.9", "Accuracy 0.9"),
            ("1 2", "1 2 3"),
            ("1.0", "one"),
            ("NaN", "1.0"),
            ("-1.0", "1.0"),
            ("3 steps", "4 steps"),
            ("a  b", "a b"),
        ];
        for (expected, found) in table {
            let difference = (format!("line 1: {expected}"), format!("line 1: {found}"));
            assert_eq!(check(expected, found), Err(difference));
        }
    }

    #[test]
    fn the_first_differing_line_is_named() {
        let nothing = |line: &str| (line.to_owned(), "line 2: (nothing)".to_owned());
        assert_eq!(check("a\nb\nc", "a\nx\nc"), Err(("line 2: b".to_owned(), "line 2: x".to_owned())));
        assert_eq!(check("a\nb", "a"), Err(nothing("line 2: b")));
    }

    #[test]
    fn a_stated_tolerance_holds_for_whole_numbers_too() {
        let tolerance = Tolerance { absolute: 0.0, relative: 0.02, whole_numbers_exact: false };
        assert!(compare("980 right", "970 right", &tolerance).is_ok());
        assert!(compare("980 right", "950 right", &tolerance).is_err());
    }

    #[test]
    fn a_sign_between_numbers_is_an_operator() {
        let text = |text| Piece::Text(text);
        assert_eq!(pieces("2-1"), [text(""), Piece::Number("2"), text("-"), Piece::Number("1"), text("")]);
        assert_eq!(pieces("[-1"), [text("["), Piece::Number("-1"), text("")]);
    }
}
