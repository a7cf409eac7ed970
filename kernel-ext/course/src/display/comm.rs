//! Comms: a cell and a front end's own code, such as that of a widget, send each other JSON.

use super::channel::{Front, ask, connect, front};
use crate::config::parse;
use engine_api::Json;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};

/// What is called when something comes.
type Handler = Arc<Mutex<dyn FnMut(&Comm, &Json) + Send>>;

/// One end of a line between cells and a front end's own code. The other end is JavaScript's `comm`, with the same
/// methods. What a comm says is an object of JSON, or `Null` for an empty one.
///
/// Handlers run on a thread of their own, one after the other, also while a cell runs.
///
/// ```
/// use course::display::{Comm, register_comm_target};
/// use course::config::Json;
/// // Whatever opens a comm to `doubler` and sends {"x": 4} gets {"twice": 8}.
/// register_comm_target("doubler", |comm, _| {
///     comm.on_message(|comm, data| {
///         let x = data["x"].as_f64().unwrap_or(f64::NAN);
///         comm.send(Json::object([("twice", (2.0 * x).into())]));
///     });
/// });
/// ```
///
/// Without a notebook, as on stock evcxr, nobody is at the other end, and nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comm {
    id: Arc<str>,
}

/// Has `opened` called with each comm that a front end opens to this target, and with what it says in doing so. A target
/// that was registered before is replaced.
pub fn register_comm_target(target: &str, opened: impl FnMut(&Comm, &Json) + Send + 'static) {
    listen();
    registry().targets.insert(target.into(), Arc::new(Mutex::new(opened)));
    say("register", [("target", target.into())]);
}

impl Comm {
    /// Opens a comm to what a front end has registered under this name.
    pub fn open(target: &str, data: impl Into<Json>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        listen();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let comm = Self { id: format!("course-{}-{number}", std::process::id()).into() };
        registry().comms.insert(comm.id.clone(), Handlers::default());
        say("open", [("id", comm.id().into()), ("target", target.into()), ("data", data.into())]);
        comm
    }

    /// The name by which both ends know it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sends this to the other end.
    pub fn send(&self, data: impl Into<Json>) {
        say("message", [("id", self.id().into()), ("data", data.into())]);
    }

    /// Has this called with each message, in the place of what was called before.
    pub fn on_message(&self, handler: impl FnMut(&Self, &Json) + Send + 'static) {
        if let Some(handlers) = registry().comms.get_mut(&self.id) {
            handlers.message = Some(Arc::new(Mutex::new(handler)));
        }
    }

    /// Has this called when the other end closes the comm.
    pub fn on_close(&self, handler: impl FnMut(&Self, &Json) + Send + 'static) {
        if let Some(handlers) = registry().comms.get_mut(&self.id) {
            handlers.close = Some(Arc::new(Mutex::new(handler)));
        }
    }

    /// Closes the comm, with a last word.
    pub fn close(self, data: impl Into<Json>) {
        registry().comms.remove(&self.id);
        say("close", [("id", self.id().into()), ("data", data.into())]);
    }
}

#[derive(Default)]
struct Handlers {
    message: Option<Handler>,
    close: Option<Handler>,
}

#[derive(Default)]
struct Registry {
    targets: HashMap<String, Handler>,
    comms: HashMap<Arc<str>, Handlers>,
}

fn registry() -> MutexGuard<'static, Registry> {
    static REGISTRY: OnceLock<Mutex<Registry>> = OnceLock::new();
    REGISTRY.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

fn say<const N: usize>(what: &str, entries: [(&str, Json); N]) {
    if front() == Front::Notebook {
        let words = [("event", "comm".into()), ("what", what.into())];
        ask(&Json::object(words.into_iter().chain(entries)).to_string());
    }
}

/// Starts the thread that hears what front ends say.
fn listen() {
    static STARTED: Once = Once::new();
    if front() == Front::Notebook {
        STARTED.call_once(|| {
            if let Ok(stream) = connect("comms") {
                // Without the thread nothing is heard, as without a front end.
                let _ = std::thread::Builder::new().name("comms".into()).spawn(move || serve(stream));
            }
        });
    }
}

/// Handles one line after the other and answers each when it is done.
fn serve(mut stream: UnixStream) {
    let Ok(lines) = stream.try_clone() else { return };
    for line in BufReader::new(lines).lines() {
        let Ok(line) = line else { return };
        // A panic has been reported by the hook; the next message may fare better.
        let _ = catch_unwind(AssertUnwindSafe(|| handle(&parse(&line).unwrap_or_default())));
        let _ = std::io::stdout().flush();
        if stream.write_all(b"{\"done\":true}\n").is_err() {
            return;
        }
    }
}

fn handle(event: &Json) {
    let comm = Comm { id: event["id"].as_str().unwrap_or_default().into() };
    // No lock is held while a handler runs: it may send, open and close.
    let handler = {
        let mut registry = registry();
        match event["comm"].as_str() {
            Some("open") => {
                registry.comms.insert(comm.id.clone(), Handlers::default());
                registry.targets.get(event["target"].as_str().unwrap_or_default()).cloned()
            }
            Some("close") => registry.comms.remove(&comm.id).and_then(|handlers| handlers.close),
            _ => registry.comms.get(&comm.id).and_then(|handlers| handlers.message.clone()),
        }
    };
    if let Some(handler) = handler {
        (handler.lock().unwrap_or_else(PoisonError::into_inner))(&comm, &event["data"]);
    }
}

#[cfg(test)]
mod tests {
    use super::{Comm, handle, register_comm_target, registry};
    use engine_api::Json;
    use std::sync::{Arc, Mutex};

    fn event(what: &str, data: Json) {
        let entries = [("comm", what.into()), ("id", "c".into()), ("target", "test".into()), ("data", data)];
        handle(&Json::object(entries));
    }

    #[test]
    fn handlers_hear_what_belongs_to_their_comm() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (first, later, last) = (heard.clone(), heard.clone(), heard.clone());
        register_comm_target("test", move |comm, data| {
            first.lock().unwrap().push(format!("open {} {data}", comm.id()));
            let (later, last) = (later.clone(), last.clone());
            comm.on_message(move |_, data| later.lock().unwrap().push(format!("message {data}")));
            comm.on_close(move |_, _| last.lock().unwrap().push("close".into()));
        });
        event("message", 1.into());
        event("open", Json::object([("a", 1.into())]));
        event("message", 2.into());
        event("close", Json::Null);
        event("message", 3.into());
        assert_eq!(*heard.lock().unwrap(), ["open c {\"a\": 1}", "message 2", "close"]);

        let mine = Comm::open("anything", Json::Null);
        mine.send(Json::object([("x", 1.into())]));
        assert!(registry().comms.contains_key(mine.id()));
        let id = mine.id().to_owned();
        mine.close(Json::Null);
        assert!(!registry().comms.contains_key(id.as_str()));
    }
}
