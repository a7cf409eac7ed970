//! One evcxr context and the process in which its cells run.
//!
//! What may not be in this file: anything of Jupyter.

use super::failure::Failure;
use super::final_value;
use super::types::readable;
use super::visibility::{Member, Visibility};
use crate::template::{self, Workspace};
use evcxr::{CommandContext, CompilationError, Completions, EvalContext, EvalOutputs};
use serde_json::Value;
use std::collections::HashMap;
use std::env;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::SystemTime;

/// What every cell finds imported.
const PRELUDE: &str = "use course::prelude::*;";

/// What rust-analyzer is asked about while nobody waits, so that it has read by the first cell what cells use: arrays,
/// models, training, printing.
const REHEARSAL: &str = r#"let x = ndarray::Array2::<f32>::ones((2, 2));
let y = to_categorical(&ndarray::Array1::<i32>::zeros(2), 2);
let mut model = Sequential::new();
model.add(Input::new([2]));
model.add(Dense::new(2).activation("softmax"));
model.compile(Sgd::new(1e-4), "categorical_crossentropy", ["accuracy"]);
let logs = model.fit(&x, &y, Fit::new().batch_size(2).epochs(1));
println!("{}", x.sum());
logs"#;

/// The command that lists variables.
const VARIABLES: &str = ":vars";

/// Why evcxr did not bring a cell to its end.
pub enum Trouble {
    /// rustc has refused the cell.
    Compile(Vec<CompilationError>),
    /// evcxr has refused it, in words.
    Refused(String),
    /// The process of the cells has died; evcxr has replaced it.
    Died(String),
    /// evcxr itself has failed, and with it everything that it knew.
    Broken(String),
}

/// What a cell has brought besides what its process says.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// What evcxr's own commands have to show, by MIME type.
    pub content: HashMap<String, String>,
    /// What rustc has warned of, as it says it in JSON.
    pub warnings: Vec<Value>,
    /// Whether the user wants to know how long cells take.
    pub is_timed: bool,
}

/// Compiles cells and has them run.
pub struct Session {
    context: CommandContext,
    root: PathBuf,
    /// Where cargo builds the cells.
    build: PathBuf,
    /// Read when it is needed first.
    visibility: Option<Visibility>,
}

impl Session {
    /// Starts evcxr and the process of the cells, and imports the prelude.
    ///
    /// # Errors
    /// When evcxr does not come up, or the prelude does not compile.
    pub fn start(root: &Path, workspace: &Workspace, channel: &Path) -> Result<Self, Failure> {
        let notebook = env::current_dir().unwrap_or_else(|_| root.to_owned());
        let mut command = Command::new(workspace.runtime());
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.current_dir(&notebook).env("COURSE_CHANNEL", channel).env("COURSE_BACKEND", workspace.backend());
        if env::var_os("COURSE_DATASETS").is_none() {
            command.env("COURSE_DATASETS", root.join("datasets"));
        }
        // evcxr would take a configuration that lies beside the notebook for its own.
        let _ = env::set_current_dir(workspace.evcxr());
        let started = guarded(|| EvalContext::with_subprocess_command(command));
        let _ = env::set_current_dir(notebook);
        let (context, outputs) = match started {
            Ok(Ok(started)) => started,
            Ok(Err(error)) => return Err(Failure::refused(&format!("evcxr does not start: {error}"))),
            Err(panic) => return Err(Failure::refused(&format!("evcxr does not start: {panic}"))),
        };
        // evcxr waits until what it passes on is taken; whatever matters comes over the side channel.
        thread::spawn(move || outputs.stdout.iter().for_each(drop));
        thread::spawn(move || outputs.stderr.iter().for_each(drop));
        let (context, build) = (CommandContext::with_eval_context(context), workspace.evcxr().join("target"));
        let mut session = Self { context, root: root.to_owned(), build, visibility: None };
        session.import_prelude()?;
        Ok(session)
    }

