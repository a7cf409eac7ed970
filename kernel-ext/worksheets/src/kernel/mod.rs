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
mod comms;
mod completeness;
mod diagnostics;
mod failure;
mod final_value;
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
mod types;
mod visibility;
mod wire;
mod worker;

use crate::pool::{self, Handover, Launcher, Spare, Wish};
use crate::project;
use crate::template::{self, Workspace};
use channel::Channel;
use history::History;
use interrupt::Interrupt;
use jupyter_protocol::{
    CommClose, InspectReply, InterruptReply, JupyterMessage, JupyterMessageContent, ReplyStatus, ShutdownReply, Status,
};
use jupyter_zmq_client::{KernelControlConnection, RouterRecvConnection};
use output::Output;
use queue::Queue;
use serde_json::json;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use wire::{Front, Outgoing, Sockets};
use worker::Shared;

/// How long the worker may take to leave when the kernel shuts down.
const FAREWELL: Duration = Duration::from_secs(3);
/// How often the kernel looks whether the Jupyter that started it is still there.
const PARENT_TICK: Duration = Duration::from_secs(1);

/// Serves the kernel that a front end described in `connection_file`, until it is told to shut down. Where a warmed
/// kernel waits, that one serves, and this process accompanies it.
///
/// # Errors
/// When the connection file cannot be read or a port is taken.
pub fn run(connection_file: &Path) -> Result<(), Error> {
    let connection = wire::read_connection(connection_file)?;
    let root = project::root();
    prepare_environment(&root);
    event_loop()?.block_on(async {
        if pool::stand_in(&root, &connection).await? {
            return Ok(());
        }
        let (front, outgoing) = wire::front();
        let kernel = Kernel::start(root, front)?;
        match wire::open(&connection, outgoing).await {
            Ok(sockets) => {
                kernel.serve(sockets, parent_is_gone()).await;
                kernel.shut_down().await;
                Ok(())
            }
            Err(error) => {
                kernel.shut_down().await;
                Err(error)
            }
        }
    })
}

/// Warms up a kernel, and serves whoever takes it. Ends when its parent ends before that.
///
/// # Errors
/// When nothing is installed, or what the kernel needs cannot be opened.
pub fn run_spare() -> Result<(), Error> {
    let root = project::root();
    prepare_environment(&root);
    event_loop()?.block_on(async {
        let mut ends = signal(SignalKind::terminate()).map_err(|reason| Error::Socket(reason.to_string()))?;
        let spare = Spare::wait(&root).map_err(|reason| Error::Socket(reason.to_string()))?;
        let (front, outgoing) = wire::front();
        let kernel = Kernel::start(root, front)?;
        let mut warm = kernel.shared.warm.subscribe();
        let taken = async {
            tokio::select! {
                taken = spare.taken() => return taken,
                _ = warm.wait_for(|warm| *warm) => spare.is_warm(),
            }
            spare.taken().await
        };
        let taken = tokio::select! {
            taken = taken => Some(taken),
            () = has_another_parent() => None,
            _ = ends.recv() => None,
        };
        drop(spare);
        // Until the kernel has ended, so that the launcher ends after it.
        let mut company = None;
        if let Some((launcher, handover)) = taken {
            kernel.serve_in_place_of(company.insert(launcher), &handover, outgoing).await;
        }
        kernel.shut_down().await;
        Ok(())
    })
}

fn event_loop() -> Result<tokio::runtime::Runtime, Error> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().map_err(|reason| Error::Socket(reason.to_string()))
}

/// What [`prepare_environment`] sets beside the library path.
const OWN_VARIABLES: [&str; 4] = ["EVCXR_TMPDIR", "EVCXR_CONFIG_DIR", "RUST_SRC_PATH", "RUSTUP_TOOLCHAIN"];

/// evcxr and rust-analyzer take their settings from the environment of its process. By the name of the compiler cargo
/// knows that it need not ask it again what it told the template.
fn prepare_environment(root: &Path) {
    let workspace = Workspace::folder(root);
    let folders = [
        Workspace::evcxr_in(&workspace),
        workspace.clone(),
        Workspace::sources_in(&workspace),
        Workspace::toolchain_in(&workspace),
    ];
    // SAFETY: this is the first thing the kernel does; no other thread exists yet.
    unsafe {
        if let Some((name, libraries)) = library_path(root) {
            env::set_var(name, libraries);
        }
        OWN_VARIABLES.iter().zip(folders).for_each(|(name, folder)| env::set_var(name, folder));
        if let Some(rustc) = template::rustc(root) {
            env::set_var("RUSTC", rustc);
        }
    }
}

