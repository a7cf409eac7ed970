//! The one C function through which requests pass, and the check that both sides belong together.

use crate::{Call, Error, Reader, Wire, Writer};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The answer's bytes, owned by the side that made them until [`Table::free`].
#[repr(C)]
pub struct Reply {
    data: *mut u8,
    len: usize,
    capacity: usize,
    is_error: bool,
}

/// What a backend offers: the symbol `course_backend` of its library returns a pointer to it.
#[repr(C)]
pub struct Table {
    /// The [`BUILD`] that the backend was compiled with.
    pub build: u64,
    /// Answers request number `method` with the bytes at `request`.
    pub call: unsafe extern "C" fn(method: u32, request: *const u8, len: usize) -> Reply,
    /// Frees an answer.
    pub free: unsafe extern "C" fn(reply: Reply),
}

/// A fingerprint of this crate's sources. Caller and backend must agree on it, since the messages
/// carry no names of their fields.
pub const BUILD: u64 = fingerprint(&[
    include_bytes!("calls.rs"),
    include_bytes!("error.rs"),
    include_bytes!("figure.rs"),
    include_bytes!("files.rs"),
    include_bytes!("graph.rs"),
    include_bytes!("json.rs"),
    include_bytes!("plan.rs"),
    include_bytes!("schedule.rs"),
    include_bytes!("shape.rs"),
    include_bytes!("table.rs"),
    include_bytes!("wire.rs"),
]);

/// The hash FNV-1a over several texts.
const fn fingerprint(sources: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut source = 0;
    while source < sources.len() {
        let mut place = 0;
        while place < sources[source].len() {
            hash = (hash ^ sources[source][place] as u64).wrapping_mul(0x0100_0000_01b3);
            place += 1;
        }
        source += 1;
    }
    hash
}

/// The caller's end of the waist.
#[derive(Clone, Copy)]
pub struct Backend {
    table: &'static Table,
}

impl Backend {
    /// Takes up a connection.
    ///
    /// # Errors
    /// [`Error::BuildMismatch`] when the backend was built from other sources of this crate.
    pub fn connect(table: &'static Table) -> Result<Self, Error> {
        if table.build == BUILD {
            return Ok(Self { table });
        }
        Err(Error::BuildMismatch { here: format!("{BUILD:016x}"), there: format!("{:016x}", table.build) })
    }

    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    /// What the backend found wrong; a panic behind the waist is [`Error::Internal`].
    pub fn call<C: Call>(&self, request: &C) -> Result<C::Answer, Error> {
        let mut writer = Writer::default();
        request.write(&mut writer);
        // SAFETY: the table's functions follow the contract of `Table`: `call` reads the request
        // only during the call, and the reply stays valid until it is freed below, once.
        unsafe {
            let reply = (self.table.call)(C::ID, writer.0.as_ptr(), writer.0.len());
            let mut reader = Reader(std::slice::from_raw_parts(reply.data, reply.len));
            let result =
                if reply.is_error { Error::read(&mut reader).and_then(Err) } else { C::Answer::read(&mut reader) };
            (self.table.free)(reply);
            result
        }
    }
}

/// Runs the backend's handler for one request; errors and panics become error replies, so nothing
/// unwinds across the border.
pub fn answer(handler: impl FnOnce() -> Result<Vec<u8>, Error>) -> Reply {
    let result = catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(Error::Internal(format!("the backend panicked: {}", text.unwrap_or("no message"))))
    });
    let is_error = result.is_err();
    let bytes = result.unwrap_or_else(|error| {
        let mut writer = Writer::default();
        error.write(&mut writer);
        writer.0
    });
    let mut bytes = std::mem::ManuallyDrop::new(bytes);
    Reply { data: bytes.as_mut_ptr(), len: bytes.len(), capacity: bytes.capacity(), is_error }
}

/// Frees a reply made by [`answer`]; a backend puts it into its table as it is.
///
/// # Safety
/// The reply comes from [`answer`] of this very library and has not been freed.
pub unsafe extern "C" fn free_reply(reply: Reply) {
    // SAFETY: the parts come from the vector that `answer` took apart.
    drop(unsafe { Vec::from_raw_parts(reply.data, reply.len, reply.capacity) });
}

#[cfg(test)]
mod tests {
    use super::{BUILD, Backend, Reply, Table, answer, free_reply};
    use crate::{Drop, Error};

    unsafe extern "C" fn grumpy(_: u32, _: *const u8, len: usize) -> Reply {
        answer(|| panic!("I got {len} bytes"))
    }

    static GRUMPY: Table = Table { build: BUILD, call: grumpy, free: free_reply };
    static STRANGER: Table = Table { build: 1, call: grumpy, free: free_reply };

    #[test]
    fn a_panic_behind_the_waist_is_an_error() {
        let error = Backend::connect(&GRUMPY).and_then(|backend| backend.call(&Drop { handle: 3 })).unwrap_err();
        assert_eq!(error, Error::Internal("the backend panicked: I got 8 bytes".into()));
    }

    #[test]
    fn a_backend_of_another_build_is_refused_and_both_builds_are_named() {
        let message = Backend::connect(&STRANGER).err().map(|error| error.to_string()).unwrap();
        assert!(message.contains(&format!("{BUILD:016x}")) && message.contains("0000000000000001"), "{message}");
    }
}
