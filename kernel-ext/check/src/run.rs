//! Checking one notebook: run it in a fresh kernel, compare, prove its exercises.

use crate::exercise::{self, Exercise};
use crate::proof::prove;
use crate::report::{CellName, Failure, Report};
use crate::session::{Ending, Execution, Session};
use crate::text::Difference;
use crate::{Error, Notebook, Options, Outputs, Rules, compare, kernelspec};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// What goes wrong while a notebook is checked: an environment that does not work, or a finding.
pub(crate) enum Stop {
    Error(Error),
    Failure(Box<Failure>),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

/// Checks a notebook.
///
/// # Errors
/// When it cannot be read, its kernel cannot be used, or new outputs cannot be written.
pub(crate) async fn notebook(path: &Path, options: &Options) -> Result<Report, Error> {
    let start = Instant::now();
    let mut report = Report::new(path);
    let mut notebook = Notebook::read(path)?;
    match check(&mut notebook, options, &mut report).await {
        Ok(()) => {}
        Err(Stop::Failure(failure)) => report.failures.push(*failure),
        Err(Stop::Error(error)) => return Err(error),
    }
    if options.update && report.passed() {
        report.updated = notebook.write()?;
    }
    report.duration = start.elapsed();
    Ok(report)
}

async fn check(notebook: &mut Notebook, options: &Options, report: &mut Report) -> Result<(), Stop> {
    let rules = rules(notebook)?;
    let exercises =
        Exercise::all(notebook).map_err(|(cell, reason)| Stop::from(bad_metadata(notebook, cell, reason)))?;
    let name = options.kernel.as_deref().or(notebook.kernel_name());
    let name = name.ok_or_else(|| Error::notebook(&notebook.path, "it names no kernel; use --kernel NAME"))?;
    let spec = kernelspec::find(name, &options.data_folders)?;
    let language = exercise::language(&spec.content.language);

    // An absolute path, so that nothing depends on the folder in which the check was started.
    let absolute = std::path::absolute(&notebook.path).map_err(|reason| Error::file(&notebook.path, reason))?;
    let folder = absolute.parent().unwrap_or(Path::new("/"));
    let mut session = Session::start(&spec, folder).await?;
    let mut run = Run { session: &mut session, notebook, rules: &rules, options, report };
    let mut result = run.all_cells().await;
    if let (Ok(()), Some(language)) = (&result, language) {
        result = prove(run.session, run.notebook, &exercises, language, options.timeout).await.map(|()| {
            run.report.exercises = exercises.len();
        });
    }
    session.stop().await;
    result
}

fn rules(notebook: &Notebook) -> Result<Vec<Rules>, Stop> {
    let bad = |index, reason| Stop::from(bad_metadata(notebook, index, reason));
    notebook.cells().iter().map(|cell| Rules::of(cell).map_err(|reason| bad(cell.index, reason))).collect()
}

struct Run<'a> {
    session: &'a mut Session,
    notebook: &'a mut Notebook,
    rules: &'a [Rules],
    options: &'a Options,
    report: &'a mut Report,
}

impl Run<'_> {
    /// Runs the cells until one fails, then compares: a later cell may change what an earlier one shows.
    async fn all_cells(&mut self) -> Result<(), Stop> {
        let mut outputs = Outputs::default();
        let mut counts = Vec::new();
        let mut stopped = Ok(());
        for index in 0..self.rules.len() {
            match self.cell(index, &mut outputs).await {
                Ok(Some(count)) => counts.push((index, count)),
                Ok(None) => {}
                Err(stop) => {
                    stopped = Err(stop);
                    break;
                }
            }
        }
        self.report.cells = counts.len();
        if self.options.update {
            stopped?;
            for (index, count) in counts {
                self.notebook.set_outputs(index, outputs.of(index), count);
            }
            return Ok(());
        }
        for (index, _) in counts {
            self.compare(index, &outputs.of(index));
        }
        stopped
    }

    /// Runs one cell, if it is to be run, and gives its number in the kernel's count.
    async fn cell(&mut self, index: usize, outputs: &mut Outputs) -> Result<Option<Value>, Stop> {
        let cells = self.notebook.cells();
        let (cell, rules) = (cells[index], &self.rules[index]);
        if !cell.is_code() || rules.skip || cell.source().trim().is_empty() {
            return Ok(None);
        }
        outputs.start(index);
        let limit = rules.timeout.unwrap_or(self.options.timeout);
        let Execution { ending, count } = self.session.execute(index, cell.source(), outputs, limit).await?;
        match wrong_ending(&ending, rules, limit) {
            None => Ok(Some(count)),
            Some((kind, difference)) => Err(Stop::from(failure(self.notebook, index, kind, difference))),
        }
    }

    fn compare(&mut self, index: usize, found: &[Value]) {
        let cells = self.notebook.cells();
        match compare::outputs(cells[index].outputs(), found, &self.rules[index]) {
            Ok(count) => self.report.count += count,
            Err((kind, difference)) => self.report.failures.push(failure(self.notebook, index, kind, difference)),
        }
    }
}

fn wrong_ending(ending: &Ending, rules: &Rules, limit: Duration) -> Option<(&'static str, Difference)> {
    let error = |name: &str, message: &str| format!("{name}: {message}");
    let wanted = match &rules.raises {
        None => "the cell runs".to_owned(),
        Some(None) => "an error (tag `raises-exception`)".to_owned(),
        Some(Some(name)) => format!("the error {name}"),
    };
    match (ending, &rules.raises) {
        (Ending::Good, None) => None,
        (Ending::Raised { .. }, Some(None)) => None,
        (Ending::Raised { name, .. }, Some(Some(wanted))) if name == wanted => None,
        (Ending::Good, Some(_)) => Some(("no error", Difference::new(wanted, "the cell runs"))),
        (Ending::Raised { name, message }, None) => Some(("error", Difference::new(wanted, error(name, message)))),
        (Ending::Raised { name, message }, Some(_)) => {
            Some(("another error", Difference::new(wanted, error(name, message))))
        }
        (Ending::TimedOut { killed }, _) => Some(("time-out", timed_out(limit, *killed))),
        (Ending::Died { how }, _) => Some(("the kernel died", Difference::new(wanted, how))),
    }
}

pub(crate) fn timed_out(limit: Duration, killed: bool) -> Difference {
    let after = if killed { "it did not stop when interrupted, and was killed" } else { "it was interrupted" };
    Difference::new(format!("the cell ends within {} s", limit.as_secs()), format!("it ran longer; {after}"))
}

pub(crate) fn failure(notebook: &Notebook, index: usize, kind: &str, difference: Difference) -> Failure {
    let cell = notebook.cells()[index];
    let name = CellName { number: index + 1, id: cell.id().to_owned(), source: cell.source().to_owned() };
    Failure { kind: kind.to_owned(), cell: Some(name), difference }
}

fn bad_metadata(notebook: &Notebook, index: usize, reason: String) -> Failure {
    failure(notebook, index, "metadata", Difference::new("metadata as notebooks/README.md describes it", reason))
}
