//! Exercises: cells with a hidden solution, the tests that follow them, and planted wrong answers.
//!
//! The form is nbgrader's. A solution cell has `nbgrader.solution: true` (and `grade: false`); between
//! the comments `BEGIN SOLUTION` and `END SOLUTION` stands what a student must find. The cells with
//! `nbgrader.grade: true` and `solution: false` up to the next solution cell are its tests. Wrong
//! answers are in the notebook's metadata, so that they do not travel in the cell that students get:
//!
//! ```json
//! "course": {"wrong_answers": [
//!   {"exercise": "forward", "name": "bias forgotten", "source": "fn ...", "message": "add the bias"}
//! ]}
//! ```
//!
//! `exercise` is the solution cell's `nbgrader.grade_id`, `source` takes the place of the whole cell, and
//! `message` is a part of the message with which a test must reject it.

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
        // With a semicolon, so that it may stand before other lines; at the end of a function it is as good.
        "rust" => Some(Language { stub: "// YOUR CODE HERE\ntodo!();", not_yet_done: "NotYetDone", rejected: "Panic" }),
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
    /// The name by which wrong answers refer to it: nbgrader's `grade_id`.
    pub name: String,
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
    /// The cell as a student who misunderstood it leaves it.
    pub source: String,
    /// A part of what the test says to it.
    pub message: String,
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
                (true, false) => exercises.push(Self::read(cell)),
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
        assign(notebook, &mut exercises).map_err(|reason| (exercises.first().map_or(0, |first| first.cell), reason))?;
        for exercise in &exercises {
            exercise.verify().map_err(|reason| (exercise.cell, reason))?;
        }
        Ok(exercises)
    }

    fn read(cell: &Cell) -> Self {
        let name = cell.metadata()["nbgrader"]["grade_id"].as_str().unwrap_or_default().to_owned();
        let solution = cell.source().to_owned();
        Self { cell: cell.index, name, solution, tests: Vec::new(), wrong_answers: Vec::new() }
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
            return Err(
                "no wrong answer is planted: add one to `course.wrong_answers` of the notebook's metadata".to_owned()
            );
        }
        Ok(())
    }

    /// What the student gets: the cell with the stub in the place of the solution.
    pub fn stub(&self, language: Language) -> String {
        let Ok((before, _, after)) = parts(&self.solution) else { return self.solution.clone() };
        let mark = self.solution.lines().find(|line| line.contains(BEGIN)).unwrap_or_default();
        let indent = &mark[..mark.len() - mark.trim_start().len()];
        let lines = language.stub.lines().map(|line| format!("{indent}{line}\n"));
        format!("{before}{}{after}", lines.collect::<String>())
    }
}

/// Gives each exercise the wrong answers that name it.
fn assign(notebook: &Notebook, exercises: &mut [Exercise]) -> Result<(), String> {
    let list = &notebook.metadata()["course"]["wrong_answers"];
    for value in list.as_array().into_iter().flatten() {
        let text = |key: &str| match &value[key] {
            Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
            Value::Array(lines) if !lines.is_empty() => Ok(lines.iter().filter_map(Value::as_str).collect()),
            _ => Err(format!("a wrong answer has no `{key}`: {value}")),
        };
        let name = text("exercise")?;
        let answer = WrongAnswer { name: text("name")?, source: text("source")?, message: text("message")? };
        let exercise = exercises.iter_mut().find(|exercise| exercise.name == name);
        let exercise =
            exercise.ok_or_else(|| format!("the wrong answer \"{}\" names no exercise: `{name}`", answer.name))?;
        exercise.wrong_answers.push(answer);
    }
    Ok(())
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

    fn solution(source: &str) -> Value {
        let metadata = json!({"nbgrader": {"solution": true, "grade": false, "grade_id": "f"}});
        json!({"cell_type": "code", "source": source, "outputs": [], "metadata": metadata})
    }

    fn test() -> Value {
        let metadata = json!({"nbgrader": {"solution": false, "grade": true}});
        json!({"cell_type": "code", "source": "assert_eq!(f(1.0), 2.0);", "outputs": [], "metadata": metadata})
    }

    fn wrong() -> Value {
        json!([{"exercise": "f", "name": "bias forgotten", "source": "fn f(x: f32) -> f32 { x }", "message": "bias"}])
    }

    fn exercises(cells: &[Value], wrong_answers: &Value) -> Result<Vec<Exercise>, (usize, String)> {
        let metadata = json!({"course": {"wrong_answers": wrong_answers}});
        let text = json!({"nbformat": 4, "metadata": metadata, "cells": cells}).to_string();
        Exercise::all(&Notebook::parse(Path::new("a.ipynb"), &text).unwrap())
    }

    #[test]
    fn the_stub_is_the_solution_with_a_hole() {
        let found = exercises(&[solution(SOLUTION), test(), test()], &wrong()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].tests.len(), 2);
        let stub = found[0].stub(language("rust").unwrap());
        assert_eq!(stub, "fn f(x: f32) -> f32 {\n    // YOUR CODE HERE\n    todo!();\n}\n");
        assert_eq!(found[0].wrong_answers[0].source, "fn f(x: f32) -> f32 { x }");
    }

    #[test]
    fn what_is_wrong_with_an_exercise_is_said() {
        let changed = |key: &str, value: &str| {
            let mut answers = wrong();
            answers[0][key] = value.into();
            answers
        };
        let with_test = |source: &str| vec![solution(source), test()];
        let table = [
            (vec![test()], json!([]), "a test (nbgrader.grade) without a solution cell before it"),
            (vec![solution(SOLUTION)], wrong(), "no test follows: add a cell with `nbgrader.grade: true`"),
            (
                with_test(SOLUTION),
                json!([]),
                "no wrong answer is planted: add one to `course.wrong_answers` of the notebook's metadata",
            ),
            (with_test("fn f() {}"), wrong(), "expected `BEGIN SOLUTION` and `END SOLUTION` once each, found 0 and 0"),
            (
                with_test("// BEGIN SOLUTION\nx\n// END SOLUTION"),
                wrong(),
                "the whole cell is the solution: leave the head of the function to the student",
            ),
            (
                with_test("a\n// BEGIN SOLUTION\n// END SOLUTION\nb"),
                wrong(),
                "nothing stands between `BEGIN SOLUTION` and `END SOLUTION`",
            ),
            (
                with_test(SOLUTION),
                json!([{"exercise": "f", "name": "n", "source": "s", "message": ""}]),
                r#"a wrong answer has no `message`: {"exercise":"f","name":"n","source":"s","message":""}"#,
            ),
            (
                with_test(SOLUTION),
                changed("exercise", "g"),
                r#"the wrong answer "bias forgotten" names no exercise: `g`"#,
            ),
        ];
        for (cells, wrong_answers, reason) in table {
            assert_eq!(exercises(&cells, &wrong_answers), Err((0, reason.to_owned())));
        }
    }
}
