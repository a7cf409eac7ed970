//! The panic hook: what a panic has to say goes to the kernel as an event, not to standard error, since
//! only the kernel knows which cell the line belongs to and whether the panic ends it.

use crate::channel::Channel;
use crate::json::write_string;
use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;
use std::sync::{Arc, Mutex};
use std::thread;

/// How many frames of a backtrace are worth a reader's time.
const FRAMES: usize = 12;

/// Replaces libstd's hook, for this process and for every cell that it loads.
pub fn install(channel: Arc<Mutex<Channel>>) {
    std::panic::set_hook(Box::new(move |panic| {
        let event = event(panic);
        if super::with(&channel, |channel| channel.send(&event)).is_err() {
            // Without a kernel there is nobody left to tell but whoever holds our standard error.
            let _ = writeln!(io::stderr(), "{panic}");
        }
    }));
}

fn event(panic: &PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str().unwrap_or("the panic carries a value that is not a text");
    let mut event = String::from(r#"{"event":"panic","message":"#);
    write_string(&mut event, message);
    event.push_str(r#","thread":"#);
    write_string(&mut event, thread::current().name().unwrap_or("unnamed"));
    if let Some(place) = panic.location() {
        event.push_str(r#","file":"#);
        write_string(&mut event, place.file());
        let _ = write!(event, r#","line":{},"column":{}"#, place.line(), place.column());
    }
    event.push_str(r#","backtrace":["#);
    // The first backtrace of a process takes a tenth of a second: not for what is expected.
    let expected = ["not yet implemented", "interrupted: "].iter().any(|start| message.starts_with(start));
    let backtrace = if expected { String::new() } else { Backtrace::force_capture().to_string() };
    for (index, frame) in user_frames(&backtrace).iter().take(FRAMES).enumerate() {
        if index > 0 {
            event.push(',');
        }
        write_string(&mut event, frame);
    }
    event.push_str("]}");
    event
}

/// The functions between the panic and the cell's entry that come from neither Rust's own libraries nor
/// evcxr, as one writes them. A backtrace has lines such as `  12: course::model::Model::fit`.
fn user_frames(backtrace: &str) -> Vec<String> {
    const FOREIGN: [&str; 9] =
        ["std::", "core::", "alloc::", "<", "__rustc::", "_", "runtime::", "main", "course::error::"];
    let names = backtrace.lines().filter_map(|line| {
        let (number, name) = line.trim_start().split_once(": ")?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then_some(name)
    });
    let mut frames: Vec<String> = names
        .take_while(|name| !name.contains("run_user_code_"))
        .filter(|name| !FOREIGN.iter().any(|prefix| name.starts_with(prefix)))
        .map(short)
        .collect();
    frames.dedup();
    frames
}

/// `Model::fit` of `course::models::fit::<impl course::models::model::Model>::fit`: a function without the modules that
/// it lies in, with its type if it has one.
fn short(name: &str) -> String {
    let name = name.trim_end_matches("::{{closure}}").replace('>', "");
    let mut parts = name.rsplit("::");
    let function = parts.next().unwrap_or_default();
    match parts.next().filter(|part| part.starts_with(char::is_uppercase)) {
        Some(of) => format!("{of}::{function}"),
        None => function.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_frames_of_the_user_are_kept() {
        let backtrace = "   0: std::backtrace::Backtrace::create\n   1: runtime::report::event\n   \
                         2: core::panicking::panic_fmt\n   3: course::error::expect_good\n   \
                         4: course::models::fit::<impl course::models::model::Model>::fit\n             \
                         at /somewhere/model.rs:12:5\n   5: ctx::Trainer::train::{{closure}}\n   \
                         6: ctx::Trainer::train\n   7: ctx::all\n   8: ctx::run_user_code_3::{{closure}}\n   \
                         9: runtime::library::run\n";
        assert_eq!(super::user_frames(backtrace), ["Model::fit", "Trainer::train", "all"]);
    }
}
