//! This process's end of the side channel: one connection for each output stream, one for events.

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Names the socket on which the kernel listens.
const CHANNEL: &str = "COURSE_CHANNEL";

/// The connection for events; each is answered before the next is sent.
pub struct Channel {
    events: BufReader<UnixStream>,
}

impl Channel {
    /// Connects to the kernel and puts connections in the place of descriptors 1 and 2. Descriptor 0
    /// becomes `/dev/null`, so that a cell that reads its input cannot swallow evcxr's requests.
    ///
    /// # Errors
    /// When the variable is missing or the kernel does not listen.
    pub fn connect() -> io::Result<Self> {
        let path = env::var_os(CHANNEL).ok_or_else(|| io::Error::other(format!("{CHANNEL} is not set")))?;
        let path = Path::new(&path);
        replace(libc::STDIN_FILENO, &File::open("/dev/null")?)?;
        replace(libc::STDOUT_FILENO, &open(path, "stdout")?)?;
        replace(libc::STDERR_FILENO, &open(path, "stderr")?)?;
        Ok(Self { events: BufReader::new(open(path, "events")?) })
    }

    /// Sends one event, which is one line of JSON, and returns the kernel's answer.
    pub fn send(&mut self, event: &str) -> io::Result<String> {
        let mut line = String::with_capacity(event.len() + 1);
        line.push_str(event);
        line.push('\n');
        self.events.get_mut().write_all(line.as_bytes())?;
        let mut answer = String::new();
        match self.events.read_line(&mut answer)? {
            0 => Err(io::Error::other("the kernel has closed the side channel")),
            _ => Ok(answer),
        }
    }
}

fn open(path: &Path, kind: &str) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(path)?;
    writeln!(stream, "{kind}")?;
    Ok(stream)
}

/// Makes the descriptor `target` mean what `source` means.
fn replace(target: RawFd, source: &impl AsRawFd) -> io::Result<()> {
    // SAFETY: both are plain numbers; `source` is open, and nothing else owns the standard descriptors.
    let result = unsafe { libc::dup2(source.as_raw_fd(), target) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
