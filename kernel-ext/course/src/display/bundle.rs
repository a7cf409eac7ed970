//! One thing in several forms; the front end picks the best that it can show.

/// A value in several forms, each under its MIME type; `text/plain` is always there.
///
/// ```
/// use course::display::Bundle;
/// let bundle = Bundle::text("a square").with("image/svg+xml", "<svg/>");
/// assert_eq!(bundle.get("text/plain"), Some("a square"));
/// assert_eq!(bundle.get("text/html"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    forms: Vec<(String, String)>,
}

impl Bundle {
    /// A bundle with a plain text, and nothing else yet.
    pub fn text(text: impl Into<String>) -> Self {
        Self { forms: vec![("text/plain".into(), text.into())] }
    }

    /// The same bundle with one more form, or another one in its place.
    #[must_use]
    pub fn with(mut self, mime: &str, content: impl Into<String>) -> Self {
        self.forms.retain(|(known, _)| known != mime);
        self.forms.push((mime.into(), content.into()));
        self
    }

    /// The content of one form.
    pub fn get(&self, mime: &str) -> Option<&str> {
        self.forms.iter().find(|(known, _)| known == mime).map(|(_, content)| content.as_str())
    }

    /// All forms, plain text first.
    pub fn forms(&self) -> &[(String, String)] {
        &self.forms
    }
}
