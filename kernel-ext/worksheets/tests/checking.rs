//! `worksheets check` from the outside: real notebooks in a real kernel, and what is said about them.
//!
//! The kernel is Python's, which JupyterLab brings: a checker that works with every kernel is the design,
//! and a fault of the course's own kernel cannot hide one of the checker.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// `worksheets` with JupyterLab set up, in `folder`.
fn worksheets(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    static READY: OnceLock<()> = OnceLock::new();
    READY.get_or_init(|| {
        let (code, said) = run(Path::new(env!("CARGO_MANIFEST_DIR")), &["lab", "--instructor", "--only-prepare"]);
        assert_eq!(code, Some(0), "{said}");
    });
    run(folder, arguments)
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let command = env!("CARGO_BIN_EXE_worksheets");
    let Output { status, stdout, stderr } =
        Command::new(command).args(arguments).current_dir(folder).output().expect("a folder and the program");
    (status.code(), [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat())
}

fn code(source: &str, outputs: &[Value]) -> Value {
    cell(source, outputs, json!({}))
}

fn cell(source: &str, outputs: &[Value], metadata: Value) -> Value {
    json!({
        "cell_type": "code", "execution_count": null, "id": "c", "metadata": metadata,
        "source": source, "outputs": outputs,
    })
}

fn printed(text: &str) -> Value {
    json!({"output_type": "stream", "name": "stdout", "text": text})
}

fn result(text: &str) -> Value {
    json!({"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": text}})
}

fn write(folder: &Path, cells: Vec<Value>, metadata: Value) -> String {
    let mut cells = cells;
    for (number, cell) in cells.iter_mut().enumerate() {
        cell["id"] = format!("cell-{}", number + 1).into();
    }
    let mut metadata = metadata;
    metadata["kernelspec"] = json!({"name": "python3", "display_name": "Python 3", "language": "python"});
    let notebook = json!({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells});
    let text = notebook.to_string();
    fs::write(folder.join("n.ipynb"), &text).expect("the notebook can be written");
    text
}

/// What is said about a notebook with these cells, and the exit code.
fn check(cells: Vec<Value>, metadata: Value, more: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder and the program");
    write(folder.path(), cells, metadata);
    worksheets(folder.path(), &[&["check", "n.ipynb"], more].concat())
}

