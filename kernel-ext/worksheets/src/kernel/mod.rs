//! `worksheets kernel`: the Jupyter kernel.
//!
//! ```text
//! front end ── wire ── mod (tasks: shell, control) ── queue ── worker (thread) ── session ── evcxr
//!                ▲                                                                             │
//!                └── output ── channel (thread) ── the process of the cells ◂── starts, feeds ─┘
//! ```
//!
//! The worker thread owns evcxr, which can do one thing at a time; everything else goes on beside it.

mod batches;
mod channel;
mod completeness;
mod diagnostics;
mod failure;
mod help;
mod history;
mod info;
mod interrupt;
mod output;
mod places;
mod processes;
mod queue;
mod session;
mod streams;
mod wire;
mod worker;

use crate::project;
use crate::template::Workspace;
use channel::Channel;
use history::History;
use interrupt::Interrupt;
use jupyter_protocol::{
    InspectReply, InterruptReply, JupyterMessage, JupyterMessageContent, ReplyStatus, ShutdownReply, Status,
};
use jupyter_zmq_client::{KernelControlConnection, RouterRecvConnection};
use output::Output;
use queue::Queue;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use wire::{Front, Sockets};
use worker::Shared;

/// How long the worker may take to leave when the kernel shuts down.
const FAREWELL: Duration = Duration::from_secs(3);
/// How often the kernel looks whether the Jupyter that started it is still there.
const PARENT_TICK: Duration = Duration::from_secs(1);

/// Serves the kernel that a front end described in `connection_file`, until it is told to shut down.
///
/// # Errors
/// When the connection file cannot be read or a port is taken.
pub fn run(connection_file: &Path) -> Result<(), Error> {
    let connection = wire::read_connection(connection_file)?;
    let root = project::root();
    let workspace = Workspace::folder(&root);
    set_environment(&root, &workspace);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|reason| Error::Socket(reason.to_string()))?;
    runtime.block_on(async {
        let session = format!("worksheets-{}", std::process::id());
        let Sockets { shell, control, input, front } = wire::open(&connection, &session).await?;
        let kernel = Kernel::start(root, front)?;
        kernel.serve(shell, control, input).await;
        kernel.shut_down(&workspace).await;
        Ok(())
    })
}

/// evcxr and rust-analyzer take their settings from the environment of its process.
///
/// `cargo run` and `cargo test` put the project's own build folder on the library path. There lies a
/// `course` that links its backend; cells must find the one that they were compiled against.
fn set_environment(root: &Path, workspace: &Path) {
    const LIBRARIES: &str = "LD_LIBRARY_PATH";
    let libraries = env::var_os(LIBRARIES).and_then(|paths| {
        let foreign: Vec<PathBuf> = env::split_paths(&paths).filter(|path| !path.starts_with(root)).collect();
        env::join_paths(foreign).ok()
    });
    // SAFETY: this is the first thing the kernel does; no other thread exists yet.
    unsafe {
        if let Some(libraries) = libraries {
            env::set_var(LIBRARIES, libraries);
        }
        env::set_var("EVCXR_TMPDIR", Workspace::evcxr_in(workspace));
        env::set_var("EVCXR_CONFIG_DIR", workspace);
        env::set_var("RUST_SRC_PATH", Workspace::sources_in(workspace));
    }
}

struct Kernel {
    shared: Shared,
}

impl Kernel {
    fn start(root: PathBuf, front: Front) -> Result<Self, Error> {
        let interrupt = Arc::new(Interrupt::default());
        let channel = Channel::open(Output::new(front.clone()), Arc::clone(&interrupt))
            .map_err(|reason| Error::Socket(reason.to_string()))?;
        let history = Arc::new(History::open(root.join(".worksheets/history.jsonl")));
        let shared = Shared { root, front, channel, queue: Arc::new(Queue::default()), interrupt, history };
        let worker = shared.clone();
        thread::Builder::new()
            .name("worker".to_owned())
            // rust-analyzer recurses deeply.
            .stack_size(64 << 20)
            .spawn(move || worker::work(&worker))
            .map_err(|reason| Error::Socket(reason.to_string()))?;
        Ok(Self { shared })
    }

    /// Serves until a request, a signal or the death of the front end ends the kernel.
    async fn serve(&self, shell: RouterRecvConnection, control: KernelControlConnection, input: RouterRecvConnection) {
        let (stop, mut stopped) = mpsc::channel(1);
        self.shared.front.publish_soon(Status::starting(), None).await;
        tokio::spawn(serve_shell(self.shared.clone(), shell, stop.clone()));
        tokio::spawn(serve_control(self.shared.clone(), control, stop.clone()));
        tokio::spawn(serve_input(self.shared.clone(), input));
        tokio::spawn(forward_signals(self.shared.clone(), stop.clone()));
        tokio::spawn(watch_parent(stop));
        stopped.recv().await;
    }