    fn import_prelude(&mut self) -> Result<(), Failure> {
        match self.evaluate_plain(PRELUDE) {
            Ok(_) => Ok(()),
            Err(Trouble::Compile(errors)) => {
                let texts: Vec<String> = errors.iter().map(CompilationError::rendered).collect();
                Err(Failure::refused(&format!("the prelude does not compile:\n{}", texts.join("\n"))))
            }
            Err(Trouble::Refused(text) | Trouble::Died(text) | Trouble::Broken(text)) => {
                Err(Failure::refused(&format!("the prelude cannot be imported: {text}")))
            }
        }
    }

    /// Has rust-analyzer read what cells will use.
    pub fn rehearse(&mut self) {
        let _ = self.inspect(REHEARSAL);
    }

    /// The process of the cells. The handle stays right when the process is replaced.
    pub fn child(&self) -> Arc<Mutex<Child>> {
        self.context.process_handle()
    }

    /// The names of all variables, sorted.
    pub fn variables(&self) -> Vec<String> {
        let mut names: Vec<String> = self.context.variables_and_types().map(|(name, _)| name.to_owned()).collect();
        names.sort();
        names
    }

    /// The type of a variable.
    pub fn type_of(&self, name: &str) -> Option<String> {
        let mut variables = self.context.variables_and_types();
        variables.find_map(|(variable, kind)| (variable == name).then(|| readable(kind)))
    }

    /// Has the process of the cells show a variable.
    pub fn show(&mut self, variable: &str) -> bool {
        self.evaluate_plain(variable).is_ok()
    }

    /// Compiles and runs a cell.
    pub fn evaluate(&mut self, code: &str) -> Result<Evaluated, Trouble> {
        if let Some(level) = opt_command(code) {
            return Ok(Evaluated { content: self.set_opt_level(level)?, ..Evaluated::default() });
        }
        let start = SystemTime::now();
        let outputs = self.evaluate_shown(code)?;
        let warnings = self.warnings_since(start);
        if code.lines().any(|line| line.trim() == ":clear") {
            self.import_prelude().map_err(|failure| Trouble::Refused(failure.value))?;
        }
        let is_command = code.trim_start().starts_with(':');
        let is_timed = outputs.timing.is_some() && !is_command;
        let mut content = outputs.content_by_mime_type;
        if code.trim() == VARIABLES {
            content = self.table_of_variables();
        }
        Ok(Evaluated { content, warnings, is_timed })
    }

