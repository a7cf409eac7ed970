//! Completion and inspection: between Jupyter's positions, which count characters, and evcxr's bytes.

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

/// Type, signature and documentation of the name under the cursor.
pub fn inspect(session: &mut Session, request: &InspectRequest) -> InspectReply {
    let end = end_of_name(&request.code, byte(&request.code, request.cursor_pos));
    let Some((plain, html)) = session.inspect(&request.code[..end]) else { return InspectReply::default() };
    let data = serde_json::from_value(json!({ "text/plain": plain, "text/html": html })).unwrap_or_default();
    InspectReply { found: true, data, ..InspectReply::default() }
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
