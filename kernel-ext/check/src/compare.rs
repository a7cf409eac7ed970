//! Comparing the outputs of a cell with the stored ones.
//!
//! | output | how it is compared |
//! | --- | --- |
//! | stream | name and text |
//! | display, result | MIME types, then each by its kind: text, JSON (as text), picture by size |
//! | error | name and message; the traceback is its rendering and is left out |
//!
//! Execution counts and metadata of outputs are not compared.

use crate::notebook::is_json;
use crate::outputs::overwritten;
use crate::text::{self, Count, Difference};
use crate::{Rules, Tolerance, picture};
use serde_json::{Map, Value};

/// Compares all outputs of a cell.
///
/// # Errors
/// What differs first, as the kind of failure and the two sides.
pub fn outputs(expected: &[Value], found: &[Value], rules: &Rules) -> Result<Count, (&'static str, Difference)> {
    let (expected, found) = (merged(expected), merged(found));
    if rules.ignore {
        return Ok(Count { compared: 0, ignored: found.iter().map(numbers).sum() });
    }
    let mut count = Count::default();
    for (place, pair) in pairs(&expected, &found).enumerate() {
        match pair {
            (Some(expected), Some(found)) => {
                count +=
                    output(expected, found, &rules.tolerance).map_err(|difference| ("output differs", difference))?;
            }
            (Some(missing), None) => {
                return Err(("output is missing", at(place, describe(missing), "nothing".to_owned())));
            }
            (None, Some(extra)) => return Err(("unexpected output", at(place, "nothing".to_owned(), describe(extra)))),
            (None, None) => break,
        }
    }
    Ok(count)
}

fn at(place: usize, expected: String, found: String) -> Difference {
    let say = |text: String| format!("output {}: {text}", place + 1);
    Difference::new(say(expected), say(found))
}

fn pairs<'a>(
    expected: &'a [Value],
    found: &'a [Value],
) -> impl Iterator<Item = (Option<&'a Value>, Option<&'a Value>)> {
    (0..expected.len().max(found.len())).map(|place| (expected.get(place), found.get(place)))
}

/// Streams that follow each other as one, with what was overwritten left out: front ends differ in
/// when they do this.
fn merged(outputs: &[Value]) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::new();
    for output in outputs {
        let mut output = output.clone();
        if output["output_type"] == "stream" {
            if let Some(last) = merged.last()
                && last["output_type"] == "stream"
                && last["name"] == output["name"]
            {
                output["text"] =
                    [last, &output].map(|stream| stream["text"].as_str().unwrap_or_default()).concat().into();
                merged.pop();
            }
            output["text"] = overwritten(output["text"].as_str().unwrap_or_default()).into();
        }
        merged.push(output);
    }
    merged
}

fn output(expected: &Value, found: &Value, tolerance: &Tolerance) -> Result<Count, Difference> {
    let kind = |output: &Value| output["output_type"].as_str().unwrap_or_default().to_owned();
    if kind(expected) != kind(found) || expected["name"] != found["name"] {
        return Err(Difference::new(describe(expected), describe(found)));
    }
    match kind(expected).as_str() {
        "stream" => text::compare(&string(&expected["text"]), &string(&found["text"]), tolerance),
        "error" => {
            let whole = |error: &Value| format!("{}: {}", string(&error["ename"]), string(&error["evalue"]));
            text::compare(&whole(expected), &whole(found), tolerance)
        }
        _ => bundle(&expected["data"], &found["data"], tolerance),
    }
}

fn bundle(expected: &Value, found: &Value, tolerance: &Tolerance) -> Result<Count, Difference> {
    let empty = Map::new();
    let (expected, found) = (expected.as_object().unwrap_or(&empty), found.as_object().unwrap_or(&empty));
    if types(expected) != types(found) {
        return Err(Difference::new(types(expected), types(found)));
    }
    let mut count = Count::default();
    for (mime, value) in expected {
        count += data(mime, value, &found[mime], tolerance).map_err(|difference| {
            Difference::new(format!("{mime}, {}", difference.expected), format!("{mime}, {}", difference.found))
        })?;
    }
    Ok(count)
}

fn data(mime: &str, expected: &Value, found: &Value, tolerance: &Tolerance) -> Result<Count, Difference> {
    if !mime.starts_with("image/") {
        let show = |value: &Value| if is_json(mime) { format!("{value:#}") } else { string(value) };
        return text::compare(&show(expected), &show(found), tolerance);
    }
    let say = |value: &Value| match picture::size(mime, value) {
        Some((width, height)) => format!("a picture of {width} x {height}"),
        None => "a picture of unknown size".to_owned(),
    };
    if say(expected) == say(found) {
        return Ok(Count { compared: 1, ignored: 0 });
    }
    Err(Difference::new(say(expected), say(found)))
}

