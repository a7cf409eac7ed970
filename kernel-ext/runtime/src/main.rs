//! The small process in which cells run: evcxr names a compiled cell on standard input, this program
//! loads it, calls it, and says on standard output when it has ended.
//!
//! That conversation is kept on private copies of the two descriptors. What a cell itself prints goes
//! over the kernel's side channel as it comes, byte for byte; so does what a panic has to say. See
//! ARCHITECTURE.md, "The side channel".
//!
//! It must be built with `-Cprefer-dynamic`, as cells are: only then do both share one libstd, and with
//! it the panic hook and the buffer of `print!`.
//!
//! What may not be in this crate: anything about models or notebooks.

mod channel;
mod json;
mod library;
mod place;
mod report;

use channel::Channel;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};

/// The environment variable by which evcxr says that this process is to run cells.
const IS_RUNTIME: &str = "EVCXR_IS_RUNTIME";
/// The line by which evcxr is told that the cell has ended.
const END_MARK: &str = "EVCXR_EXECUTION_COMPLETE";
/// Exit status when evcxr or the kernel cannot be understood or reached.
const BROKEN: i32 = 99;

fn main() {
    if std::env::var_os(IS_RUNTIME).is_none() {
        println!("This program is started by the kernel of the worksheets; it runs their compiled cells.");
        return;
    }
    let code = match serve() {
        Ok(()) => 0,
        Err(error) => {
            // Standard error is the kernel's by now, or still evcxr's: either shows it.
            let _ = writeln!(io::stderr(), "the runtime of the cells cannot go on: {error}");
            BROKEN
        }
    };
    flush();
    // SAFETY: `_exit` takes no pointers. Destructors of loaded cells must not run: threads that a cell
    // started may still be using what they would take down.
    unsafe { libc::_exit(code) }
}

/// Runs cells until evcxr closes our input.
fn serve() -> io::Result<()> {
    die_with_the_kernel()?;
    let requests = BufReader::new(File::from(io::stdin().as_fd().try_clone_to_owned()?));
    let mut replies = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let channel = Arc::new(Mutex::new(Channel::connect()?));
    report::install(Arc::clone(&channel));

    let mut variables = library::Variables::default();
    for request in requests.lines() {
        let request = request?;
        let (path, function) = parse(&request)
            .ok_or_else(|| io::Error::other(format!("expected `LOAD_AND_RUN path function`, received {request:?}")))?;
        place::go(&with(&channel, |channel| channel.send(r#"{"event":"begin"}"#))?);
        library::run(path, function, &mut variables)?;
        flush();
        let answer = with(&channel, |channel| channel.send(r#"{"event":"done"}"#))?;
        for line in json::strings_under("lines", &answer) {
            writeln!(replies, "{line}")?;
        }
        writeln!(replies, "{END_MARK}")?;
    }
    Ok(())
}

/// Takes evcxr's one request apart. The path may contain spaces, the function's name cannot.
fn parse(request: &str) -> Option<(&str, &str)> {
    request.strip_prefix("LOAD_AND_RUN ")?.rsplit_once(' ')
}

fn with<R>(channel: &Mutex<Channel>, talk: impl FnOnce(&mut Channel) -> R) -> R {
    talk(&mut channel.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Empties the buffers of Rust's and of C's standard output, so that nothing lags behind `done`.
fn flush() {
    let _ = io::stdout().flush();
    // SAFETY: a null stream means "all streams" and is explicitly allowed.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// Asks Linux to kill this process when the kernel dies, however it dies.
fn die_with_the_kernel() -> io::Result<()> {
    // SAFETY: the call takes a signal number and no pointers.
    let result = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn requests_are_taken_apart_at_the_last_space() {
        let cases = [
            ("LOAD_AND_RUN /tmp/a/libcode_1.so run_user_code_0", Some(("/tmp/a/libcode_1.so", "run_user_code_0"))),
            ("LOAD_AND_RUN /tmp/a b/libcode_1.so run_user_code_0", Some(("/tmp/a b/libcode_1.so", "run_user_code_0"))),
            ("LOAD_AND_RUN /tmp/libcode_1.so", None),
            ("SOMETHING else here", None),
        ];
        for (request, expected) in cases {
            assert_eq!(super::parse(request), expected, "{request}");
        }
    }
}
