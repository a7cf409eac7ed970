//! Collects the outputs of a run as a front end stores them: streams merged, displays replaced by
//! their updates (also in earlier cells), outputs cleared.

use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The outputs of all cells of one run, in the form of the notebook file.
#[derive(Debug, Default)]
pub struct Outputs {
    cells: HashMap<usize, CellOutputs>,
}

#[derive(Debug, Default)]
struct CellOutputs {
    /// Each output with the display id under which it can be replaced.
    list: Vec<(Value, Option<String>)>,
    clear_before_next: bool,
}

impl Outputs {
    /// Forgets what a cell has shown, because it runs again.
    pub fn start(&mut self, cell: usize) {
        self.cells.insert(cell, CellOutputs::default());
    }

    /// What a cell has shown.
    pub fn of(&self, cell: usize) -> Vec<Value> {
        self.cells
            .get(&cell)
            .map(|outputs| outputs.list.iter().map(|(output, _)| output.clone()).collect())
            .unwrap_or_default()
    }

    /// Takes a message of the iopub channel that answers the request of `cell`.
    pub fn take(&mut self, cell: usize, message_type: &str, content: &Value) {
        match message_type {
            "clear_output" => self.clear(cell, content["wait"] == true),
            "stream" => self.stream(cell, content),
            "update_display_data" => self.update(content),
            "display_data" | "execute_result" | "error" => {
                let id = content["transient"]["display_id"].as_str().map(str::to_owned);
                if id.is_some() {
                    self.update(content);
                }
                self.push(cell, stored(message_type, content), id);
            }
            _ => {}
        }
    }

    fn clear(&mut self, cell: usize, wait: bool) {
        let outputs = self.cells.entry(cell).or_default();
        outputs.clear_before_next = wait;
        if !wait {
            outputs.list.clear();
        }
    }

    fn push(&mut self, cell: usize, output: Value, display_id: Option<String>) {
        let outputs = self.cells.entry(cell).or_default();
        if std::mem::take(&mut outputs.clear_before_next) {
            outputs.list.clear();
        }
        outputs.list.push((output, display_id));
    }

    fn stream(&mut self, cell: usize, content: &Value) {
        let outputs = self.cells.entry(cell).or_default();
        let last = outputs.list.last_mut().filter(|_| !outputs.clear_before_next);
        if let Some((output, _)) = last
            && output["output_type"] == "stream"
            && output["name"] == content["name"]
        {
            let text = [&output["text"], &content["text"]].map(|text| text.as_str().unwrap_or_default()).concat();
            output["text"] = overwritten(&text).into();
            return;
        }
        let text = overwritten(content["text"].as_str().unwrap_or_default());
        self.push(cell, json!({"output_type": "stream", "name": content["name"], "text": text}), None);
    }

    fn update(&mut self, content: &Value) {
        let id = content["transient"]["display_id"].as_str();
        let displays = self.cells.values_mut().flat_map(|outputs| &mut outputs.list);
        for (output, _) in displays.filter(|(_, display_id)| id.is_some() && display_id.as_deref() == id) {
            output["data"] = content["data"].clone();
            output["metadata"] = object(&content["metadata"]);
        }
    }
}

fn stored(message_type: &str, content: &Value) -> Value {
    let mut output = Map::from_iter([("output_type".to_owned(), message_type.into())]);
    let keys: &[&str] = match message_type {
        "error" => &["ename", "evalue", "traceback"],
        "execute_result" => &["data", "metadata", "execution_count"],
        _ => &["data", "metadata"],
    };
    for key in keys {
        let value = if *key == "metadata" { object(&content[*key]) } else { content[*key].clone() };
        output.insert((*key).to_owned(), value);
    }
    Value::Object(output)
}

fn object(value: &Value) -> Value {
    if value.is_object() { value.clone() } else { json!({}) }
}

