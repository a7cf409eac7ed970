//! Asking the user.

use super::channel::{Front, ask, front};
use crate::config::parse;
use crate::error::{Error, Report, Result, expect_good};
use engine_api::Json;
use std::io::{BufRead, Write};

/// Shows a prompt and returns the line that the user types: in a notebook in a field below the cell, in a program on
/// the terminal.
///
/// ```no_run
/// use course::prelude::*;
/// let name = input("What is your name? ");
/// println!("Hello, {name}!");
/// ```
///
/// # Panics
/// When nobody can be asked, as in a sheet that runs by itself, or when the user interrupts; [`try_input`] returns the
/// error instead.
#[track_caller]
pub fn input(prompt: &str) -> String {
    expect_good(try_input(prompt))
}

/// As [`input`].
///
/// # Errors
/// [`Error::Order`] when nobody can be asked, [`Error::Interrupted`] when the user interrupts.
pub fn try_input(prompt: &str) -> Result<String> {
    ask_for(prompt, false)
}

/// As [`input`], but what is typed is not shown; on a terminal it is.
///
/// # Panics
/// As [`input`].
#[track_caller]
pub fn input_password(prompt: &str) -> String {
    expect_good(ask_for(prompt, true))
}

fn ask_for(prompt: &str, password: bool) -> Result<String> {
    match front() {
        Front::Notebook => {
            let event =
                Json::object([("event", "input".into()), ("prompt", prompt.into()), ("password", password.into())]);
            typed(&ask(&event.to_string()))
        }
        Front::Evcxr => Err(nobody("this kernel cannot ask its user anything")),
        Front::Terminal | Front::Text => {
            print!("{prompt}");
            let mut line = String::new();
            let read = std::io::stdout().flush().and_then(|()| std::io::stdin().lock().read_line(&mut line));
            match read {
                Ok(0) => Err(nobody("standard input has come to its end")),
                Ok(_) => Ok(line.trim_end_matches(['\n', '\r']).into()),
                Err(error) => Err(nobody(&error.to_string())),
            }
        }
    }
}

/// What the kernel's answer says that the user has typed.
fn typed(answer: &str) -> Result<String> {
    let answer = parse(answer).unwrap_or(Json::Null);
    match (&answer["value"], &answer["interrupted"]) {
        (Json::Text(text), _) => Ok(text.clone()),
        (_, Json::Bool(true)) => Err(Error::Interrupted { during: "input".into() }),
        _ => Err(nobody(answer["refused"].as_str().unwrap_or("the kernel has not answered"))),
    }
}

fn nobody(why: &str) -> Error {
    let hint = "run the cell in JupyterLab, or give the value in the cell itself";
    Error::order(Report::new("input", why).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn answers_are_taken_apart() {
        assert_eq!(typed("{\"value\": \"a \\\"b\\\" ä\"}\n").unwrap(), "a \"b\" ä");
        for (answer, message) in [
            ("{\"interrupted\": true}", "interrupted: input"),
            ("{\"refused\": \"nobody is there\"}", "input: nobody is there"),
            ("", "input: the kernel has not answered"),
        ] {
            let error = typed(answer).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
