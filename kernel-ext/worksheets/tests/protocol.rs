//! The kernel as a front end sees it: a real process, the real sockets, real cells.

#![allow(clippy::unwrap_used)]

mod client;
mod installed;

use client::processes::assert_gone;
use client::{Kernel, wait_until};
use installed::kernelspec;
use jupyter_protocol::{CommClose, CommId, CommInfoRequest, CommMsg, CommOpen, ExecuteRequest};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// Lets cells speak on the side channel, as `course` does.
const EVENT: &str = r#"fn event(json: &str) -> String {
    use std::io::{BufRead, Write};
    let mut stream = std::os::unix::net::UnixStream::connect(std::env::var("COURSE_CHANNEL").unwrap()).unwrap();
    write!(stream, "events\n{json}\n").unwrap();
    let mut answer = String::new();
    std::io::BufReader::new(stream).read_line(&mut answer).unwrap();
    answer
}"#;

/// What cells give out, in this order, in one session.
const CELLS: &[(&str, &[&str])] = &[
    ("1 + 1", &["result: 2"]),
    ("", &[]),
    (EVENT, &[]),
    ("println!(\"a line\")", &["stdout: a line\n"]),
    // The buffer of `print!` is emptied at the end: libstd is one for the cells and their process.
    ("print!(\"\\r10 %\"); print!(\"\\r20 %\");", &["stdout: \r10 %\r20 %"]),
    ("eprint!(\"to the other stream\")", &["stderr: to the other stream"]),
    ("use std::io::Write; std::io::stdout().write_all(&[b'a', 0xff, b'b', 10]).unwrap();", &["stdout: a\u{fffd}b\n"]),
    ("std::process::Command::new(\"echo\").arg(\"a child\").status().unwrap();", &["stdout: a child\n"]),
    ("let mut input = String::new(); std::io::stdin().read_line(&mut input).unwrap()", &["result: 0"]),
    (
        r##"print!("before, ");
event(r#"{"event":"display","data":{"text/plain":"one"},"metadata":{}}"#);
println!("between");
event(r#"{"event":"display","data":{"text/plain":"two"},"metadata":{},"id":"d"}"#);
event(r#"{"event":"result","data":{"text/plain":"three","text/html":"<b>three</b>"},"metadata":{}}"#);"##,
        &["display: one", "stdout: before, between\n", "display(d): two", "result: three"],
    ),
    (r##"event(r#"{"event":"update","data":{"text/plain":"2"},"metadata":{},"id":"d"}"#);"##, &["update(d): 2"]),
    (r##"event(r#"{"event":"clear","wait":true}"#);"##, &["clear: true"]),
    (r##"event(r#"{"event":"display","data":{"image/png":"AAAA"}}"#);"##, &["display: [image/png]"]),
    ("event(r#\"{\"event\":\"interrupted?\"}\"#)", &["result: \"{\\\"interrupted\\\":false}\\n\""]),
    (
        "println!(\"EVCXR_BEGIN_CONTENT text/plain\\nfirst\\nEVCXR_END_CONTENT\\nbehind\"); 5",
        &["display: first", "stdout: behind\n", "result: 5"],
    ),
    ("let kept = vec![1, 2, 3];", &[]),
    ("kept.len()", &["result: 3"]),
    ("struct Point { x: i32 }\nlet point = Point { x: 1 };", &[]),
    (
        "struct Point { y: f64 }\nlet other = 1;",
        &["stdout: [the variable point is gone: its type has been defined anew]\n"],
    ),
    (
        "std::thread::spawn(|| panic!(\"elsewhere\")).join().is_err()",
        &["stderr: thread 'unnamed' panicked: elsewhere\n", "result: true"],
    ),
    ("let unused = 1; let mut never = 2;", &[]),
    (":clear", &[]),
    ("ndarray::arr1(&[1.5]).len()", &["result: 1"]),
    ("let kept = vec![1, 2, 3];", &[]),
    (":vars", &["result: kept: Vec<i32>\n"]),
    (":opt 1", &["result: Optimization: 1\n"]),
    ("kept[2]", &["result: 3"]),
    (EVENT, &[]),
];

/// Cells that fail: the name, the sentence, and what the traceback must show.
const FAILURES: &[(&str, &str, &str, &[&str])] = &[
    (
        "let a = vec![1];\nlet b = a;\nprintln!(\"{:?}\", a);",
        "CompileError[E0382]",
        "borrow of moved value: `a`",
        &[
            "--> cell:3:18",
            "3 | println!(\"{:?}\", a);",
            "^ value borrowed here after move",
            "- value moved here",
            "a.clone()",
        ],
    ),
    (
        "let s: String = 3;",
        "CompileError[E0308]",
        "mismatched types",
        &["^ expected `String`, found integer", "3.to_string()"],
    ),
    (
        "let x = undefined + 1;",
        "CompileError[E0425]",
        "cannot find value `undefined` in this scope",
        &["^^^^^^^^^ not found"],
    ),
    ("fn f() -> i32 {\n    \"text\"\n}", "CompileError[E0308]", "mismatched types", &["2 |     \"text\""]),
    // Last values, which show themselves.
    ("event(5)", "CompileError[E0308]", "mismatched types", &["1 | event(5)", "^ expected `&str`, found integer"]),
    (
        "1.5_f32.undefined() + 1.0",
        "CompileError[E0599]",
        "no method named `undefined` found for type `f32`",
        &["^^^^^^^^^"],
    ),
    ("struct Plain;\nPlain", "CompileError[E0277]", "`Plain` doesn't implement `Debug`", &["#[derive(Debug)]"]),
    ("let a = 1;\n}", "CompileError", "`}` closes no bracket that is open here", &["--> cell:2:1"]),
    (
        "let c = |x: i32| x;",
        "CompileError",
        "The variable `c` is a closure, which cannot be persisted.",
        &["Box<dyn Fn()>"],
    ),
    (":nonsense", "CompileError", "Unrecognised command :nonsense", &["^^^^^^^^^"]),
    (
        "let v = vec![1, 2];\nlet i = v.len() + 5;\nv[i]",
        "Panic",
        "index out of bounds: the len is 2 but the index is 7",
        &["--> cell:3:", "3 | v[i]"],
    ),
    ("todo!()", "NotYetDone", "not yet implemented", &["--> cell:1:1"]),
    ("todo!(\"the gradient\")", "NotYetDone", "not yet implemented: the gradient", &[]),
    ("let n: i32 = \"x1\".parse()?;", "UserError", "invalid digit found in string", &[]),
    ("panic!(\"interrupted: by the test\")", "Interrupted", "interrupted: by the test", &[]),
    (
        "std::process::exit(3)",
        "Crashed",
        "the process that runs the cells has ended (exit status: 3)",
        &["The variable kept is lost"],
    ),
    ("let again = 1;\nstd::process::abort()", "Crashed", "SIGABRT", &["functions, types and imports are still there"]),
    ("fn deep(n: u64) -> u64 { n + deep(n + 1) }\ndeep(0)", "Crashed", "SIGABRT", &["overflowed its stack"]),
];

#[test]
fn one_session() {
    let (mut kernel, info) = Kernel::start(kernelspec());
    assert!(kernel.welcome);
    assert_eq!(info["language_info"]["name"], "rust");
    assert_eq!(info["status"], "ok");
    assert_eq!(info["debugger"], false);

    assert!(kernel.is_alive());
    life_of_a_cell(&mut kernel);
    cells(&mut kernel, CELLS);
    comms(&mut kernel);
    help(&mut kernel);
    warnings_and_times(&mut kernel);
    questions(&mut kernel);
    past_cells(&mut kernel);
    interrupts(&mut kernel);
    failures(&mut kernel);
    a_failure_aborts_what_waits(&mut kernel);
    cells(
        &mut kernel,
        &[("event(\"{}\")", &["result: \"{\\\"error\\\":\\\"there is no event \\\\\\\"\\\\\\\"\\\"}\\n\""])],
    );

    let (workspace, folder) = (kernel.workspace(), kernel.channel_folder());
    assert!(workspace.is_dir() && folder.is_dir());
    kernel.shut_down();
    assert_gone(&workspace, &folder);
}

fn cells(kernel: &mut Kernel, cells: &[(&str, &[&str])]) {
    for (code, expected) in cells {
        let ran = kernel.run(code);
        assert_eq!(ran.outputs, *expected, "{code}");
        assert_eq!(ran.reply["status"], "ok", "{code}");
    }
}

/// What is published because of a cell, in this order.
fn life_of_a_cell(kernel: &mut Kernel) {
    for count in 1..3 {
        let all = kernel.publications_of(ExecuteRequest::new("print!(\"a\"); 2".to_owned()));
        let kinds: Vec<&str> = all.iter().map(|message| message["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["status", "execute_input", "stream", "execute_result", "status"]);
        assert_eq!(all[0]["content"]["execution_state"], "busy");
        let input = json!({ "code": "print!(\"a\"); 2", "execution_count": count });
        assert_eq!((&all[1]["content"], &all[3]["content"]["execution_count"]), (&input, &json!(count)));
    }
    // A cell that is not to be remembered neither counts nor says its own text.
    let silent = ExecuteRequest { silent: true, store_history: false, ..ExecuteRequest::new("3".to_owned()) };
    assert_eq!(kernel.publications_of(silent).len(), 2);
    let all = kernel.publications_of(ExecuteRequest::new(String::new()));
    assert_eq!(all[1]["content"]["execution_count"], 2, "an empty cell does not count");
}

/// A front end's code and a cell talk.
fn comms(kernel: &mut Kernel) {
    let id = || CommId("from-the-test".to_owned());
    let open = |target: &str| CommOpen { comm_id: id(), target_name: target.to_owned(), ..CommOpen::default() };
    let message = |x: i32| CommMsg { comm_id: id(), data: Map::from_iter([("x".to_owned(), x.into())]) };
    let said = |all: &[Value]| -> Vec<String> {
        let middle = all[1..all.len() - 1].iter();
        middle.map(|message| format!("{} {}", message["type"].as_str().unwrap(), message["content"]["data"])).collect()
    };
    // Where nobody listens, a comm is closed at once, and messages are passed over.
    assert_eq!(said(&kernel.publications_of(open("doubler"))), ["comm_close {}"]);
    assert!(said(&kernel.publications_of(message(1))).is_empty());

    let listens = "register_comm_target(\"doubler\", |comm, _| {
    comm.send(Json::object([(\"hello\", true.into())]));
    comm.on_message(|comm, data| {
        let x = data[\"x\"].as_i64().expect(\"x is a whole number\");
        println!(\"asked for {x}\");
        comm.send(Json::object([(\"twice\", (2 * x).into())]));
    });
    comm.on_close(|_, _| println!(\"closed\"));
});";
    cells(kernel, &[(listens, &[])]);
    assert_eq!(said(&kernel.publications_of(open("doubler"))), ["comm_msg {\"hello\":true}"]);
    let open_ones = |kernel: &mut Kernel, target: Option<&str>| -> usize {
        let info = kernel.ask(CommInfoRequest { target_name: target.map(str::to_owned) });
        info["comms"].as_object().unwrap().len()
    };
    assert_eq!((open_ones(kernel, None), open_ones(kernel, Some("doubler")), open_ones(kernel, Some("x"))), (1, 1, 0));
    assert_eq!(said(&kernel.publications_of(message(4))), ["comm_msg {\"twice\":8}"]);
    // Also while a cell runs; what the handler prints belongs to that cell.
    let busy =
        kernel.send_until("println!(\"begun\"); std::thread::sleep(std::time::Duration::from_secs(3));", "begun");
    let start = Instant::now();
    assert_eq!(said(&kernel.publications_of(message(5))), ["comm_msg {\"twice\":10}"]);
    assert!(start.elapsed() < Duration::from_millis(2500), "{:?}", start.elapsed());
    kernel.finish(&busy);
    // A handler that panics has had its say; the next message is heard.
    let bad = CommMsg { comm_id: id(), data: Map::new() };
    assert!(said(&kernel.publications_of(bad)).is_empty());
    assert_eq!(said(&kernel.publications_of(message(6))), ["comm_msg {\"twice\":12}"]);

    // Cells open comms too; a front end that does not know the target closes them.
    let ran = kernel.publications_of(ExecuteRequest::new("let mine = Comm::open(\"plot\", Json::Null);".to_owned()));
    assert!(ran.iter().any(|message| message["type"] == "comm_open" && message["content"]["target_name"] == "plot"));
    assert_eq!(open_ones(kernel, None), 2);
    cells(kernel, &[("mine.close(Json::Null);", &[])]);
    assert_eq!(kernel.publications_of(CommClose { comm_id: id(), ..CommClose::default() }).len(), 2);
    assert_eq!(open_ones(kernel, None), 0);
    assert!(said(&kernel.publications_of(message(7))).is_empty());
    // When the process of the cells ends, what listened is gone.
    kernel.publications_of(open("doubler"));
    assert_eq!(kernel.run("std::process::abort()").error.unwrap()["ename"], "Crashed");
    wait_until("the comm is closed", || open_ones(kernel, None) == 0);
    kernel.run(EVENT);
    kernel.run("let kept = vec![1, 2, 3];");
}

fn failures(kernel: &mut Kernel) {
    kernel.run("let kept = 1;");
    for (code, name, value, shown) in FAILURES {
        let ran = kernel.run(code);
        let error = ran.error.unwrap_or_else(|| panic!("no error from {code}"));
        assert_eq!(error["ename"], *name, "{code}\n{error:#}");
        assert!(error["evalue"].as_str().unwrap().contains(value), "{code}\n{error:#}");
        let traceback = plain(&error["traceback"]);
        for part in *shown {
            assert!(traceback.contains(part), "{code} should show {part:?}:\n{traceback}");
        }
        // The reply says the same, and nothing of it is on standard error.
        assert_eq!(ran.reply["status"], "error");
        for key in ["ename", "evalue", "traceback"] {
            assert_eq!(ran.reply[key], error[key], "{code}");
        }
        assert_eq!(ran.outputs, [format!("error: {name}")], "{code}");
        assert_eq!(kernel.run("1 + 1").outputs, ["result: 2"], "after {code}");
    }
}

/// The traceback without its colours.
fn plain(traceback: &Value) -> String {
    let text: Vec<&str> = traceback.as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    let mut out = String::new();
    for (index, part) in text.join("\n").split('\u{1b}').enumerate() {
        out.push_str(if index == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) });
    }
    out
}

fn help(kernel: &mut Kernel) {
    for (code, expected) in [("kept.le", "len"), ("kep", "kept"), ("std::vec::Ve", "Vec"), (":de", ":dep")] {
        let found = kernel.complete(code);
        assert!(found.iter().any(|name| name == expected), "{code}: {found:?}");
    }
    kernel.run("let xs = ndarray::Array2::<f32>::eye(2);");
    assert_eq!(kernel.inspect("xs"), "xs: Array2<f32>\n\n[[1.0, 0.0],\n [0.0, 1.0]], shape=[2, 2]");
    // What is private to the course is not offered; a user's own fields are.
    let found = kernel.complete("let model = Sequential::new(); model.");
    assert!(["fit", "predict", "summary"].iter().all(|name| found.iter().any(|found| found == name)), "{found:?}");
    assert!(["kind", "network", "begin"].iter().all(|name| found.iter().all(|found| found != name)), "{found:?}");
    kernel.run("struct Mine { kind: i32 } let mine = Mine { kind: 1 };");
    assert_eq!(kernel.complete("mine.")[0], "kind");
    for (code, expected) in
        [("kept", "kept: Vec<i32>\n\n[1, 2, 3]"), ("kept.len", "pub const fn len(&self) -> usize"), ("qwerty", "")]
    {
        let found = kernel.inspect(code);
        assert!(found.contains(expected) && found.is_empty() == expected.is_empty(), "{code}: {found}");
    }
    for (code, expected) in [("fn f() {", "incomplete"), ("let s = \"{\";", "complete"), ("f(])", "invalid")] {
        assert_eq!(kernel.is_complete(code), expected, "{code}");
    }
}

/// What rustc warns of is shown once, below the cell's output and not on standard error.
fn warnings_and_times(kernel: &mut Kernel) {
    let ran = kernel.run("println!(\"first\");\n\"5\".parse::<i32>();\n6");
    let [stdout, result, warning] = ran.outputs.as_slice() else { panic!("{:?}", ran.outputs) };
    assert_eq!([stdout.as_str(), result.as_str()], ["stdout: first\n", "result: 6"]);
    for part in ["display: ", "warning", "unused `Result` that must be used", "cell:2:1", "let _ = "] {
        assert!(warning.contains(part), "{part:?} in {warning}");
    }
    assert_eq!(ran.reply["status"], "ok");
    let ran = kernel.run("fn careless() { \"5\".parse::<i32>(); }");
    assert!(ran.outputs.concat().contains("unused `Result`"), "{:?}", ran.outputs);
    // Neither a command nor a later cell, with which the function is compiled again, says it again.
    cells(kernel, &[("careless()", &[]), ("1 + 1", &["result: 2"]), (":timing", &["result: Timing: true\n"])]);
    let ran = kernel.run("1 + 1");
    assert!(ran.outputs[1].starts_with("display: compiled in 0."), "{:?}", ran.outputs);
    cells(kernel, &[(":timing", &["result: Timing: false\n"]), ("1 + 1", &["result: 2"])]);
    // Where evcxr gives warnings of an earlier cell for the reason, the reader gets the possible reasons.
    let error = kernel.run("let c = |x: i32| x;").error.unwrap();
    assert_eq!(error["evalue"], "a variable of this cell cannot be kept for later cells");
    assert!(plain(&error["traceback"]).contains("Box<dyn Fn"), "{error:#}");
    kernel.run("fn careless() {}");
}

/// A cell asks its user, as `input` does.
fn questions(kernel: &mut Kernel) {
    kernel.run("let kept = vec![1, 2, 3];");
    let (id, question) = kernel.send_and_be_asked("print!(\"before\"); let name = input(\"Name: \"); name.len()");
    assert_eq!(question, serde_json::json!({ "prompt": "Name: ", "password": false }));
    // What was printed before is seen before the question is answered.
    kernel.wait_for(&id, "before");
    kernel.answer("Åsa \"B\"");
    assert_eq!(kernel.finish(&id).outputs, ["result: 8"]);
    let (id, question) = kernel.send_and_be_asked("input_password(\"Secret: \")");
    assert_eq!(question["password"], true);
    kernel.answer("s");
    assert_eq!(kernel.finish(&id).outputs, ["result: \"s\""]);

    // The stop button ends a question at once, and variables live.
    let (id, _) = kernel.send_and_be_asked("input(\"never answered\")");
    kernel.interrupt();
    let ran = kernel.finish(&id);
    assert_eq!(ran.error.unwrap()["ename"], "Interrupted");
    assert!(ran.took < Duration::from_secs(2), "{:?}", ran.took);
    assert_eq!(kernel.run("kept.len()").outputs, ["result: 3"]);

    // A program that runs sheets by itself says that it cannot be asked.
    let error = kernel.run("input(\"nobody\")").error.unwrap();
    assert!(error["evalue"].as_str().unwrap().contains("cannot ask its user anything"), "{error:#}");
}

fn past_cells(kernel: &mut Kernel) {
    let mut ask = |request: serde_json::Value| -> Vec<String> {
        let request = jupyter_protocol::UnknownMessage { msg_type: "history_request".to_owned(), content: request };
        let reply = kernel.ask(request);
        assert_eq!(reply["status"], "ok");
        reply["history"].as_array().unwrap().iter().map(|entry| entry[2].to_string()).collect()
    };
    let tail = ask(serde_json::json!({ "hist_access_type": "tail", "n": 2, "output": false, "raw": true }));
    assert_eq!(tail, ["\"kept.len()\"", "\"input(\\\"nobody\\\")\""]);
    let found = ask(serde_json::json!({ "hist_access_type": "search", "pattern": "*never answered*", "n": 1 }));
    assert_eq!(found, ["\"input(\\\"never answered\\\")\""]);
    let first =
        ask(serde_json::json!({ "hist_access_type": "range", "session": 0, "start": 1, "stop": 2, "output": true }));
    assert_eq!(first, ["[\"print!(\\\"a\\\"); 2\",\"\"]"]);
    // A client may leave out what has a default.
    assert!(ask(serde_json::json!({ "hist_access_type": "range", "session": 0, "start": 0 })).len() > 20);
}

fn interrupts(kernel: &mut Kernel) {
    // A cell that asks ends at once, and variables live.
    let asking = "println!(\"running\");\nloop {\n    if event(r#\"{\"event\":\"interrupted?\"}\"#).contains(\"true\") { panic!(\"interrupted: at a batch\") }\n}";
    let ran = interrupted(kernel, asking);
    assert_eq!(ran.error.unwrap()["ename"], "Interrupted");
    assert!(ran.took < Duration::from_secs(2), "{:?}", ran.took);
    assert_eq!(kernel.run("kept[0]").outputs, ["result: 1"]);

    // A cell that does not ask is ended by force, and says what that has cost.
    let deaf = "println!(\"running\"); loop { std::thread::sleep(std::time::Duration::from_secs(1)) }";
    let ran = interrupted(kernel, deaf);
    let error = ran.error.unwrap();
    assert_eq!(error["ename"], "Interrupted");
    assert!(plain(&error["traceback"]).contains("kept"), "{error:#}");
    assert!(ran.took < Duration::from_secs(7), "{:?}", ran.took);
    assert_eq!(kernel.run("1 + 1").outputs, ["result: 2"]);

    // While a cell compiles, the compiler is ended and variables live.
    kernel.run("let kept = 7;");
    let id = kernel.send_and_see_busy(
        "let long: Vec<Vec<String>> = (0..3).map(|i| vec![format!(\"{i}\"); i]).collect(); long.len()",
    );
    kernel.interrupt();
    let ran = kernel.finish(&id);
    assert_eq!(ran.error.unwrap()["ename"], "Interrupted");
    assert_eq!(kernel.run("kept").outputs, ["result: 7"]);
}

/// Runs a cell and presses the stop button when it says that it runs.
fn interrupted(kernel: &mut Kernel, code: &str) -> client::Ran {
    let id = kernel.send_until(code, "running");
    kernel.interrupt();
    kernel.finish(&id)
}

fn a_failure_aborts_what_waits(kernel: &mut Kernel) {
    let ids = ["std::thread::sleep(std::time::Duration::from_millis(300)); panic!(\"first\")", "2", "3"]
        .map(|code| kernel.send(code));
    let statuses = ids.map(|id| kernel.finish(&id).reply["status"].as_str().unwrap().to_owned());
    assert_eq!(statuses, ["error", "aborted", "aborted"]);
}
