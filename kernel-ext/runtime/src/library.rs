//! Loads a compiled cell and calls it.

use std::ffi::{CStr, CString, c_void};
use std::io;

/// What evcxr keeps between cells: a pointer that each cell takes and hands back.
pub struct Variables(*mut c_void);

impl Default for Variables {
    fn default() -> Self {
        Self(std::ptr::null_mut())
    }
}

type Cell = unsafe extern "C" fn(*mut c_void) -> *mut c_void;

/// Loads the library at `path` and calls its function `name`. The library stays loaded for ever: later
/// cells use its functions, and destructors of its thread locals may run at any time.
///
/// # Errors
/// When the library cannot be loaded or has no such function.
pub fn run(path: &str, name: &str, variables: &mut Variables) -> io::Result<()> {
    let path = CString::new(path)?;
    let name = CString::new(name)?;
    // SAFETY: both strings end in a zero byte and live through the calls.
    let function = unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if library.is_null() {
            return Err(last_error());
        }
        libc::dlsym(library, name.as_ptr())
    };
    if function.is_null() {
        return Err(last_error());
    }
    // SAFETY: evcxr generates the function with exactly this type. It is `extern "C"`, so a panic that a
    // cell does not catch aborts inside it and never unwinds into this frame.
    variables.0 = unsafe { std::mem::transmute::<*mut c_void, Cell>(function)(variables.0) };
    Ok(())
}

fn last_error() -> io::Error {
    // SAFETY: after a failed call `dlerror` returns null or a string that lives until the next call.
    let text = unsafe {
        let text = libc::dlerror();
        if text.is_null() { c"unknown error of the loader" } else { CStr::from_ptr(text) }
    };
    io::Error::other(text.to_string_lossy().into_owned())
}
