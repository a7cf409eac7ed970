//! The side channel to the kernel: one JSON object a line, each answered by one.

use super::Bundle;
use crate::{Error, Result};
use engine_api::Json;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Who looks at this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    /// `worksheets kernel`, through the side channel.
    Notebook,
    /// Stock evcxr, which reads blocks from standard output.
    Evcxr,
    /// A terminal, whose last line can be written anew.
    Terminal,
    /// A file or a pipe.
    Text,
}

/// Finds out once who looks at this process.
pub(crate) fn front() -> Front {
    static FRONT: OnceLock<Front> = OnceLock::new();
    *FRONT.get_or_init(|| {
        if channel().is_some() {
            Front::Notebook
        } else if std::env::var_os("EVCXR_IS_RUNTIME").is_some() {
            Front::Evcxr
        } else if std::io::stdout().is_terminal() {
            Front::Terminal
        } else {
            Front::Text
        }
    })
}

/// Names the socket on which the kernel listens.
const PATH: &str = "COURSE_CHANNEL";

/// A connection that sends events and waits for their answers.
struct Channel {
    answers: BufReader<UnixStream>,
    events: UnixStream,
}

impl Channel {
    fn connect(path: &std::ffi::OsStr) -> std::io::Result<Self> {
        let events = open(path, "events")?;
        Ok(Self { answers: BufReader::new(events.try_clone()?), events })
    }

    fn ask(&mut self, event: &str) -> std::io::Result<String> {
        self.events.write_all(event.as_bytes())?;
        self.events.write_all(b"\n")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(answer)
    }
}

/// A connection that says first what it is.
fn open(path: &std::ffi::OsStr, kind: &str) -> std::io::Result<UnixStream> {
    let mut stream = UnixStream::connect(path)?;
    stream.write_all(format!("{kind}\n").as_bytes())?;
    Ok(stream)
}

/// Another connection to the kernel, of this kind.
pub(super) fn connect(kind: &str) -> std::io::Result<UnixStream> {
    let path = std::env::var_os(PATH).ok_or_else(|| std::io::Error::other("there is no kernel"))?;
    open(&path, kind)
}

/// The process's connection, made at the first use; `None` where there is no kernel to talk to.
fn channel() -> Option<MutexGuard<'static, Channel>> {
    static CHANNEL: OnceLock<Option<Mutex<Channel>>> = OnceLock::new();
    let connect = || Channel::connect(&std::env::var_os(PATH)?).ok().map(Mutex::new);
    let channel = CHANNEL.get_or_init(connect).as_ref()?;
    Some(channel.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Sends an event after what has been printed, and returns the answer. A kernel that has gone is
/// no error of the computation, so its answer is empty.
pub(super) fn ask(event: &str) -> String {
    // Text that waits in this process must reach the kernel before the event does.
    let _ = std::io::stdout().flush();
    channel().and_then(|mut channel| channel.ask(event).ok()).unwrap_or_default()
}

pub(super) fn send_display(event: &str, bundle: &Bundle, id: &str) {
    let data = Json::object(bundle.forms().iter().map(|(mime, content)| (mime.as_str(), content.as_str().into())));
    let id = (!id.is_empty()).then(|| ("id", id.into()));
    let entries = [("event", event.into()), ("data", data), ("metadata", Json::Object(Vec::new()))];
    ask(&Json::object(entries.into_iter().chain(id)).to_string());
}

pub(super) fn send_clear(wait: bool) {
    ask(&format!("{{\"event\":\"clear\",\"wait\":{wait}}}"));
}

/// How often the kernel is asked whether the user wants to stop.
const INTERRUPT_PAUSE: Duration = Duration::from_millis(100);

/// An error when the user has asked to stop what is going on.
pub(crate) fn check_interrupt(during: &str) -> Result<()> {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    if front() != Front::Notebook {
        return Ok(());
    }
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_some_and(|last| last.elapsed() < INTERRUPT_PAUSE) {
        return Ok(());
    }
    *last = Some(Instant::now());
    if says_interrupted(&ask("{\"event\":\"interrupted?\"}")) {
        return Err(Error::Interrupted { during: during.into() });
    }
    Ok(())
}

fn says_interrupted(answer: &str) -> bool {
    answer.split_whitespace().collect::<String>().contains("\"interrupted\":true")
}

#[cfg(test)]
mod tests {
    use super::{Channel, says_interrupted};
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixListener;

    #[test]
    fn every_event_is_answered_before_the_next() {
        let folder = std::env::temp_dir().join(format!("course-channel-{}", std::process::id()));
        let listener = UnixListener::bind(&folder).unwrap();
        let kernel = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            assert_eq!(lines.next().unwrap().unwrap(), "events");
            for (event, answer) in [("{\"event\":\"clear\"}", "{}"), ("{\"event\":\"x\"}", "{\"interrupted\": true}")] {
                assert_eq!(lines.next().unwrap().unwrap(), event);
                stream.write_all(format!("{answer}\n").as_bytes()).unwrap();
            }
        });
        let mut channel = Channel::connect(folder.as_os_str()).unwrap();
        assert_eq!(channel.ask("{\"event\":\"clear\"}").unwrap(), "{}\n");
        assert!(says_interrupted(&channel.ask("{\"event\":\"x\"}").unwrap()));
        kernel.join().unwrap();
        std::fs::remove_file(folder).unwrap();
    }
}
