//! The kernel's end of the side channel: a Unix socket to which the process of the cells connects once
//! for each stream and for events. See ARCHITECTURE.md for what is said on it.

use super::comms::Comms;
use super::interrupt::Interrupt;
use super::output::{Ending, Output, Panic};
use jupyter_protocol::{CommClose, CommId, CommInfo, CommMsg, CommOpen, JupyterMessage, JupyterMessageContent};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;
use tempfile::TempDir;

/// How much is read from a connection before the others have their turn.
const TURN: usize = 64 * 1024;
/// How many turns are taken from the streams before an event is handled. More than this can only be
/// there when something prints without end, and then no order is worth waiting for.
const TURNS_BEFORE_EVENT: usize = 64;

/// The channel. Dropping it removes the socket.
pub struct Channel {
    path: PathBuf,
    state: Mutex<State>,
    _folder: TempDir,
}

struct State {
    listener: UnixListener,
    connections: Vec<Connection>,
    output: Output,
    interrupt: Arc<Interrupt>,
    /// The folder and the environment of cells, when they are not those of the kernel.
    place: Option<Value>,
    comms: Comms,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The first line has not come yet.
    Unknown,
    Stdout,
    Stderr,
    Events,
    Comms,
}

struct Connection {
    stream: UnixStream,
    kind: Kind,
    /// What has come of an unfinished line.
    line: Vec<u8>,
    open: bool,
    /// Its last event is answered when the user has typed something.
    waits_for_input: bool,
    /// Its process was told where to go.
    has_moved: bool,
}

impl Channel {
    /// Listens, in a folder that nobody else may enter, and serves on a thread of its own.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn open(output: Output, interrupt: Arc<Interrupt>) -> io::Result<Arc<Self>> {
        // The name of a socket must be short, so it cannot lie in the project's folder.
        let folder = tempfile::Builder::new().prefix("worksheets-").tempdir()?;
        let path = folder.path().join("channel");
        let listener = UnixListener::bind(&path)?;
        listener.set_nonblocking(true)?;
        let state =
            State { listener, connections: Vec::new(), output, interrupt, place: None, comms: Comms::default() };
        let channel = Arc::new(Self { path, state: Mutex::new(state), _folder: folder });
        let server = Arc::downgrade(&channel);
        thread::Builder::new().name("side channel".to_owned()).spawn(move || {
            while let Some(channel) = server.upgrade() {
                channel.serve_once();
            }
        })?;
        Ok(channel)
    }

    /// The socket that the process of the cells connects to.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether what cells give out is dropped.
    pub fn mute(&self, muted: bool) {
        self.state().output.mute(muted);
    }

    /// The text of the value that is shown meanwhile, of which the front end hears nothing.
    pub fn preview(&self, show: impl FnOnce() -> bool) -> Option<String> {
        self.state().output.preview_starts();
        let shown = show();
        self.state().output.preview_ends().filter(|_| shown)
    }

    /// From now on everything belongs to this request.
    pub fn cell_starts(&self, parent: &JupyterMessage, count: usize, silent: bool) {
        self.state().output.cell_starts(parent, count, silent);
    }

    /// Takes what is left of the cell, whose process may have died.
    pub fn cell_ends(&self, died: bool) -> Ending {
        let mut state = self.state();
        state.accept();
        state.drain_streams();
        state.output.cell_ends(died)
    }

    /// From now on each process of cells is told, before its next cell, to go where this says.
    pub fn move_to(&self, place: Value) {
        self.state().place = Some(place);
    }

    /// Passes on to the cells what a front end says on a comm. `false` when no cell wants to hear it; otherwise the
    /// request is over when the cells say so.
    pub fn comm(&self, request: &JupyterMessage) -> bool {
        let mut state = self.state();
        let taken = state.comms.take(request);
        // Before the first of them stands one that the cells are busy with.
        if taken && state.comms.waiting() == 1 {
            state.send_next_comm();
        }
        taken
    }

    /// The open comms, all or those of one target.
    pub fn comms(&self, target: Option<&str>) -> HashMap<CommId, CommInfo> {
        self.state().comms.info(target)
    }

    /// Gives the cell that has asked the user what was typed.
    pub fn answer_input(&self, text: &str) {
        self.state().answer_waiting(&json!({ "value": text }));
    }

    /// Tells the cell that waits for the user that nothing will come.
    pub fn cancel_input(&self) {
        self.state().answer_waiting(&json!({ "interrupted": true }));
    }

    /// Shows a text below what the cell has given out.
    pub fn note(&self, text: &str) {
        let data = Map::from_iter([("text/plain".to_owned(), text.into())]);
        self.state().output.display(data, Map::new(), None);
    }

    /// Shows a value as the cell's.
    pub fn result(&self, data: Map<String, Value>) {
        self.state().output.result(data, Map::new());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something comes or text is due, and deals with it.
    fn serve_once(&self) {
        let (descriptors, due) = {
            let state = self.state();
            let connections = state.connections.iter().map(|connection| connection.stream.as_raw_fd());
            (connections.chain([state.listener.as_raw_fd()]).collect::<Vec<_>>(), state.output.due())
        };
        wait(&descriptors, due);
        let mut state = self.state();
        state.accept();
        state.serve();
        state.output.publish_due();
    }
}

