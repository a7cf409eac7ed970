//! Completion and inspection: between Jupyter's positions, which count characters, and evcxr's bytes.

use super::channel::Channel;
use super::session::Session;
use super::visibility::Member;
use jupyter_protocol::{CompleteReply, CompleteRequest, InspectReply, InspectRequest, ReplyStatus};
use serde_json::{Value, json};

/// Methods that everything has, and that hardly anybody looks for.
const COMMON: [&str; 4] = ["into", "try_into", "evcxr_display", "bundle"];

/// What could stand at the cursor, with kinds and signatures for front ends that show them.
pub fn complete(session: &mut Session, request: &CompleteRequest) -> CompleteReply {
    let cursor = byte(&request.code, request.cursor_pos);
    let Some(found) = session.complete(&request.code, cursor) else { return nothing(request) };
    let typed = request.code.get(found.start_offset..cursor).unwrap_or_default();
    let before = request.code.get(..found.start_offset).unwrap_or_default();
    let mut offered: Vec<(String, &str, String)> = Vec::new();
    for completion in found.completions {
        // evcxr fills in the arguments' names; the reader would have to delete them.
        let text = completion.code.split('(').next().unwrap_or_default().to_owned();
        let member = match completion.kind {
            "instance" => Some(Member::Field),
            "function" => Some(Member::Method),
            _ => None,
        };
        let member = member.filter(|_| before.trim_end().ends_with('.'));
        let is_new = text.starts_with(typed) && !text.is_empty() && offered.iter().all(|(name, ..)| *name != text);
        if is_new && !member.is_some_and(|member| session.hides(&format!("{before}{text}"), &text, member)) {
            offered.push((text, completion.kind, completion.label));
        }
    }
    offered.sort_by_key(|(name, ..)| COMMON.contains(&name.as_str()));
    let (start, end) = (characters(&request.code, found.start_offset), characters(&request.code, found.end_offset));
    let kinds = offered.iter().map(|(text, kind, signature)| {
        json!({ "text": text, "type": kind, "signature": signature, "start": start, "end": end })
    });
    let kinds: Vec<Value> = kinds.collect();
    let matches = offered.into_iter().map(|(text, ..)| text).collect();
    let mut reply = CompleteReply { matches, cursor_start: start, cursor_end: end, ..nothing(request) };
    reply.metadata.insert("_jupyter_types_experimental".to_owned(), kinds.into());
    reply
}

/// Has everything looked up that the first completions will need: here a model's methods.
pub fn rehearse(session: &mut Session) {
    let code = "let model = Sequential::new();\nmodel.";
    complete(session, &CompleteRequest { code: code.to_owned(), cursor_pos: code.len() });
}

/// The answer while nothing can be looked up.
pub fn nothing(request: &CompleteRequest) -> CompleteReply {
    let cursor = request.cursor_pos;
    CompleteReply { status: ReplyStatus::Ok, cursor_start: cursor, cursor_end: cursor, ..CompleteReply::default() }
}

/// Type, signature and documentation of the name under the cursor; of a variable the type and the value.
pub fn inspect(session: &mut Session, channel: &Channel, request: &InspectRequest) -> InspectReply {
    let end = end_of_name(&request.code, byte(&request.code, request.cursor_pos));
    let code = &request.code[..end];
    let data = match variable(session, code) {
        Some((name, kind)) => {
            let mut text = format!("{name}: {kind}");
            if has_preview(&kind)
                && let Some(value) = channel.preview(|| session.show(name))
            {
                text.push_str("\n\n");
                text.push_str(&beginning(&value));
            }
            json!({ "text/plain": text })
        }
        None => {
            let Some((plain, html)) = session.inspect(code) else { return InspectReply::default() };
            json!({ "text/plain": plain, "text/html": html })
        }
    };
    InspectReply { found: true, data: serde_json::from_value(data).unwrap_or_default(), ..InspectReply::default() }
}

/// The variable at the end of this code, and its type. What stands behind a dot or a path is none.
fn variable<'a>(session: &Session, code: &'a str) -> Option<(&'a str, String)> {
    let start = code
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |last| last + code[last..].chars().next().map_or(0, char::len_utf8));
    let (before, name) = code.split_at(start);
    let is_alone = !before.trim_end().ends_with(['.', ':']);
    is_alone.then(|| session.type_of(name)).flatten().map(|kind| (name, kind))
}

/// Whether showing a value of this type is quick and does nothing else.
fn has_preview(kind: &str) -> bool {
    const KINDS: [&str; 7] = ["Array", "ArcArray", "Tensor", "Vec<", "String", "f", "bool"];
    KINDS.iter().any(|start| kind.starts_with(start)) || kind.starts_with(['i', 'u', '&', '(', '['])
}

/// So much of a value as a tooltip holds.
fn beginning(value: &str) -> String {
    const LINES: usize = 12;
    const WIDTH: usize = 400;
    let mut lines: Vec<String> = value.lines().take(LINES).map(|line| line.chars().take(WIDTH).collect()).collect();
    if value.lines().count() > LINES {
        lines.push("...".to_owned());
    }
    lines.join("\n")
}

/// The end of the name that the cursor touches; just before the cursor's opening bracket when it stands
/// behind one.
fn end_of_name(code: &str, cursor: usize) -> usize {
    let cursor = if code[..cursor].ends_with('(') { cursor - 1 } else { cursor };
    let rest = code[cursor..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len() - cursor);
    cursor + rest
}

fn byte(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(byte, _)| byte)
}

fn characters(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.chars().count())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_whole_name_is_looked_up() {
        let cases =
            [("model.fit(x)", 8, 9), ("model.fit(", 10, 9), ("model", 0, 5), ("größe + 1", 3, 7), ("a + b", 2, 2)];
        for (code, cursor, expected) in cases {
            assert_eq!(super::end_of_name(code, super::byte(code, cursor)), expected, "{code} at {cursor}");
        }
    }
}