fn types(bundle: &Map<String, Value>) -> String {
    let mut types: Vec<_> = bundle.keys().map(String::as_str).collect();
    types.sort_unstable();
    types.join(" + ")
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// An output in a few words, with its first line.
fn describe(output: &Value) -> String {
    let first = |text: &Value| {
        text::shortened(text.as_str().unwrap_or_default().trim_start().lines().next().unwrap_or_default())
    };
    match output["output_type"].as_str().unwrap_or_default() {
        "stream" => format!("text on {}: {}", string(&output["name"]), first(&output["text"])),
        "error" => format!("{}: {}", string(&output["ename"]), first(&output["evalue"])),
        kind => {
            let types = output["data"].as_object().map(types).unwrap_or_default();
            format!("{} ({types}): {}", kind.replace('_', " "), first(&output["data"]["text/plain"]))
        }
    }
}

fn numbers(output: &Value) -> usize {
    let bundle = output["data"].as_object().into_iter().flatten().filter(|(mime, _)| !mime.starts_with("image/"));
    let texts = bundle.map(|(_, value)| value).chain([&output["text"], &output["evalue"]]);
    texts.filter_map(Value::as_str).map(text::numbers).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stream(text: &str) -> Value {
        json!({"output_type": "stream", "name": "stdout", "text": text})
    }

    fn show(data: Value) -> Value {
        json!({"output_type": "display_data", "data": data, "metadata": {}})
    }

    fn svg(width: u32) -> Value {
        show(
            json!({"image/svg+xml": format!("<svg width=\"{width}\" height=\"20\">{width}</svg>"), "text/plain": "curve"}),
        )
    }

    fn error(message: &str, traceback: &str) -> Value {
        json!({"output_type": "error", "ename": "Panic", "evalue": message, "traceback": [traceback]})
    }

    #[test]
    fn the_same() {
        let table = [
            (vec![], vec![], 0),
            (vec![stream("a\n"), stream("1.0\n")], vec![stream("a\n1.0001\n")], 1),
            (vec![stream("10 %\r20 %\n")], vec![stream("20 %\n")], 1),
            (vec![svg(10)], vec![svg(10)], 2),
            (vec![error("index 3", "here")], vec![error("index 3", "there")], 1),
            (
                vec![show(json!({"application/json": {"a": 0.5}}))],
                vec![show(json!({"application/json": {"a": 0.5001}}))],
                1,
            ),
        ];
        for (expected, found, compared) in table {
            let count = outputs(&expected, &found, &Rules::default()).unwrap();
            assert_eq!(count.compared, compared, "{expected:?}");
        }
    }

    #[test]
    fn what_differs_is_said() {
        let table = [
            (
                vec![stream("loss 0.31")],
                vec![stream("loss 0.35")],
                "output differs | line 1: loss 0.31 | line 1: loss 0.35",
            ),
            (
                vec![stream("a"), svg(1)],
                vec![stream("a")],
                "output is missing | output 2: display data (image/svg+xml + text/plain): curve | output 2: nothing",
            ),
            (vec![], vec![stream("\nx\ny")], "unexpected output | output 1: nothing | output 1: text on stdout: x"),
            (vec![stream("a")], vec![error("no", "")], "output differs | text on stdout: a | Panic: no"),
            (
                vec![svg(10)],
                vec![svg(11)],
                "output differs | image/svg+xml, a picture of 10 x 20 | image/svg+xml, a picture of 11 x 20",
            ),
            (
                vec![svg(10)],
                vec![show(json!({"text/plain": "curve"}))],
                "output differs | image/svg+xml + text/plain | text/plain",
            ),
            (
                vec![error("index 3", "")],
                vec![error("index 4", "")],
                "output differs | line 1: Panic: index 3 | line 1: Panic: index 4",
            ),
        ];
        for (expected, found, said) in table {
            let (kind, difference) = outputs(&expected, &found, &Rules::default()).unwrap_err();
            assert_eq!(format!("{kind} | {} | {}", difference.expected, difference.found), said);
        }
    }

    #[test]
    fn an_ignored_cell_counts_what_it_does_not_compare() {
        let rules = Rules { ignore: true, ..Rules::default() };
        let count =
            outputs(&[], &[stream("1 2.5\n"), show(json!({"text/plain": "3", "image/png": "123"}))], &rules).unwrap();
        assert_eq!(count, Count { compared: 0, ignored: 3 });
    }
}