/// Waits until one of the descriptors can be read, or the time has come.
fn wait(descriptors: &[RawFd], due: Option<Instant>) {
    let mut polled: Vec<libc::pollfd> =
        descriptors.iter().map(|fd| libc::pollfd { fd: *fd, events: libc::POLLIN, revents: 0 }).collect();
    let timeout = match due {
        // Rounded up, or the last fraction of a millisecond would be spent spinning.
        Some(due) => i32::try_from(due.saturating_duration_since(Instant::now()).as_millis() + 1).unwrap_or(i32::MAX),
        None => 1000,
    };
    let count = polled.len() as libc::nfds_t;
    // SAFETY: the array has `count` elements and lives through the call. A descriptor that was closed
    // meanwhile is reported as such and does no harm.
    unsafe { libc::poll(polled.as_mut_ptr(), count, timeout) };
}

impl State {
    fn accept(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            if stream.set_nonblocking(true).is_ok() {
                self.connections.push(Connection::new(stream));
            }
        }
        for index in 0..self.connections.len() {
            if self.connections[index].kind == Kind::Unknown {
                self.greet(index);
            }
        }
    }

    /// Reads the first line, byte by byte: what follows it may be the stream's own bytes.
    fn greet(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        let mut byte = [0];
        while let Some(1) = connection.read(&mut byte) {
            if byte[0] != b'\n' {
                connection.line.push(byte[0]);
                continue;
            }
            connection.kind = match connection.line.as_slice() {
                b"stdout" => Kind::Stdout,
                b"stderr" => Kind::Stderr,
                b"events" => Kind::Events,
                b"comms" => Kind::Comms,
                _ => {
                    connection.open = false;
                    return;
                }
            };
            connection.line.clear();
            return;
        }
    }

    fn serve(&mut self) {
        self.take_turn(Kind::Stdout);
        self.take_turn(Kind::Stderr);
        for index in 0..self.connections.len() {
            match self.connections[index].kind {
                Kind::Events => self.serve_events(index),
                Kind::Comms => self.serve_comms(index),
                _ => {}
            }
        }
        if self.connections.iter().any(|connection| connection.kind == Kind::Comms && !connection.open) {
            let (comms, requests) = self.comms.end();
            self.output.comms_end(comms, &requests);
        }
        self.connections.retain(|connection| connection.open);
    }

    /// Reads once from every stream of this kind; says whether there was anything.
    fn take_turn(&mut self, kind: Kind) -> bool {
        let mut buffer = vec![0; TURN];
        let mut any = false;
        for connection in self.connections.iter_mut().filter(|connection| connection.kind == kind) {
            if let Some(length @ 1..) = connection.read(&mut buffer) {
                any = true;
                match kind {
                    Kind::Stdout => self.output.stdout(&buffer[..length]),
                    _ => self.output.stderr(&buffer[..length]),
                }
            }
        }
        any
    }

    fn drain_streams(&mut self) {
        for _ in 0..TURNS_BEFORE_EVENT {
            let any = self.take_turn(Kind::Stdout) | self.take_turn(Kind::Stderr);
            if !any {
                return;
            }
        }
    }

    fn serve_events(&mut self, index: usize) {
        self.connections[index].read_all();
        while let Some(line) = self.connections[index].next_line() {
            self.drain_streams();
            let answer = match serde_json::from_slice::<Value>(&line) {
                Ok(event) if event["event"] == "input" => {
                    self.ask_user(index, &event);
                    continue;
                }
                Ok(event) => self.handle(index, &event),
                Err(error) => json!({ "error": error.to_string() }),
            };
            self.connections[index].write(&format!("{answer}\n"));
        }
    }

    /// Each line says that the cells have done what the first request on a comm wanted.
    fn serve_comms(&mut self, index: usize) {
        self.connections[index].read_all();
        while self.connections[index].next_line().is_some() {
            self.drain_streams();
            if let Some(request) = self.comms.done() {
                self.output.comm_is_done(&request);
            }
            self.send_next_comm();
        }
    }

    fn send_next_comm(&mut self) {
        let Some(line) = self.comms.next_line().map(|line| format!("{line}\n")) else { return };
        if let Some(connection) = self.connections.iter_mut().find(|connection| connection.kind == Kind::Comms) {
            // Its reader does nothing but wait for this line, which may be longer than what fits on the way.
            let _ = connection.stream.set_nonblocking(false);
            connection.write(&line);
            let _ = connection.stream.set_nonblocking(true);
        }
    }

    /// What cells say on a comm.
    fn say_on_comm(&mut self, event: &Value) {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let (comm_id, data) = (CommId(text("id")), event["data"].as_object().cloned().unwrap_or_default());
        let content: JupyterMessageContent = match event["what"].as_str().unwrap_or_default() {
            "register" => return self.comms.register(&text("target")),
            "open" => {
                self.comms.opened(&comm_id.0, &text("target"));
                CommOpen { comm_id, target_name: text("target"), data, target_module: None }.into()
            }
            "close" => {
                self.comms.closed(&comm_id.0);
                CommClose { comm_id, data }.into()
            }
            _ => CommMsg { comm_id, data }.into(),
        };
        self.output.say_on_comm(content, self.comms.request());
    }

    fn ask_user(&mut self, index: usize, event: &Value) {
        let (prompt, hidden) = (event["prompt"].as_str().unwrap_or_default(), event["password"] == true);
        let answer = if self.interrupt.is_requested() {
            // The stop button was quicker than the question.
            json!({ "interrupted": true })
        } else if self.output.ask(prompt, hidden) {
            self.connections[index].waits_for_input = true;
            return;
        } else {
            json!({ "refused": "the program that runs this cell cannot ask its user anything" })
        };
        self.connections[index].write(&format!("{answer}\n"));
    }

    fn answer_waiting(&mut self, answer: &Value) {
        for connection in self.connections.iter_mut().filter(|connection| connection.waits_for_input) {
            connection.waits_for_input = false;
            connection.write(&format!("{answer}\n"));
        }
    }

    fn handle(&mut self, index: usize, event: &Value) -> Value {
        let object = |key: &str| event[key].as_object().cloned().unwrap_or_default();
        let text = |key: &str| event[key].as_str().map(str::to_owned);
        match event["event"].as_str().unwrap_or_default() {
            "begin" => {
                self.interrupt.run_begins();
                self.output.run_begins();
                if let Some(place) = &self.place
                    && !std::mem::replace(&mut self.connections[index].has_moved, true)
                {
                    return place.clone();
                }
            }
            "done" => {
                let lines = self.output.run_ends();
                self.interrupt.run_ends();
                return json!({ "lines": lines });
            }
            "display" => self.output.display(object("data"), object("metadata"), text("id")),
            "update" => self.output.update(object("data"), object("metadata"), text("id").unwrap_or_default()),
            "clear" => self.output.clear(event["wait"].as_bool().unwrap_or(false)),
            "result" => self.output.result(object("data"), object("metadata")),
            "panic" => self.output.panic(panic(event)),
            "comm" => self.say_on_comm(event),
            "interrupted?" => return json!({ "interrupted": self.interrupt.is_requested() }),
            other => return json!({ "error": format!("there is no event {other:?}") }),
        }
        json!({})
    }
}

