//! What a check found, and how it is said: text for people, JUnit XML for build servers.

use crate::text::{Count, Difference, shortened};
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many lines of a cell's source a failure shows.
const SOURCE_LINES: usize = 3;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind, as `output differs`.
    pub kind: String,
    /// The cell, unless the notebook as a whole is meant.
    pub cell: Option<CellName>,
    /// What should be, and what is.
    pub difference: Difference,
}

/// What a reader needs in order to find a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellName {
    /// Its number among all cells, from 1.
    pub number: usize,
    /// Its id.
    pub id: String,
    /// Its first lines.
    pub source: String,
}

/// What was found in one notebook.
#[derive(Debug)]
pub struct Report {
    /// The notebook.
    pub path: PathBuf,
    /// Everything that is wrong; empty when it passed.
    pub failures: Vec<Failure>,
    /// How many code cells were run.
    pub cells: usize,
    /// How many exercises were proved.
    pub exercises: usize,
    /// How many values were compared.
    pub count: Count,
    /// Whether new outputs were written.
    pub updated: bool,
    /// How long it took.
    pub duration: Duration,
}

impl Report {
    /// Nothing found yet.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            failures: Vec::new(),
            cells: 0,
            exercises: 0,
            count: Count::default(),
            updated: false,
            duration: Duration::ZERO,
        }
    }

    /// Whether nothing is wrong.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for CellName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cell {}", self.number)?;
        if self.id.is_empty() { Ok(()) } else { write!(formatter, " (id {})", self.id) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cell {
            Some(cell) => writeln!(formatter, "  {cell}: {}", self.kind)?,
            None => writeln!(formatter, "  {}", self.kind)?,
        }
        if let Some(cell) = &self.cell {
            let mut lines = cell.source.lines();
            lines.by_ref().take(SOURCE_LINES).try_for_each(|line| writeln!(formatter, "    | {}", shortened(line)))?;
            if lines.next().is_some() {
                writeln!(formatter, "    | ...")?;
            }
        }
        side(formatter, "expected", &self.difference.expected)?;
        side(formatter, "found", &self.difference.found)
    }
}

/// One side of a difference; later lines stand below the first.
fn side(formatter: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    let mut lines = text.lines();
    writeln!(formatter, "    {:<10}{}", format!("{name}:"), lines.next().unwrap_or_default())?;
    lines.try_for_each(|line| writeln!(formatter, "    {:<10}{line}", ""))
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.path.display())?;
        if !self.passed() {
            writeln!(formatter, "FAILED")?;
            return self.failures.iter().try_for_each(|failure| write!(formatter, "{failure}"));
        }
        let exercises = match self.exercises {
            0 => String::new(),
            number => format!(", {number} exercises proved"),
        };
        let updated = if self.updated { ", outputs updated" } else { "" };
        writeln!(formatter, "passed ({} cells, {}{exercises}{updated})", self.cells, values(self.count))
    }
}

fn values(count: Count) -> String {
    format!("{} values compared, {} ignored", count.compared, count.ignored)
}

/// The last lines of a check.
pub fn closing(reports: &[Report]) -> String {
    let mut count = Count::default();
    reports.iter().for_each(|report| count += report.count);
    let failed = reports.iter().filter(|report| !report.passed()).count();
    format!("{}\n{} passed, {failed} failed\n", values(count), reports.len() - failed)
}

/// The reports as JUnit XML: a suite with a case for each notebook.
pub fn junit(reports: &[Report]) -> String {
    let failed = reports.iter().filter(|report| !report.passed()).count();
    let seconds: f64 = reports.iter().map(|report| report.duration.as_secs_f64()).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let head = format!("name=\"notebooks\" tests=\"{}\" failures=\"{failed}\" time=\"{seconds:.3}\"", reports.len());
    let _ = writeln!(xml, "<testsuites>\n  <testsuite {head}>");
    for report in reports {
        let name = escaped(&report.path.display().to_string());
        let _ = writeln!(xml, "    <testcase name=\"{name}\" time=\"{:.3}\">", report.duration.as_secs_f64());
        for failure in &report.failures {
            let (kind, text) = (escaped(&failure.kind), escaped(&failure.to_string()));
            let _ = writeln!(xml, "      <failure message=\"{kind}\">{text}</failure>");
        }
        let _ = writeln!(xml, "    </testcase>");
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// Text as XML allows it: marks escaped, control characters shown as such.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            _ if character.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Report {
        let cell = CellName { number: 3, id: "ab".to_owned(), source: "a\nb\nc\nd".to_owned() };
        let difference = Difference::new("line 1: 0.5 < 1", "line 1: 0.7\u{1b}");
        let mut report = Report::new(Path::new("n.ipynb"));
        report.failures.push(Failure { kind: "output differs".to_owned(), cell: Some(cell), difference });
        report
    }

    #[test]
    fn a_failure_says_where_and_what() {
        let expected = "n.ipynb: FAILED\n  cell 3 (id ab): output differs\n    | a\n    | b\n    | c\n    | ...\n    \
                        expected: line 1: 0.5 < 1\n    found:    line 1: 0.7\u{1b}\n";
        assert_eq!(failed().to_string(), expected);
    }

    #[test]
    fn what_passed_is_counted() {
        let mut report = Report::new(Path::new("n.ipynb"));
        (report.cells, report.count, report.exercises) = (2, Count { compared: 5, ignored: 1 }, 1);
        assert_eq!(report.to_string(), "n.ipynb: passed (2 cells, 5 values compared, 1 ignored, 1 exercises proved)\n");
        assert_eq!(closing(&[report, failed()]), "5 values compared, 1 ignored\n1 passed, 1 failed\n");
    }

    #[test]
    fn junit_is_well_formed() {
        let xml = junit(&[failed()]);
        assert!(xml.contains("<testsuite name=\"notebooks\" tests=\"1\" failures=\"1\" time=\"0.000\">"), "{xml}");
        assert!(xml.contains("expected: line 1: 0.5 &lt; 1\n    found:    line 1: 0.7\u{fffd}"), "{xml}");
    }
}
