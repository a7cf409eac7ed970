//! Whether a cell is complete: brackets closed, strings and comments ended. Strings, characters,
//! lifetimes and comments are told apart as the Rust reference does.

/// What a front end may do with the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Run it.
    Complete,
    /// Ask for more, indented by so many brackets.
    Incomplete(usize),
    /// Nothing that follows can make it right: a bracket at this byte closes nothing.
    Invalid(usize),
}

/// Looks at a whole cell.
pub fn of(code: &str) -> Completeness {
    // evcxr's commands and shell lines end with their line.
    if code.trim_start().starts_with([':', '!']) {
        return Completeness::Complete;
    }
    let mut scanner = Scanner { rest: code, open: Vec::new() };
    match scanner.scan() {
        Some(Completeness::Invalid(_)) => Completeness::Invalid(code.len() - scanner.rest.len()),
        Some(verdict) => verdict,
        None if !scanner.open.is_empty() => Completeness::Incomplete(scanner.open.len()),
        None if goes_on(code) => Completeness::Incomplete(1),
        None => Completeness::Complete,
    }
}

/// Whether the last line ends in something that needs a right-hand side.
fn goes_on(code: &str) -> bool {
    let last = code.lines().next_back().unwrap_or_default();
    let last = last.split("//").next().unwrap_or_default().trim_end();
    ["=", "+", "-", "*", ",", "&&", "||", "->", "=>", "::", "."].iter().any(|end| last.ends_with(end))
        && !last.ends_with("..")
}

struct Scanner<'a> {
    rest: &'a str,
    open: Vec<char>,
}

impl Scanner<'_> {
    /// Reads to the end; a verdict only where brackets alone do not decide.
    fn scan(&mut self) -> Option<Completeness> {
        while let Some(next) = self.rest.chars().next() {
            let ended = match next {
                '(' | '[' | '{' => {
                    self.open.push(next);
                    self.skip(1)
                }
                ')' | ']' | '}' => {
                    if self.open.pop() != Some(opening(next)) {
                        return Some(Completeness::Invalid(0));
                    }
                    self.skip(1)
                }
                '/' if self.rest.starts_with("//") => {
                    self.skip_line();
                    true
                }
                '/' if self.rest.starts_with("/*") => self.skip_comment(),
                '"' => self.skip_string(),
                '\'' => {
                    self.skip_quote();
                    true
                }
                _ if next.is_alphabetic() || next == '_' => self.skip_word(),
                _ => self.skip(next.len_utf8()),
            };
            if !ended {
                return Some(Completeness::Incomplete(self.open.len()));
            }
        }
        None
    }

    fn skip(&mut self, bytes: usize) -> bool {
        self.rest = &self.rest[bytes..];
        true
    }

    fn skip_line(&mut self) {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }

    /// Comments of this kind nest.
    fn skip_comment(&mut self) -> bool {
        let mut depth = 0;
        while !self.rest.is_empty() {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.skip(2);
                if depth == 0 {
                    return true;
                }
            } else {
                let width = self.rest.chars().next().map_or(1, char::len_utf8);
                self.skip(width);
            }
        }
        false
    }

    fn skip_string(&mut self) -> bool {
        let mut escaped = false;
        for (index, character) in self.rest.char_indices().skip(1) {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return self.skip(index + 1),
                _ => {}
            }
        }
        false
    }

    /// A character has a quote behind it, a lifetime has not.
    fn skip_quote(&mut self) {
        let mut characters = self.rest[1..].char_indices();
        let length = match (characters.next(), characters.next()) {
            (Some((_, '\\')), Some((_, _))) => self.rest[3..].find('\'').map_or(2, |end| end + 4),
            (Some(_), Some((index, '\''))) => index + 2,
            _ => 1,
        };
        self.skip(length.min(self.rest.len()));
    }

    /// A name, or the letters before a string: `b"..."`, `r#"..."#`, `c"..."`.
    fn skip_word(&mut self) -> bool {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(end);
        self.rest = after;
        if !matches!(word, "r" | "br" | "cr") {
            return true;
        }
        let hashes = after.len() - after.trim_start_matches('#').len();
        let Some(body) = after[hashes..].strip_prefix('"') else { return true };
        let closing = format!("\"{}", "#".repeat(hashes));
        match body.find(&closing) {
            Some(at) => {
                self.rest = &body[at + closing.len()..];
                true
            }
            None => false,
        }
    }
}

fn opening(closing: char) -> char {
    match closing {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}

#[cfg(test)]
mod tests {
    use super::Completeness::{self, Complete, Incomplete, Invalid};

    #[test]
    fn cells_are_judged_by_their_brackets_and_quotes() {
        let cases: [(&str, Completeness); 31] = [
            ("", Complete),
            ("let x = 1;", Complete),
            ("1 + 1", Complete),
            ("fn f() {", Incomplete(1)),
            ("fn f() {\n    if true {", Incomplete(2)),
            ("fn f() {}", Complete),
            ("vec![1, (2", Incomplete(2)),
            ("vec![1, (2])", Invalid(10)),
            (")", Invalid(0)),
            ("let x =", Incomplete(1)),
            ("1 + // more", Incomplete(1)),
            ("1 + 1 // = done", Complete),
            ("0..", Complete),
            ("model\n    .", Incomplete(1)),
            (r#"let s = "open"#, Incomplete(0)),
            (r#"let s = "a \" ( b";"#, Complete),
            (r#"let s = "a"; f("#, Incomplete(1)),
            (r##"let s = r#"a " ( b"#;"##, Complete),
            (r##"let s = r#"a " ( b";"##, Incomplete(0)),
            (r#"let b = b"(";"#, Complete),
            ("let c = '(';", Complete),
            (r"let c = '\'';", Complete),
            (r"let c = '\u{28}';", Complete),
            ("fn f<'a>(x: &'a str) -> &'a str { x }", Complete),
            ("'outer: loop {", Incomplete(1)),
            ("// a comment (", Complete),
            ("/* open (", Incomplete(0)),
            ("/* a /* b */ ( */", Complete),
            ("/* a /* b */ (", Incomplete(0)),
            (":dep regex = \"1\"", Complete),
            ("let größe = [1;", Incomplete(1)),
        ];
        for (code, expected) in cases {
            assert_eq!(super::of(code), expected, "{code:?}");
        }
    }
}