fn panic(event: &Value) -> Panic {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| event[key].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
    let frames = event["backtrace"].as_array().into_iter().flatten();
    Panic {
        message: text("message"),
        thread: text("thread"),
        file: text("file"),
        line: number("line"),
        column: number("column"),
        backtrace: frames.filter_map(|frame| frame.as_str().map(str::to_owned)).collect(),
    }
}

impl Connection {
    fn new(stream: UnixStream) -> Self {
        Self { stream, kind: Kind::Unknown, line: Vec::new(), open: true, waits_for_input: false, has_moved: false }
    }

    /// Reads what is there: `Some(0)` at the end, `None` when nothing has come yet.
    fn read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        loop {
            match self.stream.read(buffer) {
                Ok(length) => {
                    self.open &= length > 0;
                    return Some(length);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.open &= error.kind() == ErrorKind::WouldBlock;
                    return None;
                }
            }
        }
    }

    /// Adds all that is there to the unfinished line.
    fn read_all(&mut self) {
        let mut buffer = vec![0; TURN];
        while let Some(length @ 1..) = self.read(&mut buffer) {
            self.line.extend_from_slice(&buffer[..length]);
        }
    }

    /// The next whole line that was read.
    fn next_line(&mut self) -> Option<Vec<u8>> {
        let end = self.line.iter().position(|byte| *byte == b'\n')?;
        Some(self.line.drain(..=end).collect())
    }

    /// Answers are short and their reader waits for them, so this does not block.
    fn write(&mut self, answer: &str) {
        self.open &= self.stream.write_all(answer.as_bytes()).is_ok();
    }
}
