//! Why a cell failed, as the reader sees it: a name, a sentence, and the place in the cell.

use super::diagnostics;
use super::output::Panic;
use super::places::{Cells, Place};
use evcxr::CompilationError;
use std::path::Path;

const RED: &str = "\u{1b}[1;31m";
const BLUE: &str = "\u{1b}[1;34m";
const PLAIN: &str = "\u{1b}[0m";

/// An error of a cell, in Jupyter's three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `Panic`, `CompileError[E0382]`, ...
    pub name: String,
    /// One sentence.
    pub value: String,
    /// What the reader sees.
    pub traceback: Vec<String>,
}

impl Failure {
    /// A failure whose traceback is its name and sentence, and `more`.
    pub fn new(name: &str, value: &str, more: impl IntoIterator<Item = String>) -> Self {
        let headline = format!("{}: {value}", red(name));
        let traceback = std::iter::once(headline).chain(more.into_iter().filter(|part| !part.is_empty())).collect();
        Self { name: name.to_owned(), value: value.to_owned(), traceback }
    }

    /// The cell does not compile.
    pub fn compile(errors: &[CompilationError], cells: &Cells) -> Self {
        let (errors, warnings): (Vec<_>, Vec<_>) = errors.iter().partition(|error| error.level() != "warning");
        let Some(first) = errors.first() else { return Self::not_kept() };
        let code = first.code();
        let name = code.map_or_else(|| "CompileError".to_owned(), |code| format!("CompileError[{code}]"));
        let mut value = first.message();
        if errors.len() > 1 {
            value.push_str(&format!(" (and {} more)", errors.len() - 1));
        }
        let traceback = errors.into_iter().chain(warnings).map(|error| diagnostics::render(error, cells)).collect();
        Self { name, value, traceback }
    }

    /// evcxr can keep a variable of the cell no more than say why: rustc's warnings about earlier cells stand in the
    /// place of its reason, which is one of these.
    fn not_kept() -> Self {
        let reasons = "It is a closure, holds a reference to something else, or its type is not known. Write the type \
                       (`let x: Vec<f32> = ...`), use a `fn` or a `Box<dyn Fn(...)>` in the place of a closure, or put \
                       the code into braces, so that nothing has to be kept.";
        Self::new("CompileError", "a variable of this cell cannot be kept for later cells", [reasons.to_owned()])
    }

    /// A bracket at this byte closes nothing.
    pub fn bracket(code: &str, byte: usize) -> Self {
        let before = &code[..byte];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[start..].chars().count() + 1;
        let text = code[start..].lines().next().unwrap_or_default();
        let bracket = code[byte..].chars().next().unwrap_or_default();
        let value = format!("`{bracket}` closes no bracket that is open here");
        Self::new("CompileError", &value, [snippet(Place { cell: None, line, column }, text)])
    }

    /// evcxr could not make anything of the cell, and says why in words.
    pub fn refused(message: &str) -> Self {
        let message = message.trim();
        let value = message.lines().next().unwrap_or_default();
        let more = message.lines().skip(1).collect::<Vec<_>>().join("\n");
        Self::new("CompileError", value, [more])
    }

    /// The cell panicked.
    pub fn panic(panic: &Panic, source: &Path, cells: &Cells) -> Self {
        let name = match panic.message.as_str() {
            message if message.starts_with("interrupted: ") => "Interrupted",
            message if message.starts_with("not yet implemented") => "NotYetDone",
            _ => "Panic",
        };
        let mut more = vec![place(panic, source, cells)];
        if name == "Panic" && !panic.backtrace.is_empty() {
            more.push(format!("called in: {}", panic.backtrace.join(", ")));
        }
        Self::new(name, &panic.message, more)
    }

    /// A `?` has met an error.
    pub fn user_error(text: &str) -> Self {
        Self::new("UserError", text.trim_end(), [])
    }

    /// The process of the cells has died. `status` is evcxr's account of it.
    pub fn crashed(status: &str, reasons: Vec<String>, lost: &[String]) -> Self {
        let status = status.trim();
        let how = status.rsplit_once("terminated with status: ").map_or(status, |(_, how)| how);
        let value = format!("the process that runs the cells has ended ({how}){}", meaning(how));
        Self::new("Crashed", &value, reasons.into_iter().chain([replaced(lost)]))
    }

    /// The user has stopped the cell.
    pub fn interrupted(what: &str, more: impl IntoIterator<Item = String>) -> Self {
        Self::new("Interrupted", what, more)
    }
}

/// What remains after the process of the cells had to be replaced.
pub fn replaced(lost: &[String]) -> String {
    let variables = match lost {
        [] => "No variable was lost".to_owned(),
        [one] => format!("The variable {one} is lost"),
        many => format!("The variables {} are lost", many.join(", ")),
    };
    format!("{variables}; functions, types and imports are still there.")
}

fn meaning(how: &str) -> &'static str {
    const MEANINGS: [(&str, &str); 6] = [
        ("SIGSEGV", ": it has used memory that is not its own, or recursed too deep"),
        ("SIGBUS", ": it has used memory that is not there"),
        ("SIGABRT", ": it has given up (abort, out of memory, or a panic that could not be caught)"),
        ("SIGILL", ": it has met an instruction that this processor does not know"),
        ("SIGFPE", ": an impossible calculation"),
        ("SIGKILL", ": it was killed, perhaps because the machine ran out of memory"),
    ];
    MEANINGS.iter().find(|(signal, _)| how.contains(signal)).map_or("", |(_, meaning)| meaning)
}

/// Where a panic happened, with the line of code where that is the user's.
fn place(panic: &Panic, source: &Path, cells: &Cells) -> String {
    if panic.line == 0 {
        return String::new();
    }
    let generated = Path::new(&panic.file);
    if !generated.ends_with("src/lib.rs") || generated.is_absolute() {
        return format!("  {} {}:{}:{}", blue("-->"), panic.file, panic.line, panic.column);
    }
    let text = std::fs::read_to_string(source).unwrap_or_default();
    let line = text.lines().nth(panic.line - 1).unwrap_or_default();
    match cells.find_anywhere(line, panic.column) {
        Some(place) => snippet(place, cells.line_at(place).unwrap_or(line)),
        None => String::new(),
    }
}

fn snippet(Place { cell, line, column }: Place, text: &str) -> String {
    let cell = cell.map_or_else(|| "cell".to_owned(), |count| format!("cell [{count}]"));
    let gutter = " ".repeat(line.to_string().len());
    let bar = blue("|");
    format!(
        "{gutter}{arrow} {cell}:{line}:{column}\n{gutter} {bar}\n{number} {bar} {text}\n{gutter} {bar} {indent}{caret}",
        arrow = blue("-->"),
        number = blue(&line.to_string()),
        indent = " ".repeat(column - 1),
        caret = red("^"),
    )
}

/// Text that stands out as wrong.
pub fn red(text: &str) -> String {
    format!("{RED}{text}{PLAIN}")
}

/// Text that frames code.
pub fn blue(text: &str) -> String {
    format!("{BLUE}{text}{PLAIN}")
}
