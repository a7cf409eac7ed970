//! The size of a picture, read from its first bytes.

use serde_json::Value;

/// Width and height of a picture in the form of a MIME bundle, where the type is known: SVG and PNG.
/// Lengths of SVG keep their unit, because `10cm` and `10` differ.
pub fn size(mime: &str, data: &Value) -> Option<(String, String)> {
    let text = data.as_str()?;
    match mime {
        "image/svg+xml" => svg(text),
        "image/png" => png(text),
        _ => None,
    }
}

/// The size that an SVG element inside HTML states, if there is one.
fn svg(text: &str) -> Option<(String, String)> {
    let start = text.find("<svg")?;
    let tag = text[start..].split('>').next()?;
    if let (Some(width), Some(height)) = (attribute(tag, "width"), attribute(tag, "height")) {
        return Some((width.to_owned(), height.to_owned()));
    }
    let view_box: Vec<_> = attribute(tag, "viewBox")?.split([' ', ',']).filter(|part| !part.is_empty()).collect();
    match view_box[..] {
        [_, _, width, height] => Some((width.to_owned(), height.to_owned())),
        _ => None,
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.match_indices(name).find(|(start, _)| {
        tag[..*start].ends_with(char::is_whitespace) && tag[start + name.len()..].trim_start().starts_with('=')
    });
    let rest = tag[start?.0 + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next()
}

/// In a PNG file the first chunk states width and height, in bytes 16 to 24.
fn png(base64: &str) -> Option<(String, String)> {
    let bytes = decoded(base64, 24)?;
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return None;
    }
    let number =
        |start: usize| u32::from_be_bytes([bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3]]);
    Some((number(16).to_string(), number(20).to_string()))
}

/// The first `length` bytes of base64 text; a multiple of 3.
fn decoded(base64: &str, length: usize) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u8> = base64.bytes().filter(|byte| !byte.is_ascii_whitespace()).take(length / 3 * 4).collect();
    if digits.len() < length / 3 * 4 {
        return None;
    }
    let mut bytes = Vec::with_capacity(length);
    for four in digits.chunks_exact(4) {
        let mut bits = 0_u32;
        for digit in four {
            let value = ALPHABET.iter().position(|letter| letter == digit)?;
            bits = bits << 6 | u32::try_from(value).ok()?;
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        // A PNG of 3 x 2 pixels, written by Python's zlib and struct.
        let png = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAC0lEQVR4nGNggAEAAAgAAf2cK6MAAAAASUVORK5CYII=";
        let table = [
            (
                "image/svg+xml",
                "<?xml version='1.0'?><svg width=\"640\" height=\"480\" viewBox=\"0 0 1 1\">",
                Some(("640", "480")),
            ),
            ("image/svg+xml", "<svg\n stroke-width=\"9\" height='2cm' width = '3cm'>", Some(("3cm", "2cm"))),
            ("image/svg+xml", "<svg viewBox=\"0 0 30,20\">", Some(("30", "20"))),
            ("image/svg+xml", "<p>none</p>", None),
            ("image/png", png, Some(("3", "2"))),
            ("image/png", "AAAA", None),
            ("image/jpeg", "AAAA", None),
        ];
        for (mime, data, expected) in table {
            let expected = expected.map(|(width, height)| (width.to_owned(), height.to_owned()));
            assert_eq!(size(mime, &data.into()), expected, "{mime} {data}");
        }
    }
}
