//! Which of the names that rust-analyzer offers are none of a reader's business. It takes the course for a part of the
//! program that is being written, and so offers private fields and methods too.
//!
//! The sources say by their text which names could be private; whether the one at hand is, rust-analyzer is asked once.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

/// What the sources of the course say, and what was found out since.
#[derive(Debug, Default)]
pub struct Visibility {
    /// Functions that are nowhere public.
    private: HashSet<String>,
    /// The members of the course that were asked about, and whether they are private.
    verdicts: HashMap<String, bool>,
    /// Whether the value at hand is the course's. Its users may give their fields the same names.
    is_of_course: Option<bool>,
}

/// What a completion is, as far as that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// A field.
    Field,
    /// A method.
    Method,
}

impl Visibility {
    /// Reads the sources below this folder.
    pub fn of(sources: &Path) -> Self {
        let (mut public, mut private) = (HashSet::new(), HashSet::new());
        let mut folders = vec![sources.to_owned()];
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = fs::read_to_string(&path) {
                    functions(&text, &mut public, &mut private);
                }
            }
        }
        private.retain(|name| !public.contains(name));
        Self { private, ..Self::default() }
    }

    /// The names that follow are those of another value.
    pub fn turn_to_another_value(&mut self) {
        self.is_of_course = None;
    }

    /// Whether to leave this name out. `hover` says what rust-analyzer knows of it, which takes its time.
    pub fn hides(&mut self, name: &str, member: Member, hover: impl FnOnce() -> Option<String>) -> bool {
        if member == Member::Method && !self.private.contains(name) {
            return false;
        }
        // A method and a field of one name are two things.
        let key = format!("{member:?} {name}");
        let known = self.verdicts.get(&key).copied();
        if let (Some(verdict), Some(is_of_course)) = (known, self.is_of_course) {
            return verdict && is_of_course;
        }
        let text = hover().unwrap_or_default();
        self.is_of_course = Some(text.starts_with("course::"));
        let verdict = is_private_in_course(&text);
        if self.is_of_course == Some(true) {
            self.verdicts.insert(key, verdict);
        }
        verdict
    }
}

/// What is known of a member begins with its place; its declaration follows after an empty line.
fn is_private_in_course(hover: &str) -> bool {
    let mut parts = hover.split("\n\n").map(str::trim);
    parts.next().is_some_and(|place| place.starts_with("course::"))
        && parts.next().is_some_and(|declaration| !declaration.starts_with("pub "))
}

/// The functions that a source declares. Those of a trait are as public as the trait.
fn functions(source: &str, public: &mut HashSet<String>, private: &mut HashSet<String>) {
    let mut in_trait = false;
    for line in source.lines() {
        if line.starts_with("pub trait ") {
            in_trait = true;
        } else if line.starts_with('}') {
            in_trait = false;
        }
        let Some((before, after)) = line.split_once("fn ") else { continue };
        let before = before.trim();
        let is_declaration = before.split_whitespace().all(|word| {
            matches!(word, "pub" | "const" | "unsafe" | "async" | "extern" | "\"C\"") || word.starts_with("pub(")
        });
        let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if is_declaration && !name.is_empty() {
            let is_public = in_trait || before.split_whitespace().any(|word| word == "pub");
            if is_public {
                public.insert(name)
            } else {
                private.insert(name)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Member, Visibility, is_private_in_course};
    use std::fs;

    #[test]
    fn private_methods_and_fields_of_the_course_are_hidden() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("models")).unwrap();
        let source = "impl Model {\n    pub fn fit(&self) {}\n    pub(crate) fn begin(&self) {}\n    fn end() {}\n    \
                      pub const fn name(&self) {}\n}\npub trait Layer {\n    fn call(&self);\n}\nfn name() {}\n";
        fs::write(folder.path().join("models/model.rs"), source).unwrap();
        let mut visibility = Visibility::of(folder.path());
        let private = || Some("course::models::Model\n\npub(crate) fn begin(&self)".to_owned());
        let own = || Some("ctx::Mine\n\nfn begin(&self)".to_owned());
        let never = || -> Option<String> { panic!("nobody has to be asked") };
        let mut look = |name, member, hover: &dyn Fn() -> Option<String>| visibility.hides(name, member, hover);
        for name in ["fit", "call", "name"] {
            assert!(!look(name, Member::Method, &never), "{name}");
        }
        assert!(look("begin", Member::Method, &private));
        assert!(look("begin", Member::Method, &never), "it was asked once");
        assert!(!look("end", Member::Method, &|| None), "nothing is known of it");
        // A user's own type with a field of that name.
        visibility.turn_to_another_value();
        assert!(!visibility.hides("begin", Member::Method, own));
        assert!(!visibility.hides("begin", Member::Method, never));
        visibility.turn_to_another_value();
        assert!(visibility.hides("begin", Member::Method, private));
        assert!(is_private_in_course("course::models::model::Model\n\nkind: Kind"));
        assert!(!is_private_in_course("course::models::model::Model\n\npub kind: Kind"));
    }
}
