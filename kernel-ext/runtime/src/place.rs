//! Where cells run: a kernel that has warmed up in advance learns only later who uses it, and says so in the answer to
//! `begin`, before the first cell of its user.

use crate::json::strings_under;
use std::env;

/// Takes the folder and the environment over that an answer such as
/// `{"folder":["/home/me"],"set":["NAME=value"],"unset":["OTHER"]}` names. Most answers name none.
pub fn go(answer: &str) {
    for folder in strings_under("folder", answer) {
        // Where the folder is gone, cells are told so by whatever they want to do there.
        let _ = env::set_current_dir(folder);
    }
    for name in strings_under("unset", answer) {
        // SAFETY: no cell of a user has run yet, so this is the only thread.
        unsafe { env::remove_var(name) };
    }
    for (name, value) in strings_under("set", answer).iter().filter_map(|entry| entry.split_once('=')) {
        // SAFETY: as above.
        unsafe { env::set_var(name, value) };
    }
}

#[cfg(test)]
mod tests {
    use super::go;
    use std::env;

    /// The only test that reads or changes the environment.
    #[test]
    fn folder_and_environment_are_taken_over() {
        let folder = env::temp_dir();
        go(&format!(
            r#"{{"folder":["{}"],"set":["PLACE_TEST=a=b","PLACE_TEST_2="],"unset":["CARGO_PKG_NAME"]}}"#,
            folder.display()
        ));
        assert_eq!(env::current_dir().unwrap(), folder.canonicalize().unwrap());
        assert_eq!(env::var("PLACE_TEST").as_deref(), Ok("a=b"));
        assert_eq!(env::var("PLACE_TEST_2").as_deref(), Ok(""));
        assert!(env::var_os("CARGO_PKG_NAME").is_none());
        go("{}\n");
        assert_eq!(env::current_dir().unwrap(), folder.canonicalize().unwrap());
    }
}