/// The library path as cells must find it: `cargo run` and `cargo test` put the project's own build folder on it. There
/// lies a `course` that links its backend; cells need the one that they were compiled against.
pub fn library_path(root: &Path) -> Option<(&'static str, OsString)> {
    const LIBRARIES: &str = "LD_LIBRARY_PATH";
    let paths = env::var_os(LIBRARIES)?;
    let foreign: Vec<PathBuf> = env::split_paths(&paths).filter(|path| !path.starts_with(root)).collect();
    Some((LIBRARIES, env::join_paths(foreign).ok()?))
}

struct Kernel {
    shared: Shared,
}

impl Kernel {
    fn start(root: PathBuf, front: Front) -> Result<Self, Error> {
        let interrupt = Arc::new(Interrupt::default());
        let channel = Channel::open(Output::new(front.clone()), Arc::clone(&interrupt))
            .map_err(|reason| Error::Socket(reason.to_string()))?;
        let history = Arc::new(History::new(root.join(".worksheets/history.jsonl")));
        let shared = Shared {
            root,
            front,
            channel,
            queue: Arc::new(Queue::default()),
            interrupt,
            history,
            folder: Arc::default(),
            warm: watch::Sender::new(false),
        };
        let worker = shared.clone();
        thread::Builder::new()
            .name("worker".to_owned())
            // rust-analyzer recurses deeply.
            .stack_size(64 << 20)
            .spawn(move || worker::work(&worker))
            .map_err(|reason| Error::Socket(reason.to_string()))?;
        Ok(Self { shared })
    }

    /// From here on cells find themselves where the handover says.
    fn move_to(&self, handover: &Handover) {
        let _ = self.shared.folder.set(handover.folder.clone());
        let present = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let (set, unset) = handover.difference(&present, &OWN_VARIABLES);
        self.shared.channel.move_to(json!({ "folder": [handover.folder], "set": set, "unset": unset }));
    }

    /// Serves whoever has started the launcher.
    async fn serve_in_place_of(&self, launcher: &mut Launcher, handover: &Handover, outgoing: Outgoing) {
        self.move_to(handover);
        let opened = wire::open(&handover.connection, outgoing).await;
        launcher.tell(opened.as_ref().map(drop).map_err(ToString::to_string)).await;
        let Ok(sockets) = opened else { return };
        let wishes = async {
            while launcher.wish().await == Wish::Interrupt {
                spawn_interrupt(&self.shared);
            }
        };
        self.serve(sockets, wishes).await;
    }

    /// Serves until a request, a signal or the end of `company` ends the kernel.
    async fn serve(&self, sockets: Sockets, company: impl Future<Output = ()>) {
        let Sockets { shell, control, input } = sockets;
        let (stop, mut stopped) = mpsc::channel(1);
        self.shared.front.publish_soon(Status::starting(), None).await;
        tokio::spawn(serve_shell(self.shared.clone(), shell, stop.clone()));
        tokio::spawn(serve_control(self.shared.clone(), control, stop.clone()));
        tokio::spawn(serve_input(self.shared.clone(), input));
        tokio::spawn(forward_signals(self.shared.clone(), stop));
        tokio::select! {
            _ = stopped.recv() => {}
            () = company => {}
        }
    }

    /// Ends every process and removes every folder that this kernel has made.
    async fn shut_down(&self) {
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
        let _ = fs::remove_dir_all(Workspace::folder(&self.shared.root));
        if let Some(folder) = self.shared.channel.path().parent() {
            let _ = fs::remove_dir_all(folder);
        }
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
            JupyterMessageContent::CommOpen(_)
            | JupyterMessageContent::CommMsg(_)
            | JupyterMessageContent::CommClose(_) => serve_comm(&shared, &request).await,
            _ => {
                if let Some(reply) = info::answer(&request, &shared) {
                    answer(&shared, &request, reply).await;
                }
            }
        }
    }
}

/// What cells do not want to hear is over at once; a comm that they do not know is closed.
async fn serve_comm(shared: &Shared, request: &JupyterMessage) {
    shared.front.publish_soon(Status::busy(), Some(request)).await;
    if shared.channel.comm(request) {
        return;
    }
    if let JupyterMessageContent::CommOpen(open) = &request.content {
        let close = CommClose { comm_id: open.comm_id.clone(), ..CommClose::default() };
        shared.front.publish_soon(close, Some(request)).await;
    }
    shared.front.publish_soon(Status::idle(), Some(request)).await;
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
            _ => info::answer(&request, &shared),
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

/// Returns when the Jupyter that started this process is gone. Jupyter says by this variable that it is the one; whoever
/// starts a kernel by hand may leave it alone.
pub async fn parent_is_gone() {
    match env::var_os("JPY_PARENT_PID") {
        Some(_) => has_another_parent().await,
        None => std::future::pending().await,
    }
}

/// Returns when the parent of this process has ended.
async fn has_another_parent() {
    let parent = processes::parent();
    while processes::parent() == parent {
        tokio::time::sleep(PARENT_TICK).await;
    }
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
