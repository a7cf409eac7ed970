//! rustc's diagnostics as rustc prints them, but with the lines of the cell.

use super::failure::{blue, red};
use super::places::{Cells, Place};
use evcxr::CompilationError;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many lines of a longer span are shown.
const LINES: usize = 6;

/// A diagnostic with everything rustc said about the user's code.
pub fn render(error: &CompilationError, cells: &Cells) -> String {
    let primary = error.primary_spanned_message().and_then(|message| message.span);
    let mut page = Page { cells, near: primary.map(|span| span.start_line), text: String::new(), width: 1 };
    if error.json.is_null() {
        page.width = width(primary.map_or(1, |span| span.end_line));
        page.headline(error.level(), None, &error.message());
        if let Some(span) = primary {
            let label = error.primary_spanned_message().map(|message| message.label.clone()).unwrap_or_default();
            let length =
                if span.end_line == span.start_line { span.end_column.saturating_sub(span.start_column) } else { 1 };
            let place = Place { cell: None, line: span.start_line, column: span.start_column };
            page.snippet(&[Mark { place, length, label, primary: true }]);
        }
        return page.text;
    }
    page.message(&error.json, &error.message());
    if let Some(hint) = error.evcxr_extra_hint() {
        page.note("note", hint);
    }
    page.text
}

/// What rustc warns of in the cell. Code of earlier cells is compiled again with it, and has had its turn.
pub fn warnings(diagnostics: &[Value], cells: &Cells) -> Vec<String> {
    let mut texts = Vec::new();
    for json in diagnostics.iter().filter(|json| json["level"] == "warning") {
        let mut page = Page { cells, near: None, text: String::new(), width: 1 };
        if !page.marks(json).is_empty() {
            page.message(json, json["message"].as_str().unwrap_or_default());
            texts.push(page.text);
        }
    }
    texts
}

/// A place that a diagnostic points at.
struct Mark {
    place: Place,
    length: usize,
    label: String,
    primary: bool,
}

struct Page<'a> {
    cells: &'a Cells,
    near: Option<usize>,
    text: String,
    width: usize,
}

