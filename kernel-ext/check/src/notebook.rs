//! A notebook file (nbformat 4), kept as the JSON that it is, so that nothing unknown is lost. It is
//! written back byte for byte as Python's `nbformat.write` would.

use crate::Error;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

/// A notebook in memory.
///
/// Sources, streams and text of MIME bundles are strings here, whatever the file has (lists of lines).
#[derive(Debug, Clone, PartialEq)]
pub struct Notebook {
    /// Where it was read from.
    pub path: PathBuf,
    content: Value,
}

impl Notebook {
    /// Reads a notebook.
    ///
    /// # Errors
    /// When the file cannot be read, is not JSON, or is not of nbformat 4.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|reason| Error::file(path, reason))?;
        Self::parse(path, &text)
    }

    /// Takes a notebook from the text of its file.
    ///
    /// # Errors
    /// When the text is not JSON or not of nbformat 4.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let mut content: Value = serde_json::from_str(text).map_err(|reason| Error::notebook(path, reason))?;
        if content["nbformat"] != 4 {
            return Err(Error::notebook(path, format!("expected nbformat 4, found {}", content["nbformat"])));
        }
        if !content["cells"].is_array() {
            return Err(Error::notebook(path, "it has no list of cells"));
        }
        for_each_text(&mut content, join_lines);
        Ok(Self { path: path.to_owned(), content })
    }

    /// The text of the file: sorted keys, one space of indentation, texts as lists of lines.
    pub fn to_text(&self) -> String {
        let mut content = self.content.clone();
        for_each_text(&mut content, split_lines);
        sort_keys(&mut content);
        let mut bytes = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
        serde::Serialize::serialize(&content, &mut serializer).expect("a JSON value has only string keys");
        bytes.push(b'\n');
        String::from_utf8(bytes).expect("JSON is written as UTF-8")
    }

    /// Writes the notebook to its file, unless the file has this text already; says whether it did.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self) -> Result<bool, Error> {
        let text = self.to_text();
        if fs::read_to_string(&self.path).is_ok_and(|old| old == text) {
            return Ok(false);
        }
        fs::write(&self.path, text).map_err(|reason| Error::file(&self.path, reason))?;
        Ok(true)
    }

    /// The name of the kernelspec that the notebook asks for.
    pub fn kernel_name(&self) -> Option<&str> {
        self.content["metadata"]["kernelspec"]["name"].as_str()
    }

    /// The metadata of the whole notebook.
    pub fn metadata(&self) -> &Value {
        &self.content["metadata"]
    }

    /// The cells in their order.
    pub fn cells(&self) -> Vec<Cell<'_>> {
        let cells = self.content["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
        cells.iter().enumerate().map(|(index, content)| Cell { index, content }).collect()
    }

    /// Replaces outputs and execution count of a cell, and nothing else.
    pub fn set_outputs(&mut self, index: usize, outputs: Vec<Value>, execution_count: Value) {
        let cell = &mut self.content["cells"][index];
        cell["outputs"] = Value::Array(outputs);
        cell["execution_count"] = execution_count;
    }
}

/// One cell of a notebook.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// Its place among all cells, from 0.
    pub index: usize,
    content: &'a Value,
}

impl<'a> Cell<'a> {
    /// Whether it is a cell that a kernel can execute.
    pub fn is_code(&self) -> bool {
        self.content["cell_type"] == "code"
    }

    /// Its id, or an empty text in older notebooks.
    pub fn id(&self) -> &'a str {
        self.content["id"].as_str().unwrap_or_default()
    }

    /// Its source.
    pub fn source(&self) -> &'a str {
        self.content["source"].as_str().unwrap_or_default()
    }

    /// Its metadata.
    pub fn metadata(&self) -> &'a Value {
        &self.content["metadata"]
    }

    /// Whether its metadata has the tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.metadata()["tags"].as_array().is_some_and(|tags| tags.iter().any(|value| value == tag))
    }

    /// Its stored outputs.
    pub fn outputs(&self) -> &'a [Value] {
        self.content["outputs"].as_array().map(Vec::as_slice).unwrap_or_default()
    }
}

