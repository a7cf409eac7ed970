//! From what a cell writes and shows to what the front end sees: streams in batches, displays, values.

use super::batches::{Batches, Ready, Stream};
use super::streams::{Piece, Pieces, Text};
use super::wire::Front;
use jupyter_protocol::{
    ClearOutput, CommClose, CommId, DisplayData, ExecuteResult, ExecutionCount, InputRequest, JupyterMessage,
    JupyterMessageContent, Media, Status, Stdio, StreamContent, Transient, UpdateDisplayData,
};
use serde_json::{Map, Value};
use std::mem;
use std::time::Instant;

/// How much text a cell may print.
const LIMIT: usize = 1 << 20;
/// The value that says nothing.
const UNIT: &str = "()";

/// What a panic has to say.
#[derive(Debug, Clone, Default)]
pub struct Panic {
    /// The message.
    pub message: String,
    /// The thread's name; cells run on `main`.
    pub thread: String,
    /// The source file.
    pub file: String,
    /// The line in that file.
    pub line: usize,
    /// The column in that line.
    pub column: usize,
    /// The user's functions, innermost first.
    pub backtrace: Vec<String>,
}

/// How a cell ended, as far as its own process could say.
#[derive(Debug, Default)]
pub struct Ending {
    /// The panic that ended it, or was the last thing before its process died.
    pub panic: Option<Panic>,
    /// Whether it ended by a panic.
    pub panicked: bool,
    /// The text of the error at a `?` that ended it.
    pub user_error: Option<String>,
    /// What stood on standard error when the process died.
    pub last_words: String,
}

/// Where everything goes that the present cell gives out.
pub struct Output {
    front: Front,
    parent: Option<JupyterMessage>,
    count: usize,
    silent: bool,
    muted: bool,
    /// The text of the last value, while it is not to be published.
    preview: Option<String>,
    stdout: Pieces,
    stderr: Text,
    batches: Batches,
    value: Map<String, Value>,
    printed: usize,
    panics: Vec<Panic>,
    panicked: bool,
    user_error: Option<String>,
    for_evcxr: Vec<String>,
}

impl Output {
    /// Before the first cell.
    pub fn new(front: Front) -> Self {
        Self {
            front,
            parent: None,
            count: 0,
            silent: false,
            muted: false,
            preview: None,
            stdout: Pieces::default(),
            stderr: Text::default(),
            batches: Batches::default(),
            value: Map::new(),
            printed: 0,
            panics: Vec::new(),
            panicked: false,
            user_error: None,
            for_evcxr: Vec::new(),
        }
    }

    /// While evcxr starts, it evaluates a cell of its own, which nobody wants to see.
    pub fn mute(&mut self, muted: bool) {
        self.flush();
        self.muted = muted;
    }

    /// What comes now is not published; of the value, the text is kept.
    pub fn preview_starts(&mut self) {
        self.mute(true);
        self.preview = Some(String::new());
    }

    /// The text that was kept.
    pub fn preview_ends(&mut self) -> Option<String> {
        self.mute(false);
        self.preview.take().filter(|text| !text.is_empty())
    }

    /// From now on everything belongs to this request.
    pub fn cell_starts(&mut self, parent: &JupyterMessage, count: usize, silent: bool) {
        self.flush();
        self.parent = Some(parent.clone());
        self.count = count;
        self.silent = silent;
        self.printed = 0;
        self.run_begins();
    }

    /// The compiled cell is called; evcxr may do that twice for one cell.
    pub fn run_begins(&mut self) {
        self.panics.clear();
        self.panicked = false;
        self.user_error = None;
    }

    /// The compiled cell has returned: everything is published. Returns the lines meant for evcxr.
    pub fn run_ends(&mut self) -> Vec<String> {
        let pieces = self.stdout.finish();
        self.take(pieces);
        let rest = self.stderr.finish();
        self.text(Stream::Stderr, &rest);
        if !self.panicked {
            self.report_survived_panics();
        }
        self.flush();
        if self.succeeded() {
            self.publish_value_as_result();
        } else {
            self.publish_value_as_display();
        }
        mem::take(&mut self.for_evcxr)
    }

