//! Exercises: cells with a hidden solution, the tests that follow them, and planted wrong answers.
//!
//! The form is nbgrader's. A solution cell has `nbgrader.solution: true` (and `grade: false`); between
//! the comments `BEGIN SOLUTION` and `END SOLUTION` stands what a student must find. The cells with
//! `nbgrader.grade: true` and `solution: false` up to the next solution cell are its tests. Wrong
//! answers are in the metadata of the solution cell:
//!
//! ```json
//! "course": {"wrong_answers": [
//!   {"name": "bias forgotten", "source": "    w * x", "message_contains": "add the bias"}
//! ]}
//! ```
//!
//! `source` takes the place of the solution between the comments; `message_contains` is a part of the
//! message with which a test must reject it.

use crate::notebook::{Cell, Notebook};
use serde_json::Value;

const BEGIN: &str = "BEGIN SOLUTION";
const END: &str = "END SOLUTION";

/// What a language calls things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// What the student's edition has in the place of the solution.
    pub stub: &'static str,
    /// The error of a stub that is run.
    pub not_yet_done: &'static str,
    /// The error of a test that rejects an answer.
    pub rejected: &'static str,
}

/// The languages whose exercises can be checked.
pub fn language(name: &str) -> Option<Language> {
    match name.to_lowercase().as_str() {
        "rust" => Some(Language { stub: "// YOUR CODE HERE\ntodo!()", not_yet_done: "NotYetDone", rejected: "Panic" }),
        "python" => Some(Language {
            stub: "# YOUR CODE HERE\nraise NotImplementedError()",
            not_yet_done: "NotImplementedError",
            rejected: "AssertionError",
        }),
        _ => None,
    }
}

/// An exercise of a notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// The place of the solution cell.
    pub cell: usize,
    /// The whole solution cell.
    pub solution: String,
    /// The places and sources of its tests.
    pub tests: Vec<(usize, String)>,
    /// Answers that the tests must reject.
    pub wrong_answers: Vec<WrongAnswer>,
}

/// A misconception that the tests must find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongAnswer {
    /// What was misunderstood.
    pub name: String,
    /// What a student who misunderstood it writes.
    pub source: String,
    /// A part of what the test says to it.
    pub message_contains: String,
}

impl Exercise {
    /// Finds the exercises of a notebook, in their order.
    ///
    /// # Errors
    /// The place of a cell and what is wrong with it.
    pub fn all(notebook: &Notebook) -> Result<Vec<Self>, (usize, String)> {
        let mut exercises: Vec<Self> = Vec::new();
        for cell in notebook.cells().iter().filter(|cell| cell.is_code()) {
            let nbgrader = &cell.metadata()["nbgrader"];
            match (nbgrader["solution"] == true, nbgrader["grade"] == true) {
                (true, false) => exercises.push(Self::read(cell).map_err(|reason| (cell.index, reason))?),
                (false, true) => match exercises.last_mut() {
                    Some(exercise) => exercise.tests.push((cell.index, cell.source().to_owned())),
                    None => {
                        return Err((
                            cell.index,
                            "a test (nbgrader.grade) without a solution cell before it".to_owned(),
                        ));
                    }
                },
                _ => {}
            }
        }
        for exercise in &exercises {
            exercise.verify().map_err(|reason| (exercise.cell, reason))?;
        }
        Ok(exercises)
    }

    fn read(cell: &Cell) -> Result<Self, String> {
        let list = &cell.metadata()["course"]["wrong_answers"];
        let wrong_answers = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let wrong_answers = wrong_answers.iter().map(WrongAnswer::read).collect::<Result<_, _>>()?;
        Ok(Self { cell: cell.index, solution: cell.source().to_owned(), tests: Vec::new(), wrong_answers })
    }

    fn verify(&self) -> Result<(), String> {
        let (before, inside, after) = parts(&self.solution)?;
        if inside.trim().is_empty() {
            return Err(format!("nothing stands between `{BEGIN}` and `{END}`"));
        }
        if before.trim().is_empty() && after.trim().is_empty() {
            return Err("the whole cell is the solution: leave the head of the function to the student".to_owned());
        }
        if self.tests.is_empty() {
            return Err("no test follows: add a cell with `nbgrader.grade: true`".to_owned());
        }
        if self.wrong_answers.is_empty() {
            return Err("no wrong answer is planted: add `course.wrong_answers` to the cell's metadata".to_owned());
        }
        Ok(())
    }

    /// What the student gets: the cell with the stub in the place of the solution.
    pub fn stub(&self, language: Language) -> String {
        self.with(language.stub)
    }

    /// The cell with a wrong answer in the place of the solution.
    pub fn answered(&self, answer: &WrongAnswer) -> String {
        self.with(&answer.source)
    }