impl Page<'_> {
    fn message(&mut self, json: &Value, message: &str) {
        let marks = self.marks(json);
        let children = json["children"].as_array().map(Vec::as_slice).unwrap_or_default();
        let last = marks.iter().map(|mark| mark.place.line + LINES).max().unwrap_or(1);
        self.width = width(last);
        self.headline(json["level"].as_str().unwrap_or("error"), json["code"]["code"].as_str(), message);
        if marks.is_empty() {
            self.elsewhere(json);
        } else {
            self.snippet(&marks);
        }
        // By which name a warning could be switched off is nothing for the reader of a cell.
        let is_switch = |child: &&Value| child["message"].as_str().is_some_and(|text| text.starts_with("`#[warn("));
        for child in children.iter().filter(|child| !is_switch(child)) {
            self.child(child);
        }
    }

    fn headline(&mut self, level: &str, code: Option<&str>, message: &str) {
        let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
        let name = format!("{level}{code}");
        let name = if level.starts_with("error") { red(&name) } else { blue(&name) };
        let _ = write!(self.text, "{name}: {message}");
    }

    /// A note or help: with its own code where it has a place in the cell, otherwise as a line.
    fn child(&mut self, child: &Value) {
        let level = child["level"].as_str().unwrap_or("note");
        let message = child["message"].as_str().unwrap_or_default();
        let suggestions = self.suggestions(child);
        let marks = self.marks(child);
        if suggestions.is_empty() && marks.is_empty() {
            self.note(level, message);
            self.elsewhere(child);
            return;
        }
        let _ = write!(self.text, "\n{}: {message}", blue(level));
        if suggestions.is_empty() {
            self.snippet(&marks);
        }
        for (line, text) in suggestions {
            self.code(line, &text, '+');
        }
    }

    fn note(&mut self, level: &str, message: &str) {
        let indent = " ".repeat(self.width);
        let continued = message.replace('\n', &format!("\n{indent}         "));
        let _ = write!(self.text, "\n{indent} {} {level}: {continued}", blue("="));
    }

    /// Where the diagnostic points when that is not in the cell: in a library, or in code that evcxr made.
    fn elsewhere(&mut self, json: &Value) {
        for span in spans(json).iter().filter(|span| span["is_primary"] == true) {
            let file = span["file_name"].as_str().unwrap_or_default();
            if !file.is_empty() && !is_generated(file) {
                let indent = " ".repeat(self.width);
                let _ = write!(
                    self.text,
                    "\n{indent}{} {file}:{}:{}",
                    blue("-->"),
                    span["line_start"],
                    span["column_start"]
                );
            }
        }
    }

    /// The spans that lie in the cell.
    fn marks(&self, json: &Value) -> Vec<Mark> {
        spans(json).iter().filter_map(|span| self.mark(span)).collect()
    }

    fn mark(&self, span: &Value) -> Option<Mark> {
        let local = local(span)?;
        let (lines, label) = (lines(local), span["label"].as_str().unwrap_or_default());
        let is_primary = span["is_primary"] == true;
        if label.is_empty() && !is_primary && Some(lines.len()) != local["text"].as_array().map(Vec::len) {
            return None;
        }
        let place = self.place(lines.first()?)?;
        let length = match lines[..] {
            [line] => number(line, "highlight_end").saturating_sub(number(line, "highlight_start")),
            _ => self.cells.line_at(place).map_or(1, |line| line.chars().count().saturating_sub(place.column - 1)),
        };
        Some(Mark { place, length, label: label.to_owned(), primary: is_primary })
    }

    /// Where a line of a span lies.
    fn place(&self, line: &Value) -> Option<Place> {
        self.cells.find(line["text"].as_str()?, number(line, "highlight_start"), self.near)
    }

    /// The lines of the cell as rustc would have them, by line number.
    fn suggestions(&self, json: &Value) -> BTreeMap<usize, String> {
        let mut edits: Vec<(Place, usize, &str)> = spans(json)
            .iter()
            .filter_map(|span| {
                let replacement = span["suggested_replacement"].as_str()?;
                let one_line = span["line_start"] == span["line_end"];
                let length = number(span, "column_end").saturating_sub(number(span, "column_start"));
                one_line.then_some((
                    self.place(lines(local(span)?).first()?)?,
                    length,
                    replacement.trim_end_matches('\n'),
                ))
            })
            .collect();
        // From right to left, so that columns stay what they are.
        edits.sort_by_key(|(place, ..)| std::cmp::Reverse((place.line, place.column)));
        let mut lines = BTreeMap::new();
        for (place, length, replacement) in edits {
            let original = || self.cells.line(place.line).unwrap_or_default().to_owned();
            let line: &mut String = lines.entry(place.line).or_insert_with(original);
            let (start, end) = (byte(line, place.column - 1), byte(line, place.column - 1 + length));
            line.replace_range(start..end, replacement);
        }
        lines
    }

    /// The marked lines, each with its marks below it.
    fn snippet(&mut self, marks: &[Mark]) {
        let Some(primary) = marks.iter().find(|mark| mark.primary).or(marks.first()) else { return };
        let indent = " ".repeat(self.width);
        let _ = write!(self.text, "\n{indent}{} cell:{}:{}", blue("-->"), primary.place.line, primary.place.column);
        let _ = write!(self.text, "\n{indent} {}", blue("|"));
        let mut by_line: BTreeMap<usize, Vec<&Mark>> = BTreeMap::new();
        for mark in marks {
            by_line.entry(mark.place.line).or_default().push(mark);
        }
        for (line, mut marks) in by_line {
            self.code(line, self.cells.line(line).unwrap_or_default(), '|');
            marks.sort_by_key(|mark| (!mark.primary, mark.place.column));
            for mark in marks {
                let shape = if mark.primary { "^" } else { "-" }.repeat(mark.length.max(1));
                let marked = format!("{shape} {}", mark.label);
                let marked = if mark.primary { red(marked.trim_end()) } else { blue(marked.trim_end()) };
                let _ = write!(self.text, "\n{indent} {} {}{marked}", blue("|"), " ".repeat(mark.place.column - 1));
            }
        }
    }

    fn code(&mut self, line: usize, text: &str, bar: char) {
        let number = format!("{line:>width$}", width = self.width);
        let _ = write!(self.text, "\n{} {} {text}", blue(&number), blue(&bar.to_string()));
    }
}

fn spans(json: &Value) -> &[Value] {
    json["spans"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The span in evcxr's source: this one, or the macro call that it comes from.
fn local(span: &Value) -> Option<&Value> {
    if span["file_name"].as_str().is_some_and(is_generated) {
        return Some(span);
    }
    let call = &span["expansion"]["span"];
    if call.is_null() { None } else { local(call) }
}

/// The lines of a span without the parenthesis that stands before the last value of a cell.
fn lines(span: &Value) -> Vec<&Value> {
    let lines = span["text"].as_array().into_iter().flatten();
    lines.skip_while(|line| line["text"] == "(").collect()
}

fn is_generated(file: &str) -> bool {
    file == "src/lib.rs"
}

fn number(json: &Value, key: &str) -> usize {
    json[key].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
}

fn width(line: usize) -> usize {
    line.to_string().len()
}

/// The byte at which the character with this number begins.
fn byte(line: &str, character: usize) -> usize {
    line.char_indices().nth(character).map_or(line.len(), |(byte, _)| byte)
}