    /// The cell is over. When its process has died, what it said last on standard error is the reason,
    /// not output.
    pub fn cell_ends(&mut self, died: bool) -> Ending {
        let last_words = if died { self.batches.take_stderr() } else { String::new() };
        let pieces = self.stdout.finish();
        self.take(pieces);
        self.stderr.finish();
        self.flush();
        self.publish_value_as_display();
        Ending {
            panic: if self.panicked || died { self.panics.pop() } else { None },
            panicked: self.panicked,
            user_error: self.user_error.take(),
            last_words,
        }
    }

    fn succeeded(&self) -> bool {
        !self.panicked && self.user_error.is_none()
    }

    /// Bytes from a standard output.
    pub fn stdout(&mut self, bytes: &[u8]) {
        let pieces = self.stdout.push(bytes);
        self.take(pieces);
    }

    /// Bytes from a standard error.
    pub fn stderr(&mut self, bytes: &[u8]) {
        let text = self.stderr.push(bytes);
        self.text(Stream::Stderr, &text);
    }

    fn take(&mut self, pieces: Vec<Piece>) {
        // The error was printed before it was reported, whatever else is in between.
        if pieces.contains(&Piece::UserError) {
            self.user_error = Some(self.batches.take_stderr());
        }
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.text(Stream::Stdout, &text),
                Piece::Content { mime, text } => self.content(mime, text),
                Piece::Panicked => {
                    self.panicked = true;
                    self.for_evcxr.push("EVCXR_PANIC_NOTIFICATION".to_owned());
                }
                Piece::UserError => self.for_evcxr.push("EVCXR_ERROR_OCCURRED".to_owned()),
                Piece::TypeChanged(name) => self.variable_lost(&name),
            }
        }
    }

    /// evcxr drops the variable and runs the cell again. Its own words about it would be a warning on
    /// standard error.
    fn variable_lost(&mut self, name: &str) {
        self.batches.suppress(format!("The type of the variable {name} was redefined, so was lost.\n"));
        self.text(Stream::Stdout, &format!("[the variable {name} is gone: its type has been defined anew]\n"));
        self.for_evcxr.push(format!("EVCXR_VARIABLE_CHANGED_TYPE:{name}"));
    }

    fn text(&mut self, stream: Stream, text: &str) {
        if text.is_empty() {
            return;
        }
        if let (Stream::Stderr, Some(error)) = (stream, &mut self.user_error) {
            error.push_str(text);
            return;
        }
        // What goes to standard error has no order with what goes to standard output.
        if stream == Stream::Stdout {
            self.publish_value_as_display();
        }
        let ready = self.batches.push(stream, text, Instant::now());
        self.publish_text(ready);
    }

    /// When text has to be published at the latest.
    pub fn due(&self) -> Option<Instant> {
        self.batches.due()
    }

    /// Publishes the text that has waited long enough.
    pub fn publish_due(&mut self) {
        let ready = self.batches.take_due(Instant::now());
        self.publish_text(ready);
    }

    /// Publishes all text that waits.
    fn flush(&mut self) {
        let ready = self.batches.take_all();
        self.publish_text(ready);
    }

    fn publish_text(&mut self, ready: Ready) {
        for (stream, mut text) in ready {
            if self.printed > LIMIT {
                return;
            }
            self.printed += text.len();
            if self.printed > LIMIT {
                text.push_str("\n[this cell has printed more than 1 MiB; the rest is not shown]\n");
            }
            let name = match stream {
                Stream::Stdout => Stdio::Stdout,
                Stream::Stderr => Stdio::Stderr,
            };
            self.publish(StreamContent { name, text });
        }
    }

    /// A part of a value that evcxr's generated code prints. One value may come in several MIME types;
    /// the last one is the value of the cell, earlier ones were shown on the way.
    fn content(&mut self, mime: String, text: String) {
        self.flush();
        if self.value.contains_key(&mime) {
            self.publish_value_as_display();
        }
        self.value.insert(mime, Value::String(text));
    }

    fn publish_value_as_display(&mut self) {
        if let Some(data) = self.take_value() {
            self.display(data, Map::new(), None);
        }
    }

    fn publish_value_as_result(&mut self) {
        if let Some(data) = self.take_value() {
            self.result(data, Map::new());
        }
    }

    fn take_value(&mut self) -> Option<Map<String, Value>> {
        let data = mem::take(&mut self.value);
        let is_unit = data.len() == 1 && data.get("text/plain").is_some_and(|text| text == UNIT);
        (!data.is_empty() && !is_unit).then_some(data)
    }

    /// The value of the cell.
    pub fn result(&mut self, data: Map<String, Value>, metadata: Map<String, Value>) {
        if let Some(preview) = &mut self.preview {
            *preview = data.get("text/plain").and_then(Value::as_str).unwrap_or_default().to_owned();
        }
        if data.is_empty() || self.silent {
            return;
        }
        self.before_another_output();
        let count = ExecutionCount::new(self.count);
        self.publish(ExecuteResult {
            execution_count: count,
            data: bundle(data),
            metadata,
            transient: Some(Transient::default()),
        });
    }

    /// Something to look at; with an id, updates replace it later.
    pub fn display(&mut self, data: Map<String, Value>, metadata: Map<String, Value>, id: Option<String>) {
        self.before_another_output();
        let transient = id.map(|id| Transient { display_id: Some(id) });
        self.publish(DisplayData { data: bundle(data), metadata, transient });
    }

    /// Replaces what was shown under this id.
    pub fn update(&mut self, data: Map<String, Value>, metadata: Map<String, Value>, id: String) {
        self.before_another_output();
        self.publish(UpdateDisplayData { data: bundle(data), metadata, transient: Transient { display_id: Some(id) } });
    }

    /// Clears the output of the cell.
    pub fn clear(&mut self, wait: bool) {
        self.before_another_output();
        self.publish(ClearOutput { wait });
    }

    /// Asks the user for a line; says whether there is one to ask.
    pub fn ask(&mut self, prompt: &str, password: bool) -> bool {
        self.before_another_output();
        let parent = self.parent.as_ref().filter(
            |parent| matches!(&parent.content, JupyterMessageContent::ExecuteRequest(content) if content.allow_stdin),
        );
        let Some(parent) = parent else { return false };
        self.front.ask(InputRequest { prompt: prompt.to_owned(), password }.as_child_of(parent));
        true
    }

    /// What cells say on a comm, because of a request on one or by themselves.
    pub fn say_on_comm(&mut self, content: JupyterMessageContent, request: Option<&JupyterMessage>) {
        self.before_another_output();
        self.front.publish(content, request.or(self.parent.as_ref()));
    }

    /// The cells have done what a request on a comm wanted.
    pub fn comm_is_done(&mut self, request: &JupyterMessage) {
        self.before_another_output();
        self.front.publish(Status::idle(), Some(request));
    }

    /// The process of the cells has ended, and with it these comms and the answers to these requests.
    pub fn comms_end(&mut self, comms: Vec<String>, requests: &[JupyterMessage]) {
        for id in comms {
            self.publish(CommClose { comm_id: CommId(id), ..CommClose::default() });
        }
        requests.iter().for_each(|request| self.comm_is_done(request));
    }

    fn before_another_output(&mut self) {
        self.publish_value_as_display();
        self.flush();
    }

    /// A panic is only the end of the cell when evcxr's generated code says so. On other threads it is
    /// shown as Rust would show it.
    pub fn panic(&mut self, panic: Panic) {
        if panic.thread == "main" {
            self.panics.push(panic);
        } else {
            self.text(Stream::Stderr, &survived(&panic));
        }
    }

    fn report_survived_panics(&mut self) {
        for panic in mem::take(&mut self.panics) {
            self.text(Stream::Stderr, &survived(&panic));
        }
    }

    fn publish(&self, content: impl Into<JupyterMessageContent>) {
        if !self.muted {
            self.front.publish(content, self.parent.as_ref());
        }
    }
}

fn survived(panic: &Panic) -> String {
    format!("thread '{}' panicked: {}\n", panic.thread, panic.message)
}

/// Every value has a plain text, for tools that know nothing else.
fn bundle(mut data: Map<String, Value>) -> Media {
    if !data.contains_key("text/plain") {
        let kinds: Vec<&str> = data.keys().map(String::as_str).collect();
        let plain = format!("[{}]", kinds.join(", "));
        data.insert("text/plain".to_owned(), plain.into());
    }
    serde_json::from_value(Value::Object(data)).unwrap_or_default()
}
