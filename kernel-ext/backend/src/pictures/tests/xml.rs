//! As much of XML and base64 as is needed to read our own pictures back.

/// Whether all elements are closed in order, attributes are quoted and unique, and text is escaped.
pub fn check(document: &str) -> Result<(), String> {
    let mut open = Vec::new();
    for (i, piece) in document.split('<').enumerate().skip(1) {
        let (tag, text) = piece.split_once('>').ok_or(format!("tag {i} does not end: {piece}"))?;
        if text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").replace("&quot;", "").contains(['&', '>'])
        {
            return Err(format!("text that is not escaped: {text}"));
        }
        if let Some(name) = tag.strip_prefix('/') {
            let opened = open.pop();
            if opened != Some(name) {
                return Err(format!("</{name}> closes {opened:?}"));
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        check_attributes(attributes.trim_end_matches('/'))?;
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} are not closed")) }
}

fn check_attributes(attributes: &str) -> Result<(), String> {
    let parts: Vec<&str> = attributes.trim().split('"').collect();
    let names: Vec<&str> = parts.iter().step_by(2).map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    let quoted = parts.len() == 2 * names.len() + 1 || attributes.is_empty();
    if !quoted || names.iter().any(|name| !name.ends_with('=')) {
        return Err(format!("attributes that are not quoted: {attributes}"));
    }
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    if unique.len() == names.len() { Ok(()) } else { Err(format!("an attribute stands twice: {attributes}")) }
}

/// RFC 4648, section 4.
pub fn unpacked_base64(text: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for letter in text.trim_end_matches('=').chars() {
        bits = bits << 6 | letters.find(letter).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

#[test]
fn broken_documents_are_noticed() {
    for document in ["<a>", "<a></b>", "<a b=c/>", "<a b=\"1\" b=\"2\"/>", "<a>x & y</a>", "<a", "<a b=\"1/>"] {
        assert!(check(document).is_err(), "{document}");
    }
    assert_eq!(check("<a b=\"1\" c=\"2\"><d/>x &amp; y</a>"), Ok(()));
}
