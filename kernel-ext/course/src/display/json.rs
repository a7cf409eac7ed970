//! The little JSON that the side channel needs.

use super::Bundle;

/// A text as a JSON string.
pub fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            letter if (letter as u32) < 0x20 => json.push_str(&format!("\\u{:04x}", letter as u32)),
            letter => json.push(letter),
        }
    }
    json.push('"');
    json
}

/// A bundle as an object from MIME types to contents.
pub fn bundle(bundle: &Bundle) -> String {
    let forms = bundle.forms().iter().map(|(mime, content)| format!("{}:{}", string(mime), string(content)));
    format!("{{{}}}", forms.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::{bundle, string};
    use crate::display::Bundle;

    #[test]
    fn what_is_written_reads_back_the_same() {
        for text in ["plain", "a \"quote\" and a \\", "lines\nand\ttabs\r\u{1}\u{1b}", "ünïcode 数 🦀", ""] {
            let back: String = serde_json::from_str(&string(text)).unwrap();
            assert_eq!(back, text);
        }
        let both = Bundle::text("x").with("text/html", "<b class=\"y\">\n</b>");
        let back: serde_json::Value = serde_json::from_str(&bundle(&both)).unwrap();
        assert_eq!(back["text/html"], "<b class=\"y\">\n</b>");
        assert_eq!(back["text/plain"], "x");
    }
}