/// One notebook for each way to be wrong, and all that is said of it.
#[test]
fn failures_say_where_and_what() {
    let x = "x = 1.5\nprint('x is', x)";
    let raises = json!({"tags": ["raises-exception"], "check": {"raises": "KeyError"}});
    let table: Vec<(Vec<Value>, &[&str], &str)> = vec![
        (
            vec![code("a = 1", &[]), code(x, &[printed("x is 1.6\n")])],
            &[],
            "n.ipynb: FAILED
  cell 2 (id cell-2): output differs
    | x = 1.5
    | print('x is', x)
    expected: line 1: x is 1.6
    found:    line 1: x is 1.5
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
        (
            vec![code(x, &[printed("x is 1.5\n"), result("3")])],
            &[],
            "n.ipynb: FAILED
  cell 1 (id cell-1): output is missing
    | x = 1.5
    | print('x is', x)
    expected: output 2: execute result (text/plain): 3
    found:    output 2: nothing
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
        (
            vec![code("import sys\nprint('one'); print('two', file=sys.stderr)", &[printed("one\n")])],
            &[],
            "n.ipynb: FAILED
  cell 1 (id cell-1): unexpected output
    | import sys
    | print('one'); print('two', file=sys.stderr)
    expected: output 2: nothing
    found:    output 2: text on stderr: two
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
        (
            vec![code("1 / 0", &[]), code("print('never run')", &[])],
            &[],
            "n.ipynb: FAILED
  cell 1 (id cell-1): error
    | 1 / 0
    expected: the cell runs
    found:    ZeroDivisionError: division by zero
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
        (
            vec![cell("{}[0]; 1 / 0", &[], json!({})), cell("{}[0]", &[], raises.clone())],
            &[],
            "n.ipynb: FAILED
  cell 1 (id cell-1): error
    | {}[0]; 1 / 0
    expected: the cell runs
    found:    KeyError: 0
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
        (
            vec![cell("1 / 0", &[], raises.clone())],
            &[],
            "n.ipynb: FAILED
  cell 1 (id cell-1): another error
    | 1 / 0
    expected: the error KeyError
    found:    ZeroDivisionError: division by zero
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
        (
            vec![cell("1", &[], raises)],
            &[],
            "n.ipynb: FAILED
  cell 1 (id cell-1): no error
    | 1
    expected: the error KeyError
    found:    the cell runs
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
        (
            vec![code("import time\ntime.sleep(60)", &[])],
            &["--timeout", "1"],
            "n.ipynb: FAILED
  cell 1 (id cell-1): time-out
    | import time
    | time.sleep(60)
    expected: the cell ends within 1 s
    found:    it ran longer; it was interrupted
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
        (
            vec![cell("1", &[], json!({"check": {"ignore": {}}}))],
            &[],
            "n.ipynb: FAILED
  cell 1 (id cell-1): metadata
    | 1
    expected: metadata as notebooks/README.md describes it
    found:    `check.ignore` has no `reason`: say why the outputs may differ
0 values compared, 0 ignored
0 passed, 1 failed
",
        ),
    ];
    for (cells, more, expected) in table {
        assert_eq!(check(cells, json!({}), more), (Some(1), expected.to_owned()));
    }
}

#[test]
fn the_death_of_a_kernel_is_noticed() {
    let (code, said) = check(vec![code("import os\nos._exit(3)", &[])], json!({}), &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cell 1 (id cell-1): the kernel died"), "{said}");
    assert!(said.contains("the kernel died (exit status: 3)"), "{said}");
}

#[test]
fn a_kernel_that_does_not_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), vec![code("1", &[])], json!({}));
    let spec = folder.path().join("kernels/broken");
    fs::create_dir_all(&spec).unwrap();
    let argv = ["sh", "-c", "echo something is missing >&2; exit 4"];
    let kernel = json!({"argv": argv, "display_name": "Broken", "language": "none"});
    fs::write(spec.join("kernel.json"), kernel.to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_worksheets"))
        .args(["check", "n.ipynb", "--kernel", "broken"])
        .current_dir(folder.path())
        .env("JUPYTER_PATH", folder.path())
        .output()
        .unwrap();
    let said = "worksheets: kernel: the kernel ended before it answered (exit status: 4); its last words:\nsomething is missing\n";
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(2), said));
}

/// What may differ does: times, the last digits of numbers, outputs that are ignored with a reason.
#[test]
fn good_notebooks_pass() {
    let display = "from IPython.display import display, clear_output\nh = display('a', display_id=True)";
    let shown = json!({"output_type": "display_data", "metadata": {}, "data": {"text/plain": "'b'"}});
    let raised =
        json!({"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": []});
    let cells = vec![
        code("print('took 3 s, loss', 0.50003)", &[printed("took 0.2 s, loss 0.5\n")]),
        code(display, &[shown]),
        code("h.update('b')", &[]),
        code("print('gone'); clear_output(wait=True); print('kept')", &[printed("kept\n")]),
        code("for i in range(3): print(i, end='\\r', flush=True)\nprint()", &[printed("0\r1\r2\r\n")]),
        cell("1 / 0", &[raised], json!({"tags": ["raises-exception"]})),
        cell("1 / 0", &[], json!({"tags": ["skip-execution"]})),
        cell("import os; os.getpid()", &[], json!({"check": {"ignore": {"reason": "the process id"}}})),
        cell("0.9", &[result("0.8")], json!({"check": {"tolerance": {"relative": 0.2, "reason": "training"}}})),
    ];
    let said =
        "n.ipynb: passed (8 cells, 6 values compared, 2 ignored)\n6 values compared, 2 ignored\n1 passed, 0 failed\n";
    assert_eq!(check(cells, json!({}), &[]), (Some(0), said.to_owned()));
}

/// `--update` stores outputs and counts as Python's own tools do, and then the notebook passes.
#[test]
fn update_stores_what_was_shown() {
    let folder = tempfile::tempdir().expect("a folder and the program");
    let cells = vec![code("x = 2", &[]), code("print('é', x)\nx", &[printed("old\n")])];
    write(folder.path(), cells, json!({"unknown": [1]}));
    let (status, said) = worksheets(folder.path(), &["check", "--update", "n.ipynb"]);
    assert_eq!(
        (status, said.lines().next()),
        (Some(0), Some("n.ipynb: passed (2 cells, 0 values compared, 0 ignored, outputs updated)"))
    );
    let text = fs::read_to_string(folder.path().join("n.ipynb")).expect("a folder and the program");
    let notebook: Value = serde_json::from_str(&text).expect("a folder and the program");
    assert_eq!(notebook["metadata"]["unknown"], json!([1]));
    let second = json!([
        {"name": "stdout", "output_type": "stream", "text": ["é 2\n"]},
        {"data": {"text/plain": ["2"]}, "execution_count": 2, "metadata": {}, "output_type": "execute_result"},
    ]);
    assert_eq!((&notebook["cells"][1]["outputs"], &notebook["cells"][1]["execution_count"]), (&second, &json!(2)));
    let (status, said) = worksheets(folder.path(), &["check", "n.ipynb"]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(text, fs::read_to_string(folder.path().join("n.ipynb")).expect("a folder and the program"));
}

#[test]
fn a_notebook_that_fails_is_not_updated() {
    let folder = tempfile::tempdir().expect("a folder and the program");
    let before = write(folder.path(), vec![code("print(1)", &[]), code("1 / 0", &[])], json!({}));
    let (status, said) = worksheets(folder.path(), &["check", "--update", "n.ipynb"]);
    assert_eq!(status, Some(1), "{said}");
    assert_eq!(before, fs::read_to_string(folder.path().join("n.ipynb")).expect("a folder and the program"));
}

fn exercise(tests: &str, answers: Value) -> (Option<i32>, String) {
    let solution = "def f(x):\n    # BEGIN SOLUTION\n    return x + 1\n    # END SOLUTION";
    let grading = |solution, grade| json!({"nbgrader": {"solution": solution, "grade": grade, "grade_id": "f"}});
    let cells = vec![cell(solution, &[], grading(true, false)), cell(tests, &[], grading(false, true))];
    check(cells, json!({"course": {"wrong_answers": answers}}), &[])
}

#[test]
fn exercises_are_proved() {
    let test = "assert f(1) == 2, 'add one'";
    let answer = |source: &str, message: &str| json!([{"exercise": "f", "name": "no sum", "source": source, "message": message}]);
    let wrong = "def f(x):\n    return x";
    let (status, said) = exercise(test, answer(wrong, "add one"));
    assert_eq!(
        (status, said.lines().next()),
        (Some(0), Some("n.ipynb: passed (2 cells, 0 values compared, 0 ignored, 1 exercises proved)"))
    );
    let table = [
        (test, answer(wrong, "something else"), "exercise: the wrong answer \"no sum\" is not rejected"),
        (
            test,
            answer(wrong, "something else"),
            "expected: a test says AssertionError: ...something else...\n    found:    AssertionError: add one",
        ),
        (test, answer("def f(x):\n    return x + 1", "add one"), "found:    no test fails"),
        (test, answer("def f(x)", "add one"), "exercise: the wrong answer \"no sum\" does not compile"),
        ("f", answer(wrong, "add one"), "exercise: the stub is not recognised"),
        (
            "assert f(1) == 2, 'add one'\ndone = done + 1 if 'done' in dir() else 1\nassert done < 2",
            answer(wrong, "add one"),
            "exercise: the test does not run twice",
        ),
    ];
    for (tests, answers, expected) in table {
        let (status, said) = exercise(tests, answers);
        assert!(status == Some(1) && said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn several_notebooks_are_reported_in_order_and_as_junit() {
    let folder: TempDir = tempfile::tempdir().expect("a folder and the program");
    for (name, source) in [("a", "import time; time.sleep(1)"), ("b", "1 / 0"), ("c", "2;")] {
        fs::create_dir(folder.path().join(name)).expect("a folder and the program");
        write(&folder.path().join(name), vec![code(source, &[])], json!({}));
    }
    let (status, said) = worksheets(folder.path(), &["check", ".", "--jobs", "3", "--junit", "junit.xml"]);
    let heads: Vec<_> = said.lines().filter(|line| line.starts_with("./")).collect();
    let passed = "passed (1 cells, 0 values compared, 0 ignored)";
    let expected =
        [format!("./a/n.ipynb: {passed}"), "./b/n.ipynb: FAILED".to_owned(), format!("./c/n.ipynb: {passed}")];
    assert_eq!((status, heads), (Some(1), expected.iter().map(String::as_str).collect()), "{said}");
    assert!(said.ends_with("2 passed, 1 failed\n"), "{said}");
    let junit = fs::read_to_string(folder.path().join("junit.xml")).expect("a folder and the program");
    assert!(junit.contains("tests=\"3\" failures=\"1\"") && junit.contains("ZeroDivisionError"), "{junit}");
}

#[test]
fn what_cannot_be_checked_is_an_error_of_usage() {
    let folder = tempfile::tempdir().expect("a folder and the program");
    fs::write(folder.path().join("bad.ipynb"), "{").expect("a folder and the program");
    write(folder.path(), vec![code("1", &[])], json!({}));
    let table: &[(&[&str], &str)] = &[
        (&["check", "none.ipynb"], "worksheets: none.ipynb: No such file or directory"),
        (&["check", "bad.ipynb"], "worksheets: bad.ipynb is no usable notebook: EOF while parsing"),
        (&["check", "n.ipynb", "--kernel", "cobol"], "worksheets: there is no kernel `cobol`; known: "),
        (&["check"], "required arguments were not provided"),
    ];
    for (arguments, expected) in table {
        let (status, said) = worksheets(folder.path(), arguments);
        assert!(status == Some(2) && said.contains(expected), "{arguments:?}: {said}");
    }
    let empty = tempfile::tempdir().expect("a folder and the program");
    let (status, said) = worksheets(empty.path(), &["check", "."]);
    assert_eq!((status, said.as_str()), (Some(2), "worksheets: there is no notebook in .\n"));
}
