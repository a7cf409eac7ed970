//! How much room text takes, without a font at hand, and how it is written into XML.

/// The width of a line in the unit of `size`, for the wider of the common sans-serif fonts.
pub fn width(line: &str, size: f64) -> f64 {
    line.chars().map(character_width).sum::<f64>() * size
}

fn character_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.3,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '-' | '/' | 'I' => 0.38,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.95,
        'A'..='Z' | '−' => 0.72,
        '\u{1100}'.. => 1.0, // scripts with square characters, symbols, emoji
        _ => 0.62,
    }
}

/// The widest of these lines.
pub fn widest<'a>(lines: impl IntoIterator<Item = &'a str>, size: f64) -> f64 {
    lines.into_iter().map(|line| width(line, size)).fold(0.0, f64::max)
}

/// The text as XML content; characters that XML does not allow become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_text_is_wider() {
        assert!(width("iii", 10.0) < width("aaa", 10.0));
        assert!(width("aaa", 10.0) < width("WWW", 10.0));
        assert_eq!(width("00", 1.0), 1.24);
        assert_eq!(width("数", 10.0), 10.0);
        assert_eq!(widest(["a", "aaaa", ""], 1.0), width("aaaa", 1.0));
    }

    #[test]
    fn xml_takes_every_text() {
        for (text, escaped) in [
            ("loss < 1 & \"ok\"", "loss &lt; 1 &amp; &quot;ok&quot;"),
            ("a\tb\u{1}c\n", "a b\u{fffd}c\u{fffd}"),
            ("π ≈ 3", "π ≈ 3"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }
}
