//! What a cell writes, taken apart: text for the reader, and the lines by which evcxr's generated code
//! speaks to evcxr.

use std::mem;

/// Every line of evcxr's generated code begins with this.
const MARK: &[u8] = b"EVCXR_";
const BEGIN_CONTENT: &str = "EVCXR_BEGIN_CONTENT ";
const END_CONTENT: &[u8] = b"EVCXR_END_CONTENT";

/// A part of what came over standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// For the reader.
    Text(String),
    /// A value with its MIME type.
    Content {
        /// `text/html` for example.
        mime: String,
        /// The value.
        text: String,
    },
    /// The cell panicked.
    Panicked,
    /// A `?` in the cell has met an error.
    UserError,
    /// The type of this variable has changed.
    TypeChanged(String),
}

/// Takes standard output apart as it comes. Partial lines pass at once, unless they may be the beginning
/// of one of evcxr's own.
#[derive(Default)]
pub struct Pieces {
    text: Text,
    waiting: Vec<u8>,
    content: Option<(String, Vec<u8>)>,
}

impl Pieces {
    /// What can be said about the bytes so far.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.waiting.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while self.step(&mut pieces) {}
        pieces
    }

    /// What is left when nothing will follow.
    pub fn finish(&mut self) -> Vec<Piece> {
        let mut rest = mem::take(&mut self.waiting);
        if let Some((mime, mut text)) = self.content.take() {
            text.append(&mut rest);
            return vec![Piece::Content { mime, text: String::from_utf8_lossy(&text).into_owned() }];
        }
        let mut text = self.text.push(&rest);
        text.push_str(&self.text.finish());
        if text.is_empty() { Vec::new() } else { vec![Piece::Text(text)] }
    }

    /// Deals with the front of what waits; says whether there may be more to do.
    fn step(&mut self, pieces: &mut Vec<Piece>) -> bool {
        if self.content.is_some() {
            return self.step_in_content(pieces);
        }
        let start = find(&self.waiting, MARK);
        let plain = start.unwrap_or_else(|| self.waiting.len() - possible_start(&self.waiting));
        let text = self.text.push(&self.waiting[..plain]);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        self.waiting.drain(..plain);
        if start.is_none() {
            return false;
        }
        let Some(end) = self.waiting.iter().position(|byte| *byte == b'\n') else { return false };
        let line: Vec<u8> = self.waiting.drain(..=end).collect();
        match self.meaning(&line) {
            Some(Some(piece)) => pieces.push(piece),
            Some(None) => {}
            None => pieces.push(Piece::Text(self.text.push(&line))),
        }
        true
    }

    /// `None`: the line means nothing to evcxr. `Some(None)`: it opens a block.
    fn meaning(&mut self, line: &[u8]) -> Option<Option<Piece>> {
        let line = std::str::from_utf8(line).ok()?.trim_end_matches(['\n', '\r']);
        Some(Some(match line {
            "EVCXR_PANIC_NOTIFICATION" => Piece::Panicked,
            "EVCXR_ERROR_OCCURRED" => Piece::UserError,
            other => {
                if let Some(mime) = other.strip_prefix(BEGIN_CONTENT) {
                    self.content = Some((mime.trim().to_owned(), Vec::new()));
                    return Some(None);
                }
                Piece::TypeChanged(other.strip_prefix("EVCXR_VARIABLE_CHANGED_TYPE:")?.to_owned())
            }
        }))
    }

    fn step_in_content(&mut self, pieces: &mut Vec<Piece>) -> bool {
        let Some(end) = self.waiting.iter().position(|byte| *byte == b'\n') else { return false };
        let line: Vec<u8> = self.waiting.drain(..=end).collect();
        if line.strip_suffix(b"\n") == Some(END_CONTENT) {
            if let Some((mime, text)) = self.content.take() {
                let text = text.strip_suffix(b"\n").unwrap_or(&text);
                pieces.push(Piece::Content { mime, text: String::from_utf8_lossy(text).into_owned() });
            }
        } else if let Some((_, text)) = &mut self.content {
            text.extend_from_slice(&line);
        }
        true
    }
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// How many bytes at the end may be the beginning of a mark.
fn possible_start(bytes: &[u8]) -> usize {
    (1..MARK.len()).rev().find(|length| bytes.ends_with(&MARK[..*length])).unwrap_or(0)
}

