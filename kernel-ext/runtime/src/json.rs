//! The little JSON that this process needs: texts are written, and one list of texts is read.

use std::fmt::Write;

/// Appends `text` as a JSON string, with its quotes.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// The strings in the list that an answer such as `{"lines":["a","b"]}` has under `key`.
pub fn strings_under(key: &str, answer: &str) -> Vec<String> {
    let mut quoted = String::new();
    write_string(&mut quoted, key);
    let Some((_, rest)) = answer.split_once(&quoted) else { return Vec::new() };
    let Some((_, mut rest)) = rest.split_once('[') else { return Vec::new() };
    let mut strings = Vec::new();
    while let Some(next) = rest.trim_start_matches([' ', ',']).strip_prefix('"') {
        let Some((text, after)) = read_string(next) else { break };
        strings.push(text);
        rest = after;
    }
    strings
}

/// Reads up to the closing quote; returns the text and what follows.
fn read_string(source: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = source.chars();
    loop {
        match characters.next()? {
            '"' => return Some((text, characters.as_str())),
            '\\' => text.push(read_escape(&mut characters)?),
            other => text.push(other),
        }
    }
}

fn read_escape(characters: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match characters.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let digits = characters.as_str().get(..4)?;
            *characters = characters.as_str()[4..].chars();
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
        }
        literal => literal,
    })
}

#[cfg(test)]
mod tests {
    use super::{strings_under, write_string};

    #[test]
    fn strings_survive_writing_and_reading() {
        for text in ["", "plain", "a \"quoted\" \\ text\n", "\u{1}\t\r", "Gewicht \u{3b2}"] {
            let mut answer = String::from(r#"{"lines":["first", "#);
            write_string(&mut answer, text);
            answer.push_str("]}\n");
            assert_eq!(strings_under("lines", &answer), ["first", text], "{answer}");
        }
    }

    #[test]
    fn an_answer_without_lines_has_none() {
        for answer in ["{}\n", r#"{"lines":[]}"#, r#"{"lines":["cut"#, ""] {
            assert!(strings_under("lines", answer).is_empty(), "{answer}");
        }
    }
}
