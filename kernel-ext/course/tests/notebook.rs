//! What a notebook sees: this program plays the kernel, and starts itself once more as the process
//! in which cells run.
//!
//! Each scene is a cell, and what must have come over the side channel or standard output after it.

#![allow(clippy::unwrap_used, reason = "these helpers are tests as well")]

use course::prelude::*;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Output};

/// The name of a scene, its cell, and the check of what the kernel saw.
type Scene = (&'static str, fn(), fn(&[Value], &Output));

const SCENES: &[Scene] = &[
    ("values", values, values_are_results),
    ("training", training, training_is_one_display_that_changes),
    ("interrupt", interrupt, an_interrupt_stops_between_chunks),
];

fn main() {
    if let Ok(name) = std::env::var("SCENE") {
        let (_, cell, _) = SCENES.iter().find(|(known, ..)| *known == name).expect("a scene of this name");
        return cell();
    }
    for (name, _, check) in SCENES {
        let (events, output) = play(name);
        check(&events, &output);
        println!("test {name} ... ok");
    }
    stock_evcxr_gets_blocks();
    println!("test stock_evcxr ... ok");
}

/// Runs a scene with a kernel at the other end, and returns the events that the kernel got.
fn play(scene: &str) -> (Vec<Value>, Output) {
    let path = std::env::temp_dir().join(format!("course-notebook-{}-{scene}", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let kernel = std::thread::spawn(move || answer(listener.accept().unwrap().0));
    let output = this_program(scene).env("COURSE_CHANNEL", &path).output().unwrap();
    let events = kernel.join().unwrap();
    std::fs::remove_file(path).unwrap();
    (events, output)
}

fn this_program(scene: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("SCENE", scene).env("EVCXR_IS_RUNTIME", "1").env_remove("COURSE_CHANNEL");
    command
}

/// Answers every event; the third time it is asked, the user has interrupted.
fn answer(mut stream: UnixStream) -> Vec<Value> {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("events"));
    let (mut events, mut asked) = (Vec::new(), 0);
    for line in lines {
        let event: Value = serde_json::from_str(&line).unwrap();
        let is_question = event["event"] == "interrupted?";
        asked += usize::from(is_question);
        let reply = if is_question { json!({ "interrupted": asked == 3 }) } else { json!({}) };
        stream.write_all(format!("{reply}\n").as_bytes()).unwrap();
        events.extend((!is_question).then_some(event));
    }
    events
}

fn values() {
    42.evcxr_display();
    ().evcxr_display();
    array![[1.5_f32, 2.0]].evcxr_display();
    let mut model = Sequential::named("sequential");
    model.add(Input::new([784]));
    model.add(Dense::new(10).named("dense"));
    model.evcxr_display();
    Figure::new().line(&[1.0, 2.0]).title("<b>").evcxr_display();
    confusion_matrix(&[0_u8, 1], &[0_u8, 1]).evcxr_display();
    clear_output(true);
    display(&model);
}

fn values_are_results(events: &[Value], _: &Output) {
    let plain = |place: usize| events[place]["data"]["text/plain"].as_str().unwrap();
    assert_eq!(events[0], json!({"event": "result", "data": {"text/plain": "42"}, "metadata": {}}));
    assert_eq!(plain(1), "[[1.5, 2.0]], shape=[1, 2]", "and nothing was shown for ()");
    assert!(plain(2).contains("│ dense (Dense)                   │ (None, 10)             │         7,850 │"));
    assert!(events[2]["data"]["text/html"].as_str().unwrap().contains("dense (Dense)</td>"));
    for (place, text) in [(3, "<Figure: \"<b>\" with line of 2 points>"), (4, "[[1 0]\n [0 1]]")] {
        assert_eq!(plain(place), text);
        assert!(events[place]["data"]["image/svg+xml"].as_str().unwrap().trim_start().starts_with("<svg"));
    }
    assert_eq!(events[5], json!({"event": "clear", "wait": true}));
    assert_eq!(events[6]["event"], "display");
    assert_eq!(events.len(), 7);
}

/// y = x, slow enough that a run of the second scene takes half a second and more.
fn regression(samples: usize) -> (Sequential, Array2<f32>, Array2<f32>) {
    let x = Array2::from_shape_fn((samples, 4), |(row, column)| ((row * 7 + column) % 10) as f32 / 10.0);
    let y = x.slice(s![.., ..1]).to_owned();
    let mut model = Sequential::named("sequential");
    model.add(Input::new([4]));
    model.add(Dense::new(64).activation("tanh"));
    model.add(Dense::new(1));
    model.compile(Sgd::new(0.01), "mse", ["mae"]);
    (model, x, y)
}

fn training() {
    let (mut model, x, y) = regression(2000);
    print!("no line feed");
    let logs = model.fit(&x, &y, Fit::new().batch_size(100).epochs(2).validation_split(0.5));
    assert_eq!(logs.keys(), ["loss", "mae", "val_loss", "val_mae"]);
}

fn training_is_one_display_that_changes(events: &[Value], output: &Output) {
    assert_eq!(output.stdout, b"no line feed", "progress is no text on standard output");
    assert_eq!(events[0]["event"], "display");
    let id = events[0]["id"].as_str().unwrap();
    assert!(!id.is_empty());
    assert!(events[1..].iter().all(|event| event["event"] == "update" && event["id"] == id));
    let last = &events[events.len() - 1]["data"];
    let lines: Vec<&str> = last["text/plain"].as_str().unwrap().lines().collect();
    assert_eq!((lines.len(), lines[0], lines[2]), (4, "Epoch 1/2", "Epoch 2/2"));
    assert!(lines[3].starts_with("10/10 ━━━━━━━━━━━━━━━━━━━━ 0s "), "{}", lines[3]);
    assert!(lines[3].contains("/step - loss: ") && lines[3].contains(" - val_mae: "), "{}", lines[3]);
    let html = last["text/html"].as_str().unwrap();
    assert!(html.contains("width:100.0%") && html.contains("<svg") && html.contains("done in 0s"));
}

fn interrupt() {
    let (mut model, x, y) = regression(100_000);
    let before = model.get_weights();
    let options = Fit::new().batch_size(1).epochs(1000).shuffle(false);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| model.fit(&x, &y, options)));
    let panic = caught.expect_err("the kernel says that the user has interrupted");
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.starts_with("interrupted: fit, epoch "), "{message}");
    assert_ne!(model.get_weights(), before, "what has been learnt is kept");
    assert!(model.history().is_some());
    println!("still usable: {:?}", model.predict(&x.slice(s![..1, ..])).shape());
}

fn an_interrupt_stops_between_chunks(events: &[Value], output: &Output) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stdout, "still usable: [1, 1]\n", "{}", String::from_utf8_lossy(&output.stderr));
    let last = &events[events.len() - 1]["data"];
    assert!(last["text/html"].as_str().unwrap().contains("interrupted"));
}

/// Without the side channel values go to standard output in evcxr's own form.
fn stock_evcxr_gets_blocks() {
    let output = this_program("values").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("EVCXR_BEGIN_CONTENT text/plain\n42\nEVCXR_END_CONTENT\n"), "{text}");
    assert!(text.contains("\nEVCXR_BEGIN_CONTENT image/svg+xml\n<"), "{text}");
}
