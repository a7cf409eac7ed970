//! The value at the end of a cell, which is shown.

use evcxr::CompilationError;
use ra_ap_syntax::ast::{self, HasModuleItem};
use ra_ap_syntax::{AstNode, Edition, SourceFile};

/// The method by which a value shows itself.
const METHOD: &str = "evcxr_display";

/// The code with a statement in place of its last expression, in which the value shows itself. Each line of the
/// expression stays as it is. Nothing where there is no such expression, or more than code.
pub fn shown(code: &str) -> Option<String> {
    const BEFORE: &str = "fn cell() {";
    if code.lines().any(|line| line.trim_start().starts_with([':', '!'])) {
        return None;
    }
    let parsed = SourceFile::parse(&format!("{BEFORE}{code}\n}}"), Edition::Edition2024);
    if !parsed.errors().is_empty() {
        return None;
    }
    let ast::Item::Fn(cell) = parsed.tree().items().next()? else { return None };
    let range = cell.body()?.stmt_list()?.tail_expr()?.syntax().text_range();
    let (start, end) = (usize::from(range.start()) - BEFORE.len(), usize::from(range.end()) - BEFORE.len());
    let (before, value, after) = (&code[..start], &code[start..end], &code[end..]);
    Some(format!("{before}(\n{value}\n).{METHOD}();{after}"))
}

/// Whether a cell has been refused because its last value cannot show itself.
pub fn cannot_show(error: &CompilationError) -> bool {
    error.json.to_string().contains(METHOD)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn only_a_last_expression_becomes_a_statement() {
        let cases = [
            ("1 + 1", Some("(\n1 + 1\n).evcxr_display();")),
            ("let x = 1; x", Some("let x = 1; (\nx\n).evcxr_display();")),
            ("let x = 1;\nx // one", Some("let x = 1;\n(\nx\n).evcxr_display(); // one")),
            ("if x { 1 } else { 2 }", Some("(\nif x { 1 } else { 2 }\n).evcxr_display();")),
            ("let x = 1;", None),
            ("fn f() {}", None),
            ("", None),
            (":dep serde\n1", None),
            ("!ls", None),
            ("1 +", None),
            ("} 1 {", None),
        ];
        for (code, expected) in cases {
            assert_eq!(shown(code).as_deref(), expected, "{code:?}");
        }
    }
}
