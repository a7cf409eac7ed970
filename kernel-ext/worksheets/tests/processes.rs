//! Kernels as processes: several at once, signals, the end of whoever has started them, and kernels that wait.

#![allow(clippy::unwrap_used)]

mod client;
mod installed;

use client::pool::Pool;
use client::processes::{assert_gone, lives, parent, processes_of, signal};
use client::{Kernel, Start, command, connection, wait_until, workspace};
use installed::kernelspec;
use jupyter_protocol::Transport;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[test]
fn two_kernels_live_side_by_side() {
    // One of them over the sockets of the file system.
    let ((mut first, _), (mut second, _)) =
        (Kernel::start(kernelspec()), Start { transport: Transport::IPC, ..Start::default() }.kernel(kernelspec()));
    let ids = [first.send("let name = \"first\"; name"), second.send("let name = \"2nd\"; name")];
    assert_eq!(first.finish(&ids[0]).outputs, ["result: \"first\""]);
    assert_eq!(second.finish(&ids[1]).outputs, ["result: \"2nd\""]);
    assert_eq!(first.run("name.len()").outputs, ["result: 5"]);
    assert_eq!(second.run("name.len()").outputs, ["result: 3"]);

    // SIGTERM ends a kernel in the middle of a cell, and everything that it has made.
    let (workspace, folder) = (first.workspace(), first.channel_folder());
    first.send_until("println!(\"running\"); loop { std::thread::yield_now() }", "running");
    signal(first.process.id(), "TERM");
    wait_until("the kernel ends", || first.process.try_wait().unwrap().is_some());
    assert_gone(&workspace, &folder);

    // A killed kernel takes the process of its cells along; its folder goes when the next one starts.
    let workspace = second.workspace();
    second.send_until("println!(\"running\"); loop { std::thread::yield_now() }", "running");
    signal(second.process.id(), "KILL");
    second.process.wait().unwrap();
    wait_until("the cells end", || processes_of(&workspace).is_empty());
    a_kernel_dies_with_its_jupyter();
    assert!(!workspace.exists(), "{}", workspace.display());
}

/// Cells of the course alone are compiled without cargo; a crate in a folder, whose files may change, is left to it.
#[test]
fn cargo_is_called_for_other_crates_only() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "Cargo.toml",
        "[package]\nname = \"mine\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n",
    );
    write("lib.rs", "pub fn number() -> i32 { 1 }\n");

    let (mut kernel, _) = Kernel::start(kernelspec());
    let said = kernel.workspace().join("evcxr/messages-of-rustc");
    assert_eq!(kernel.run("let two = 1 + 1; two").outputs, ["result: 2"]);
    assert_eq!(fs::read_to_string(&said).unwrap(), "");
    let error = kernel.run("two + missing").error.unwrap();
    assert_eq!(error["evalue"], "cannot find value `missing` in this scope");
    assert!(fs::read_to_string(&said).unwrap().contains("E0425"));

    let command = format!(":dep mine = {{ path = {:?} }}", folder.path());
    assert_eq!(kernel.run(&format!("{command}\nmine::number() + two")).outputs, ["result: 3"]);
    assert!(!said.exists());
    write("lib.rs", "pub fn number() -> i32 { 10 }\n");
    assert_eq!(kernel.run("mine::number() + two").outputs, ["result: 12"]);
    let warned = kernel.run("\"5\".parse::<i32>();").outputs.concat();
    assert_eq!(warned.matches("unused `Result` that must be used").count(), 1, "{warned}");
    // Another manifest is cargo's for the first time only.
    let (mut kernel, _) = Kernel::start(kernelspec());
    let said = kernel.workspace().join("evcxr/messages-of-rustc");
    for (code, is_direct) in [("1", true), (":opt 1", true), ("2", false), ("3", true)] {
        assert_eq!(kernel.run(code).reply["status"], "ok", "{code}");
        assert_eq!(said.exists(), is_direct, "{code}");
    }
}