/// Applies `change` to each text of the notebook that its file keeps as a list of lines.
fn for_each_text(notebook: &mut Value, change: fn(&mut Value)) {
    for cell in notebook["cells"].as_array_mut().into_iter().flatten() {
        change(&mut cell["source"]);
        for output in cell.get_mut("outputs").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(text) = output.get_mut("text") {
                change(text);
            }
            for (mime, value) in output.get_mut("data").and_then(Value::as_object_mut).into_iter().flatten() {
                if mime.starts_with("text/") || mime == "application/javascript" || mime == "image/svg+xml" {
                    change(value);
                }
            }
        }
    }
}

/// Whether data of this MIME type is JSON rather than a text.
pub(crate) fn is_json(mime: &str) -> bool {
    mime == "application/json" || (mime.starts_with("application/") && mime.ends_with("+json"))
}

fn join_lines(value: &mut Value) {
    if let Value::Array(lines) = value {
        *value = Value::String(lines.iter().filter_map(Value::as_str).collect());
    }
}

fn split_lines(value: &mut Value) {
    if let Value::String(text) = value {
        *value = Value::Array(python_lines(text).into_iter().map(Value::from).collect());
    }
}

/// Python's `str.splitlines(keepends=True)`, which knows more ends of lines than Rust.
fn python_lines(text: &str) -> Vec<&str> {
    const ENDS: &[char] =
        &['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find(ENDS) {
        let mark =
            if rest[place..].starts_with("\r\n") { 2 } else { rest[place..].chars().next().map_or(1, char::len_utf8) };
        let (line, after) = rest.split_at(place + mark);
        lines.push(line);
        rest = after;
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

fn sort_keys(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(sort_keys),
        Value::Object(map) => {
            let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.iter_mut().for_each(|(_, value)| sort_keys(value));
            *map = Map::from_iter(entries);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by nbformat 5.10 (`nbformat.write`) from a notebook with every kind of text.
    const WRITTEN_BY_PYTHON: &str = include_str!("../tests/data/written_by_nbformat.ipynb");

    #[test]
    fn writes_the_bytes_of_nbformat() {
        let notebook = Notebook::parse(Path::new("a.ipynb"), WRITTEN_BY_PYTHON).unwrap();
        assert_eq!(notebook.to_text(), WRITTEN_BY_PYTHON);
    }

    #[test]
    fn order_of_keys_and_joined_texts_do_not_matter() {
        let loose: Value = serde_json::from_str(WRITTEN_BY_PYTHON).unwrap();
        let mut loose = loose;
        for_each_text(&mut loose, join_lines);
        let reversed = Map::from_iter(loose.as_object().unwrap().clone().into_iter().rev());
        let text = serde_json::to_string(&reversed).unwrap();
        assert_eq!(Notebook::parse(Path::new("a.ipynb"), &text).unwrap().to_text(), WRITTEN_BY_PYTHON);
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("a", &["a"]),
            ("a\n", &["a\n"]),
            ("a\r\nb\rc\nd", &["a\r\n", "b\r", "c\n", "d"]),
            ("é\u{85}x\u{2028}", &["é\u{85}", "x\u{2028}"]),
            ("\n\n", &["\n", "\n"]),
        ];
        for (text, lines) in table {
            assert_eq!(&python_lines(text), lines, "{text:?}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        let table = [
            ("{", "EOF while parsing"),
            (r#"{"nbformat": 3}"#, "expected nbformat 4, found 3"),
            (r#"{"nbformat": 4}"#, "it has no list of cells"),
        ];
        for (text, reason) in table {
            let error = Notebook::parse(Path::new("a.ipynb"), text).unwrap_err().to_string();
            assert!(error.starts_with("a.ipynb is no usable notebook: ") && error.contains(reason), "{error}");
        }
    }
}