    /// Ends every process and removes every folder that this kernel has made.
    async fn shut_down(&self, workspace: &Path) {
        self.shared.queue.close();
        let shared = self.shared.clone();
        let leaving = tokio::task::spawn_blocking(move || {
            // evcxr replaces a process that dies, so once may not be enough.
            let tries = (0..FAREWELL.as_millis() / 50).find(|_| {
                shared.interrupt.kill_everything();
                shared.queue.wait_until_left(Duration::from_millis(50))
            });
            tries.is_some()
        });
        let _ = leaving.await;
        let _ = fs::remove_dir_all(workspace);
        if let Some(folder) = self.shared.channel.path().parent() {
            let _ = fs::remove_dir_all(folder);
        }
        // What still runs is a compiler that nobody waits for.
        std::process::exit(0);
    }
}

async fn serve_shell(shared: Shared, mut shell: RouterRecvConnection, stop: mpsc::Sender<()>) {
    loop {
        let request = wire::read(&mut shell).await;
        match &request.content {
            JupyterMessageContent::ExecuteRequest(content) => {
                if content.code.trim() == ":quit" {
                    let _ = stop.send(()).await;
                }
                shared.queue.push(request);
            }
            JupyterMessageContent::CompleteRequest(content) if shared.queue.is_busy() => {
                let reply = help::nothing(content).as_child_of(&request);
                answer(&shared, &request, reply).await;
            }
            JupyterMessageContent::InspectRequest(_) if shared.queue.is_busy() => {
                let reply = InspectReply::default().as_child_of(&request);
                answer(&shared, &request, reply).await;
            }
            JupyterMessageContent::CompleteRequest(_) | JupyterMessageContent::InspectRequest(_) => {
                shared.queue.push(request);
            }
            _ => {
                if let Some(reply) = info::answer(&request, &shared.history) {
                    answer(&shared, &request, reply).await;
                }
            }
        }
    }
}

async fn answer(shared: &Shared, request: &JupyterMessage, reply: JupyterMessage) {
    shared.front.publish_soon(Status::busy(), Some(request)).await;
    shared.front.reply_soon(reply).await;
    shared.front.publish_soon(Status::idle(), Some(request)).await;
}

async fn serve_control(shared: Shared, mut control: KernelControlConnection, stop: mpsc::Sender<()>) {
    loop {
        let request = wire::read(&mut control).await;
        shared.front.publish_soon(Status::busy(), Some(&request)).await;
        let mut ends = false;
        let reply = match &request.content {
            JupyterMessageContent::ShutdownRequest(content) => {
                ends = true;
                let reply = ShutdownReply { restart: content.restart, status: ReplyStatus::Ok, error: None };
                Some(reply.as_child_of(&request))
            }
            JupyterMessageContent::InterruptRequest(_) => {
                spawn_interrupt(&shared);
                Some(InterruptReply::new().as_child_of(&request))
            }
            _ => info::answer(&request, &shared.history),
        };
        if let Some(reply) = reply {
            let _ = control.send(reply).await;
        }
        shared.front.publish_soon(Status::idle(), Some(&request)).await;
        if ends {
            let _ = stop.send(()).await;
        }
    }
}

/// Hands what the user has typed to the cell that asked.
async fn serve_input(shared: Shared, mut input: RouterRecvConnection) {
    loop {
        if let JupyterMessageContent::InputReply(reply) = wire::read(&mut input).await.content {
            shared.channel.answer_input(&reply.value);
        }
    }
}

fn spawn_interrupt(shared: &Shared) {
    let (interrupt, one_waits) = (Arc::clone(&shared.interrupt), shared.queue.is_busy());
    tokio::spawn(async move { interrupt.request(one_waits).await });
    shared.channel.cancel_input();
}

/// SIGINT interrupts, SIGTERM shuts down.
async fn forward_signals(shared: Shared, stop: mpsc::Sender<()>) {
    let (Ok(mut interrupts), Ok(mut ends)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        return;
    };
    loop {
        tokio::select! {
            _ = interrupts.recv() => spawn_interrupt(&shared),
            _ = ends.recv() => drop(stop.send(()).await),
        }
    }
}

/// Ends the kernel when the Jupyter that started it is gone. Jupyter says by this variable that it is
/// the one; whoever starts a kernel by hand may leave it alone.
async fn watch_parent(stop: mpsc::Sender<()>) {
    if env::var_os("JPY_PARENT_PID").is_none() {
        return;
    }
    let parent = processes::parent();
    while processes::parent() == parent {
        tokio::time::sleep(PARENT_TICK).await;
    }
    let _ = stop.send(()).await;
}

/// Why the kernel could not be served.
#[derive(Debug)]
pub enum Error {
    /// The connection file cannot be used.
    Connection(PathBuf, String),
    /// A socket, a thread or the side channel could not be opened.
    Socket(String),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(path, reason) => {
                write!(formatter, "{} is not a connection file of Jupyter: {reason}", path.display())
            }
            Self::Socket(reason) => write!(formatter, "the kernel cannot open what it needs: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