/// Bytes as text: what is not UTF-8 is replaced, what may yet become UTF-8 waits.
#[derive(Default)]
pub struct Text {
    incomplete: Vec<u8>,
}

impl Text {
    /// The text of everything that is complete.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.incomplete.extend_from_slice(bytes);
        let complete = self.incomplete.len() - unfinished(&self.incomplete);
        let text = String::from_utf8_lossy(&self.incomplete[..complete]).into_owned();
        self.incomplete.drain(..complete);
        text
    }

    /// What is left when nothing will follow.
    pub fn finish(&mut self) -> String {
        String::from_utf8_lossy(&mem::take(&mut self.incomplete)).into_owned()
    }
}

/// How many bytes at the end are the beginning of a character.
fn unfinished(bytes: &[u8]) -> usize {
    let mut checked = 0;
    loop {
        match std::str::from_utf8(&bytes[checked..]) {
            Ok(_) => return 0,
            Err(error) => match error.error_len() {
                None => return bytes.len() - checked - error.valid_up_to(),
                Some(length) => checked += error.valid_up_to() + length,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, Pieces, Text};

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn content(mime: &str, text: &str) -> Piece {
        Piece::Content { mime: mime.to_owned(), text: text.to_owned() }
    }

    /// Each case is cut at every place, which must make no difference to what comes out.
    #[test]
    fn output_is_taken_apart_wherever_it_is_cut() {
        let cases: [(&str, Vec<Piece>); 9] = [
            ("a line\n", vec![text("a line\n")]),
            ("\r 3/10 [===>  ]", vec![text("\r 3/10 [===>  ]")]),
            ("glued EVCXR_PANIC_NOTIFICATION\n", vec![text("glued "), Piece::Panicked]),
            ("EVCXR_ERROR_OCCURRED\nafter", vec![Piece::UserError, text("after")]),
            ("EVCXR_VARIABLE_CHANGED_TYPE:x\n", vec![Piece::TypeChanged("x".to_owned())]),
            ("EVCXR_BEGIN_CONTENT text/plain\n3\nEVCXR_END_CONTENT\n", vec![content("text/plain", "3")]),
            (
                "EVCXR_BEGIN_CONTENT text/html\n<b>\n</b>\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/plain\nb\nEVCXR_END_CONTENT\n",
                vec![content("text/html", "<b>\n</b>"), content("text/plain", "b")],
            ),
            ("EVCXR_IS_NOT_A_MARK\n", vec![text("EVCXR_IS_NOT_A_MARK\n")]),
            ("ends in EVC", vec![text("ends in EVC")]),
        ];
        for (output, expected) in cases {
            for cut in 0..=output.len() {
                let mut pieces = Pieces::default();
                let mut found = pieces.push(&output.as_bytes()[..cut]);
                found.extend(pieces.push(&output.as_bytes()[cut..]));
                found.extend(pieces.finish());
                assert_eq!(joined(found), expected, "{output:?} cut at {cut}");
            }
        }
    }

    /// Neighbouring texts are one text.
    fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
        let mut out: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (out.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(more)) => before.push_str(&more),
                (_, piece) => out.push(piece),
            }
        }
        out
    }

    #[test]
    fn a_partial_line_is_shown_at_once() {
        assert_eq!(Pieces::default().push(b"50 %"), [text("50 %")]);
    }

    #[test]
    fn bytes_become_text() {
        let cases: [(&[&[u8]], &str); 4] = [
            (&[b"plain"], "plain"),
            (&["β".as_bytes()], "β"),
            (&[&[0xce], &[0xb2, b'!']], "β!"),
            (&[&[b'a', 0xff, b'b'], &[0xce]], "a\u{fffd}b\u{fffd}"),
        ];
        for (chunks, expected) in cases {
            let mut decoder = Text::default();
            let mut found: String = chunks.iter().map(|chunk| decoder.push(chunk)).collect();
            found.push_str(&decoder.finish());
            assert_eq!(found, expected, "{chunks:?}");
        }
    }
}
