//! The connection to the backend: linked into ordinary programs, loaded from a library in cells.
//!
//! What may not be in this file: anything that knows what a request means.

use crate::Result;
use engine_api::{Backend, Call};
use std::sync::OnceLock;

/// Sends a request to the backend, which is connected at the first call.
pub(crate) fn call<C: Call>(request: &C) -> Result<C::Answer> {
    Ok(backend()?.call(request)?)
}

fn backend() -> Result<Backend> {
    static BACKEND: OnceLock<Result<Backend>> = OnceLock::new();
    BACKEND.get_or_init(|| Ok(Backend::connect(table()?)?)).clone()
}

#[cfg(feature = "linked")]
fn table() -> Result<&'static engine_api::Table> {
    Ok(backend::table())
}

#[cfg(not(feature = "linked"))]
fn table() -> Result<&'static engine_api::Table> {
    loaded::table().map_err(|(place, message)| crate::Error::Backend(engine_api::Error::Outside { place, message }))
}

#[cfg(not(feature = "linked"))]
mod loaded {
    use engine_api::Table;
    use std::ffi::{CStr, CString, c_char, c_int, c_void};

    unsafe extern "C" {
        fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
        fn dlsym(library: *mut c_void, symbol: *const c_char) -> *mut c_void;
        fn dlerror() -> *const c_char;
    }

    /// Resolve every symbol at once, so that a library that does not fit is found out here.
    const RTLD_NOW: c_int = 2;

    /// Loads the library that `COURSE_BACKEND` names. An error is a place and a message.
    pub fn table() -> Result<&'static Table, (String, String)> {
        let Ok(path) = std::env::var("COURSE_BACKEND") else {
            let message = "is not set: it names the backend's library; the kernel `rust-course` sets it";
            return Err(("COURSE_BACKEND".into(), message.into()));
        };
        open(&path).map_err(|message| ("the backend's library, named by COURSE_BACKEND".into(), message))
    }

    fn open(path: &str) -> Result<&'static Table, String> {
        let file = CString::new(path).map_err(|error| error.to_string())?;
        // SAFETY: both strings end in a zero byte; the library is never closed, so what its symbol
        // returns stays valid; a library with this symbol promises its signature.
        unsafe {
            let library = dlopen(file.as_ptr(), RTLD_NOW);
            if library.is_null() {
                return Err(last_error());
            }
            let symbol = dlsym(library, c"course_backend".as_ptr());
            if symbol.is_null() {
                return Err(last_error());
            }
            let entry = std::mem::transmute::<*mut c_void, extern "C" fn() -> *const Table>(symbol);
            entry().as_ref().ok_or_else(|| "`course_backend` returned no table".into())
        }
    }

    /// What the loader says about its last failure.
    ///
    /// # Safety
    /// The last call of the loader in this thread has failed.
    unsafe fn last_error() -> String {
        // SAFETY: after a failure the loader returns a C string that is valid until its next call.
        let text = unsafe { dlerror() };
        if text.is_null() {
            return "the library could not be loaded".into();
        }
        // SAFETY: as above; the string is copied at once.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }
}
