//! The backend as a library that cells load, with the one symbol that they look up.

/// The backend's end of the waist.
#[unsafe(no_mangle)]
pub extern "C" fn course_backend() -> *const engine_api::Table {
    backend::table()
}
