//! Small things about text that several rooms need.

/// 203530 as `203,530`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A path as it crosses the waist.
pub(crate) fn of_path(path: &std::path::Path) -> crate::Result<String> {
    path.to_str().map(String::from).ok_or_else(|| {
        let (place, message) = (path.display().to_string(), "the path is not UTF-8".into());
        crate::Error::Backend(engine_api::Error::Outside { place, message })
    })
}

/// A text that means itself in HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