/// A shell stands in for Jupyter and is killed.
fn a_kernel_dies_with_its_jupyter() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("connection.json");
    let connection = tokio::runtime::Runtime::new().unwrap().block_on(connection());
    fs::write(&file, serde_json::to_string(&connection).unwrap()).unwrap();
    let kernel = command(kernelspec(), &file);
    let mut jupyter = Command::new("sh");
    jupyter.args(["-c", "\"$@\" & echo $! > \"$0\"; wait"]).arg(folder.path().join("pid"));
    jupyter.arg(kernel.get_program()).args(kernel.get_args()).env("JPY_PARENT_PID", "1");
    jupyter.envs(kernel.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut jupyter = jupyter.spawn().unwrap();

    let pid = || fs::read_to_string(folder.path().join("pid")).unwrap_or_default().trim().to_owned();
    wait_until("the kernel starts", || !pid().is_empty());
    let workspace = workspace(pid().parse().unwrap());
    wait_until("the cells' process starts", || !processes_of(&workspace).is_empty());
    jupyter.kill().unwrap();
    jupyter.wait().unwrap();
    wait_until("the kernel ends", || !Path::new("/proc").join(pid()).exists());
    assert_eq!(processes_of(&workspace), Vec::<u32>::new());
    assert!(!workspace.exists());
}

/// A warmed kernel is what its user has started: signals, folder and environment are those of the process that Jupyter
/// knows.
#[test]
fn a_kernel_of_the_pool() {
    let pool = Pool::warm(kernelspec());
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().canonicalize().unwrap();
    let environment = vec![("POOL_TEST".to_owned(), "a = \"b\"".to_owned())];
    let start =
        Start { pool: Some(pool.notices.clone()), folder: Some(place.clone()), environment, ..Start::default() };
    let (mut kernel, _) = start.kernel(kernelspec());
    let there = format!(
        "(std::env::current_dir().unwrap().to_str() == Some({place:?}), std::env::var(\"POOL_TEST\").unwrap())"
    );
    let ran = kernel.run(&there);
    assert_eq!(ran.outputs, ["result: (true, \"a = \\\"b\\\"\")"]);
    assert_eq!(ran.reply["execution_count"], 1);
    let serving = kernel.serving();
    assert_ne!(serving, kernel.process.id(), "no kernel waited");
    let (workspace, channel) = (workspace(serving), kernel.channel_folder());
    assert!(workspace.is_dir());

    // The process that replaces the one of the cells is in the same place.
    assert_eq!(kernel.run("std::process::abort()").error.unwrap()["ename"], "Crashed");
    assert_eq!(kernel.run(&there).outputs, ran.outputs);
    assert_eq!(kernel.serving(), serving);

    // Whoever has taken a kernel keeps it when the pool ends.
    drop(pool);
    assert_eq!(kernel.run("1 + 1").outputs, ["result: 2"]);

    let id = kernel.send_until("println!(\"running\"); let x = input(\"wait\");", "running");
    assert_eq!(kernel.finish(&id).error.unwrap()["ename"], "Panic", "nobody can be asked");
    let id = kernel.send_until("println!(\"running\"); loop { std::thread::yield_now() }", "running");
    signal(kernel.process.id(), "INT");
    let ran = kernel.finish(&id);
    assert_eq!(ran.error.unwrap()["ename"], "Interrupted");
    assert!(ran.took < Duration::from_secs(7), "{:?}", ran.took);

    kernel.send_until("println!(\"running\"); loop { std::thread::yield_now() }", "running");
    signal(kernel.process.id(), "TERM");
    wait_until("the kernel ends", || kernel.process.try_wait().unwrap().is_some());
    assert_gone(&workspace, &channel);
    wait_until("the serving process ends", || !lives(serving));
}

/// A pool keeps one kernel waiting, and leaves none behind, however it ends.
#[test]
fn a_pool_and_its_end() {
    let mut pool = Pool::warm(kernelspec());
    let notices = pool.notices.clone();
    let start = || Start { pool: Some(notices.clone()), ..Start::default() };
    let (mut first, _) = start().kernel(kernelspec());
    let first_process = first.serving();
    // The next one warms up, once the first has had its time.
    pool.wait();
    let (mut second, _) = start().kernel(kernelspec());
    let second_process = second.serving();
    assert_ne!(first_process, second_process);

    // The kernel dies with the process that Jupyter knows, however that ends.
    signal(first.process.id(), "KILL");
    first.process.wait().unwrap();
    wait_until("the kernel ends", || !lives(first_process));
    second.shut_down();
    wait_until("the serving process ends", || !lives(second_process));

    // A kernel that waits dies with its pool.
    pool.wait();
    let waiting: Vec<u32> = fs::read_dir(&notices)
        .unwrap()
        .flatten()
        .filter_map(|notice| notice.file_name().to_str()?.parse().ok())
        .filter(|&process| parent(process) == Some(pool.process.id()))
        .collect();
    assert_eq!(waiting.len(), 1);
    signal(pool.process.id(), "KILL");
    wait_until("the kernel that waits ends", || !lives(waiting[0]));
    assert!(!notices.join(waiting[0].to_string()).exists());
    assert!(!workspace(waiting[0]).exists());
}