    /// What rustc has warned of since then. evcxr does not pass it on, but `cell-cargo` keeps it beside the manifest, and
    /// cargo beside what it has built, to say it again when there is nothing to build.
    fn warnings_since(&self, start: SystemTime) -> Vec<Value> {
        let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let platforms = entries(&self.build).chain([self.build.clone()]);
        let crates = platforms.flat_map(|platform| entries(&platform.join("debug/.fingerprint")).collect::<Vec<_>>());
        let of_cells =
            crates.filter(|folder| folder.file_name().is_some_and(|name| name.as_bytes().starts_with(b"ctx-")));
        let is_new =
            |file: &PathBuf| fs::metadata(file).and_then(|file| file.modified()).is_ok_and(|time| time >= start);
        let files = of_cells.map(|folder| folder.join("output-lib-ctx"));
        let files = files.chain([self.build.with_file_name("messages-of-rustc")]);
        let texts = files.filter(is_new).map(fs::read_to_string);
        let texts: Vec<String> = texts.filter_map(Result::ok).collect();
        texts.iter().flat_map(|text| text.lines()).filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Runs a cell whose last value shows itself. evcxr would compile the cell once for that and, if it does not
    /// compile, once more for a value that can only be printed, of which the prelude has none; so it gets a statement,
    /// and its own way only where the value cannot show itself.
    fn evaluate_shown(&mut self, code: &str) -> Result<EvalOutputs, Trouble> {
        let Some(statement) = final_value::shown(code) else { return self.evaluate_plain(code) };
        match self.evaluate_plain(&statement) {
            Err(Trouble::Compile(errors)) if errors.iter().any(final_value::cannot_show) => self.evaluate_plain(code),
            outcome => outcome,
        }
    }

    fn evaluate_plain(&mut self, code: &str) -> Result<EvalOutputs, Trouble> {
        match guarded(|| self.context.execute(code)) {
            Ok(Ok(outputs)) => Ok(outputs),
            Ok(Err(evcxr::Error::CompilationErrors(errors))) => Err(Trouble::Compile(errors)),
            Ok(Err(evcxr::Error::SubprocessTerminated(status))) => Err(Trouble::Died(status)),
            Ok(Err(other)) => Err(Trouble::Refused(other.to_string())),
            Err(panic) => Err(Trouble::Broken(panic)),
        }
    }

    /// evcxr's own table has the compiler's names of array types, and no order.
    fn table_of_variables(&self) -> HashMap<String, String> {
        let rows: Vec<(String, String)> =
            self.variables().into_iter().filter_map(|name| self.type_of(&name).map(|kind| (name, kind))).collect();
        if rows.is_empty() {
            return HashMap::from([("text/plain".to_owned(), "there are no variables".to_owned())]);
        }
        let plain: String = rows.iter().map(|(name, kind)| format!("{name}: {kind}\n")).collect();
        let cell = |kind: &str| kind.replace('&', "&amp;").replace('<', "&lt;");
        let html: String =
            rows.iter().map(|(name, kind)| format!("<tr><td>{name}</td><td>{}</td></tr>", cell(kind))).collect();
        let html = format!("<table><tr><th>Variable</th><th>Type</th></tr>{html}</table>");
        HashMap::from([("text/plain".to_owned(), plain), ("text/html".to_owned(), html)])
    }

    /// evcxr's own `:opt` would overwrite the manifest's dependency on the course.
    fn set_opt_level(&mut self, level: &str) -> Result<HashMap<String, String>, Trouble> {
        if !["0", "1", "2", "3"].contains(&level) {
            return Err(Trouble::Refused(format!("expected `:opt 0` to `:opt 3`, received `:opt {level}`")));
        }
        self.context
            .set_opt_level(&template::opt_level(level, &self.root))
            .map_err(|error| Trouble::Refused(error.to_string()))?;
        Ok(HashMap::from([("text/plain".to_owned(), format!("Optimization: {level}\n"))]))
    }

    /// What could stand at this byte of the code.
    pub fn complete(&mut self, code: &str, position: usize) -> Option<Completions> {
        if let Some(visibility) = &mut self.visibility {
            visibility.turn_to_another_value();
        }
        guarded(|| self.context.completions(code, position)).ok()?.ok()
    }

    /// Whether the name at the end of this code, behind a dot, is private to the course.
    pub fn hides(&mut self, code: &str, name: &str, member: Member) -> bool {
        let sources = self.root.join("kernel-ext/course/src");
        let visibility = self.visibility.get_or_insert_with(|| Visibility::of(&sources));
        let context = &mut self.context;
        visibility.hides(name, member, || {
            // evcxr knows a method only as the beginning of a call.
            let code = if member == Member::Method { format!("{code}(") } else { code.to_owned() };
            guarded(|| context.hover_at(&code, code.len())).ok()?.ok().map(|(plain, _)| plain)
        })
    }

    /// What is known about the name at the end of this code: plain text and HTML.
    pub fn inspect(&mut self, code: &str) -> Option<(String, String)> {
        // evcxr knows a method only as the beginning of a call.
        [format!("{code}("), code.to_owned()].into_iter().find_map(|code| {
            let (plain, html) = guarded(|| self.context.hover_at(&code, code.len())).ok()?.ok()?;
            (plain != "No documentation found").then(|| (readable(&plain), html))
        })
    }
}

fn opt_command(code: &str) -> Option<&str> {
    let level = code.trim().strip_prefix(":opt")?;
    (level.is_empty() || level.starts_with(' ')).then(|| if level.trim().is_empty() { "2" } else { level.trim() })
}

/// Calls evcxr, which panics on some input. What it panicked with is the error.
fn guarded<R>(call: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text").to_owned()
    })
}