/// What a terminal shows in the end: a carriage return goes back to the start of the line, a backspace
/// one place back, and what is written there replaces what stood there.
///
/// ```
/// assert_eq!(check::overwritten("10 %\r20 %\n"), "20 %\n");
/// assert_eq!(check::overwritten("100 %\r20\n"), "200 %\n");
/// ```
pub fn overwritten(text: &str) -> String {
    if !text.contains(['\r', '\u{8}']) {
        return text.to_owned();
    }
    // A return that a line's end follows goes nowhere; one at the end of the text is kept, because
    // what comes next replaces the line.
    let text = text.replace("\r\n", "\n");
    let lines: Vec<_> = text.split('\n').map(overwritten_line).collect();
    lines.join("\n")
}

fn overwritten_line(line: &str) -> String {
    let (line, pending) = line.strip_suffix('\r').map_or((line, ""), |line| (line, "\r"));
    let mut shown: Vec<char> = Vec::new();
    let mut place = 0_usize;
    for character in line.chars() {
        match character {
            '\r' => place = 0,
            '\u{8}' => place = place.saturating_sub(1),
            _ if place < shown.len() => {
                shown[place] = character;
                place += 1;
            }
            _ => {
                shown.push(character);
                place += 1;
            }
        }
    }
    shown.into_iter().chain(pending.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(messages: &[(usize, &str, Value)], cell: usize, expected: Value) {
        let mut outputs = Outputs::default();
        for (cell, message_type, content) in messages {
            outputs.take(*cell, message_type, content);
        }
        assert_eq!(Value::Array(outputs.of(cell)), expected);
    }

    fn stream(text: &str) -> (usize, &'static str, Value) {
        (0, "stream", json!({"name": "stdout", "text": text}))
    }

    fn display(cell: usize, text: &str, id: &str) -> (usize, &'static str, Value) {
        (cell, "display_data", json!({"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": id}}))
    }

    fn shown(text: &str) -> Value {
        json!({"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}})
    }

    fn printed(text: &str) -> Value {
        json!({"output_type": "stream", "name": "stdout", "text": text})
    }

    #[test]
    fn streams_are_merged_until_something_else_comes() {
        let error = (0, "stream", json!({"name": "stderr", "text": "e"}));
        let stderr = json!({"output_type": "stream", "name": "stderr", "text": "e"});
        check(&[stream("a"), stream("b\n"), error, stream("c")], 0, json!([printed("ab\n"), stderr, printed("c")]));
    }

    #[test]
    fn what_is_overwritten_is_not_kept() {
        check(&[stream("10 %\r"), stream("20 %\r"), stream("ok  \n")], 0, json!([printed("ok  \n")]));
        check(&[stream("a\r\nb\r\n")], 0, json!([printed("a\nb\n")]));
        check(&[stream("ab\u{8}c")], 0, json!([printed("ac")]));
    }

    #[test]
    fn an_update_reaches_every_display_of_the_id_also_in_earlier_cells() {
        let mut update = display(2, "new", "x");
        update.1 = "update_display_data";
        let messages = [display(0, "old", "x"), display(0, "other", "y"), display(1, "again", "x"), update];
        check(&messages, 0, json!([shown("new"), shown("other")]));
        check(&messages, 1, json!([shown("new")]));
        check(&messages, 2, json!([]));
    }

    #[test]
    fn clearing_waits_when_asked() {
        let clear = |wait| (0, "clear_output", json!({"wait": wait}));
        check(&[stream("a"), clear(false)], 0, json!([]));
        check(&[stream("a"), clear(true)], 0, json!([printed("a")]));
        check(&[stream("a"), clear(true), stream("b")], 0, json!([printed("b")]));
    }

    #[test]
    fn results_and_errors_keep_their_keys() {
        let result = json!({"data": {"text/plain": "1"}, "metadata": {}, "execution_count": 3, "transient": {}});
        let stored =
            json!({"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}, "execution_count": 3});
        check(&[(0, "execute_result", result)], 0, json!([stored]));
        let error = json!({"ename": "Panic", "evalue": "no", "traceback": ["no"], "status": "error"});
        let stored = json!({"output_type": "error", "ename": "Panic", "evalue": "no", "traceback": ["no"]});
        check(&[(0, "error", error)], 0, json!([stored]));
    }
}