    /// The lines around the solution, and `replacement`, each of its lines set in as far as the mark is.
    fn with(&self, replacement: &str) -> String {
        let Ok((before, _, after)) = parts(&self.solution) else { return self.solution.clone() };
        let mark = self.solution.lines().find(|line| line.contains(BEGIN)).unwrap_or_default();
        let indent = &mark[..mark.len() - mark.trim_start().len()];
        let already = replacement.lines().all(|line| line.is_empty() || line.starts_with(indent));
        let lines =
            replacement.lines().map(|line| if already { format!("{line}\n") } else { format!("{indent}{line}\n") });
        format!("{before}{}{after}", lines.collect::<String>())
    }
}

impl WrongAnswer {
    fn read(value: &Value) -> Result<Self, String> {
        let text = |key: &str| match &value[key] {
            Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
            Value::Array(lines) if !lines.is_empty() => Ok(lines.iter().filter_map(Value::as_str).collect()),
            _ => Err(format!("a wrong answer has no `{key}`: {value}")),
        };
        Ok(Self { name: text("name")?, source: text("source")?, message_contains: text("message_contains")? })
    }
}

/// The lines before, inside and after the one region of the solution.
fn parts(source: &str) -> Result<(String, String, String), String> {
    let (mut before, mut inside, mut after) = (String::new(), String::new(), String::new());
    let (mut begun, mut ended) = (0, 0);
    for line in source.lines() {
        if line.contains(BEGIN) {
            begun += 1;
            continue;
        }
        if line.contains(END) {
            ended += 1;
            continue;
        }
        let part = match (begun, ended) {
            (0, _) => &mut before,
            (_, 0) => &mut inside,
            _ => &mut after,
        };
        part.push_str(line);
        part.push('\n');
    }
    if (begun, ended) != (1, 1) {
        return Err(format!("expected `{BEGIN}` and `{END}` once each, found {begun} and {ended}"));
    }
    Ok((before, inside, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    const SOLUTION: &str = "fn f(x: f32) -> f32 {\n    // BEGIN SOLUTION\n    x + 1.0\n    // END SOLUTION\n}";

    fn solution(source: &str, wrong_answers: Value) -> Value {
        let metadata =
            json!({"nbgrader": {"solution": true, "grade": false}, "course": {"wrong_answers": wrong_answers}});
        json!({"cell_type": "code", "source": source, "outputs": [], "metadata": metadata})
    }

    fn test() -> Value {
        let metadata = json!({"nbgrader": {"solution": false, "grade": true}});
        json!({"cell_type": "code", "source": "assert_eq!(f(1.0), 2.0);", "outputs": [], "metadata": metadata})
    }

    fn wrong() -> Value {
        json!([{"name": "bias forgotten", "source": "x", "message_contains": "bias"}])
    }

    fn exercises(cells: &[Value]) -> Result<Vec<Exercise>, (usize, String)> {
        let text = json!({"nbformat": 4, "metadata": {}, "cells": cells}).to_string();
        Exercise::all(&Notebook::parse(Path::new("a.ipynb"), &text).unwrap())
    }

    #[test]
    fn the_stub_is_the_solution_with_a_hole() {
        let found = exercises(&[solution(SOLUTION, wrong()), test(), test()]).unwrap();
        let rust = language("rust").unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].tests.len(), 2);
        assert_eq!(found[0].stub(rust), "fn f(x: f32) -> f32 {\n    // YOUR CODE HERE\n    todo!()\n}\n");
        assert_eq!(found[0].answered(&found[0].wrong_answers[0]), "fn f(x: f32) -> f32 {\n    x\n}\n");
    }

    #[test]
    fn what_is_wrong_with_an_exercise_is_said() {
        let answer = |key: &str| {
            let mut answer = wrong();
            answer[0][key] = "".into();
            answer
        };
        let table = [
            (vec![test()], (0, "a test (nbgrader.grade) without a solution cell before it")),
            (vec![solution(SOLUTION, wrong())], (0, "no test follows: add a cell with `nbgrader.grade: true`")),
            (
                vec![solution(SOLUTION, json!([])), test()],
                (0, "no wrong answer is planted: add `course.wrong_answers` to the cell's metadata"),
            ),
            (
                vec![solution("fn f() {}", wrong()), test()],
                (0, "expected `BEGIN SOLUTION` and `END SOLUTION` once each, found 0 and 0"),
            ),
            (
                vec![solution("// BEGIN SOLUTION\nx\n// END SOLUTION", wrong()), test()],
                (0, "the whole cell is the solution: leave the head of the function to the student"),
            ),
            (
                vec![solution("a\n// BEGIN SOLUTION\n// END SOLUTION\nb", wrong()), test()],
                (0, "nothing stands between `BEGIN SOLUTION` and `END SOLUTION`"),
            ),
            (
                vec![solution(SOLUTION, answer("message_contains")), test()],
                (
                    0,
                    r#"a wrong answer has no `message_contains`: {"name":"bias forgotten","source":"x","message_contains":""}"#,
                ),
            ),
        ];
        for (cells, (cell, reason)) in table {
            assert_eq!(exercises(&cells), Err((cell, reason.to_owned())));
        }
    }
}
