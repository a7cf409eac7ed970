//! The thread that owns the compiler: it takes requests from the queue one by one and answers them.

use super::channel::Channel;
use super::completeness::{self, Completeness};
use super::diagnostics;
use super::failure::{Failure, replaced};
use super::help;
use super::history::History;
use super::interrupt::Interrupt;
use super::output::Ending;
use super::places::Cells;
use super::queue::Queue;
use super::session::{Evaluated, Session, Trouble};
use super::wire::Front;
use crate::template::Workspace;
use jupyter_protocol::{
    ErrorOutput, ExecuteInput, ExecuteReply, ExecuteRequest, ExecutionCount, InspectReply, JupyterMessage,
    JupyterMessageContent, ReplyError, ReplyStatus, Status,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::env;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What the worker shares with the rest of the kernel.
#[derive(Clone)]
pub struct Shared {
    /// The project's folder.
    pub root: PathBuf,
    /// The way to the front end.
    pub front: Front,
    /// The way to the process of the cells.
    pub channel: Arc<Channel>,
    /// The requests.
    pub queue: Arc<Queue>,
    /// The wish to stop.
    pub interrupt: Arc<Interrupt>,
    /// The cells that were run.
    pub history: Arc<History>,
    /// Where the notebook lies, when that is not where the kernel was started.
    pub folder: Arc<OnceLock<PathBuf>>,
    /// Whether the worker has warmed up.
    pub warm: watch::Sender<bool>,
}

/// Warms up, then serves until the queue is closed.
pub fn work(shared: &Shared) {
    let workspace =
        Workspace::create(&shared.root).map_err(|error| Failure::new("NotInstalled", &error.to_string(), []));
    let mut worker =
        Worker { shared: shared.clone(), workspace, session: None, cells: Cells::default(), count: 0, moved: false };
    worker.warm_up();
    for rehearse in [Session::rehearse, help::rehearse] {
        if let Some(session) = worker.session.as_mut().filter(|_| !shared.queue.is_busy()) {
            rehearse(session);
        }
    }
    shared.warm.send_replace(true);
    while let Some(request) = shared.queue.next() {
        worker.serve(&request);
    }
    // evcxr waits for its process, which may be in the middle of anything.
    shared.interrupt.kill_child();
    drop(worker);
    shared.queue.leave();
}

struct Worker {
    shared: Shared,
    workspace: Result<Workspace, Failure>,
    /// `None` when evcxr has to be started, again perhaps.
    session: Option<Session>,
    cells: Cells,
    count: usize,
    /// Whether this process has gone to the notebook's folder.
    moved: bool,
}

impl Worker {
    /// Starts the session if there is none. A failure is reported by the next cell that needs it.
    fn warm_up(&mut self) -> Option<Failure> {
        if self.session.is_some() {
            return None;
        }
        let workspace = match &self.workspace {
            Ok(workspace) => workspace,
            Err(failure) => return Some(failure.clone()),
        };
        self.shared.channel.mute(true);
        let started = Session::start(&self.shared.root, workspace, self.shared.channel.path());
        self.shared.channel.mute(false);
        match started {
            Ok(session) => {
                self.shared.interrupt.watch(session.child());
                self.session = Some(session);
                None
            }
            Err(failure) => Some(failure),
        }
    }

    fn serve(&mut self, request: &JupyterMessage) {
        if let Some(folder) = self.shared.folder.get().filter(|_| !self.moved) {
            // Where the folder is gone, cells are told so by whatever they want to do there.
            let _ = env::set_current_dir(folder);
            self.moved = true;
        }
        self.shared.front.publish(Status::busy(), Some(request));
        let mut aborted = Vec::new();
        match &request.content {
            JupyterMessageContent::ExecuteRequest(content) => aborted = self.execute(request, content),
            JupyterMessageContent::CompleteRequest(content) => {
                let reply = match &mut self.session {
                    Some(session) => help::complete(session, content),
                    None => help::nothing(content),
                };
                self.reply(reply.as_child_of(request));
            }
            JupyterMessageContent::InspectRequest(content) => {
                let reply = match &mut self.session {
                    Some(session) => help::inspect(session, &self.shared.channel, content),
                    None => InspectReply::default(),
                };
                self.reply(reply.as_child_of(request));
            }
            _ => {}
        }
        self.shared.front.publish(Status::idle(), Some(request));
        for cell in aborted {
            self.abort(&cell);
        }
    }

    /// Runs a cell. When it fails, the cells that were sent after it are not to be run: those are returned.
    fn execute(&mut self, request: &JupyterMessage, content: &ExecuteRequest) -> Vec<JupyterMessage> {
        let start = Instant::now();
        let counts = !content.silent && content.store_history && !content.code.trim().is_empty();
        self.count += usize::from(counts);
        if counts {
            self.shared.history.push(self.count, &content.code);
        }
        if !content.silent {
            let count = ExecutionCount::new(self.count);
            self.shared
                .front
                .publish(ExecuteInput { code: content.code.clone(), execution_count: count }, Some(request));
        }
        self.cells.push(self.count, &content.code);
        self.shared.channel.cell_starts(request, self.count, content.silent);
        let (outcome, ran) = self.run(&content.code);
        let failure = match outcome {
            Ok(Evaluated { content: shown, warnings, is_timed }) => {
                let shown = shown.into_iter().map(|(mime, text)| (mime, Value::String(text)));
                self.shared.channel.result(shown.collect());
                let mut notes = diagnostics::warnings(&warnings, &self.cells);
                if is_timed {
                    let [compiled, ran] = [start.elapsed().saturating_sub(ran), ran].map(|time| time.as_secs_f64());
                    notes.push(format!("compiled in {compiled:.2} s, ran in {ran:.2} s"));
                }
                notes.iter().filter(|_| !content.silent).for_each(|note| self.shared.channel.note(note));
                None
            }
            Err(failure) => Some(failure),
        };
        // Only what was sent before anybody could know of the failure.
        let stops = failure.is_some() && content.stop_on_error;
        let aborted = if stops { self.shared.queue.take_cells() } else { Vec::new() };
        if let Some(Failure { name, value, traceback }) = failure.clone() {
            self.shared.front.publish(ErrorOutput { ename: name, evalue: value, traceback }, Some(request));
        }
        self.reply_to_cell(request, failure, start.elapsed().saturating_sub(ran), ran);
        aborted
    }

    /// Compiles and runs the code; says how long it ran.
    fn run(&mut self, code: &str) -> (Result<Evaluated, Failure>, Duration) {
        if code.trim().is_empty() {
            return (Ok(Evaluated::default()), Duration::ZERO);
        }
        // evcxr would pass over it in silence.
        if let Completeness::Invalid(byte) = completeness::of(code) {
            return (Err(Failure::bracket(code, byte)), Duration::ZERO);
        }
        self.shared.interrupt.cell_starts();
        let failure = self.warm_up();
        if self.shared.interrupt.is_requested() || failure.is_some() {
            let (ran, _) = self.shared.interrupt.cell_ends();
            return (
                Err(failure.unwrap_or_else(|| Failure::interrupted("the cell was stopped before it ran", []))),
                ran,
            );
        }
        let Some(session) = &mut self.session else { return (Ok(Evaluated::default()), Duration::ZERO) };
        let variables = session.variables();
        let outcome = session.evaluate(code);
        let (ran, interrupted) = self.shared.interrupt.cell_ends();
        let died = matches!(outcome, Err(Trouble::Died(_)));
        let ending = self.shared.channel.cell_ends(died);
        if matches!(outcome, Err(Trouble::Broken(_))) {
            self.give_up_session();
        }
        let result = self.judge(outcome, ending, interrupted, &variables);
        (result, ran)
    }

    /// Turns what evcxr and the process of the cells say into one verdict.
    fn judge(
        &self,
        outcome: Result<Evaluated, Trouble>,
        ending: Ending,
        interrupted: bool,
        variables: &[String],
    ) -> Result<Evaluated, Failure> {
        let source = self.workspace.as_ref().map(|workspace| workspace.evcxr().join("src/lib.rs")).unwrap_or_default();
        let failure = match outcome {
            Ok(_) if ending.panicked => Failure::panic(&ending.panic.unwrap_or_default(), &source, &self.cells),
            Ok(values) => match ending.user_error {
                Some(text) => Failure::user_error(&text),
                None => return Ok(values),
            },
            Err(Trouble::Died(_)) if interrupted => {
                let what = "the cell did not stop by itself, so its process was replaced";
                return Err(Failure::interrupted(what, [replaced(variables)]));
            }
            Err(Trouble::Died(status)) => {
                let panic = ending.panic.map(|panic| Failure::panic(&panic, &source, &self.cells).traceback);
                let mut reasons = panic.unwrap_or_default();
                reasons.push(ending.last_words.trim().to_owned());
                Failure::crashed(&status, reasons, variables)
            }
            Err(_) if interrupted => {
                return Err(Failure::interrupted(
                    "the cell was stopped while it was compiled; all variables are kept",
                    [],
                ));
            }
            Err(Trouble::Compile(errors)) => Failure::compile(&errors, &self.cells),
            Err(Trouble::Refused(text)) => Failure::refused(&text),
            Err(Trouble::Broken(text)) => {
                let what = format!("the compiler's driver has failed and was started anew ({text})");
                Failure::new("KernelError", &what, ["Variables, functions, types and imports are lost.".to_owned()])
            }
        };
        Err(failure)
    }

    /// Leaves a context that has panicked where it is: its destructors may panic again.
    fn give_up_session(&mut self) {
        std::mem::forget(self.session.take());
        self.shared.interrupt.kill_child();
    }

    /// Answers, after the queue knows that nobody has to wait any more.
    fn reply(&self, reply: JupyterMessage) {
        self.shared.queue.rest();
        self.shared.front.reply(reply);
    }

    fn reply_to_cell(&self, request: &JupyterMessage, failure: Option<Failure>, compiled: Duration, ran: Duration) {
        let status = if failure.is_some() { ReplyStatus::Error } else { ReplyStatus::Ok };
        let error = failure
            .map(|Failure { name, value, traceback }| Box::new(ReplyError { ename: name, evalue: value, traceback }));
        let reply = ExecuteReply {
            status,
            execution_count: ExecutionCount::new(self.count),
            user_expressions: Some(HashMap::new()),
            error,
            ..ExecuteReply::default()
        };
        let timing = json!({ "timing": { "compile_ms": millis(compiled), "run_ms": millis(ran) } });
        self.reply(reply.as_child_of(request).with_metadata(timing));
    }

    /// Answers for a cell that is not run.
    fn abort(&self, request: &JupyterMessage) {
        self.shared.front.publish(Status::busy(), Some(request));
        let reply = ExecuteReply {
            status: ReplyStatus::Aborted,
            execution_count: ExecutionCount::new(self.count),
            user_expressions: Some(HashMap::new()),
            ..ExecuteReply::default()
        };
        self.shared.front.reply(reply.as_child_of(request));
        self.shared.front.publish(Status::idle(), Some(request));
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
