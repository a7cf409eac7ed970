//! A conversation with one kernel: start it, run cells, end it.

use crate::message::{Message, Request, receive, send};
use crate::process::Process;
use crate::{Error, Kernelspec, Outputs};
use jupyter_zmq_client::{
    ClientControlConnection, ClientIoPubConnection, ClientShellConnection, ConnectionInfo,
    create_client_control_connection, create_client_iopub_connection, create_client_shell_connection_with_identity,
    peer_identity_for_session,
};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How long a kernel may take until it answers for the first time.
pub const START: Duration = Duration::from_secs(120);
/// How long an interrupted kernel may take until it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// How long `idle` may come after the reply.
const IDLE: Duration = Duration::from_secs(10);
/// A kernel that has closed its sockets is about to end: how long that may take.
const LAST_GASP: Duration = Duration::from_secs(2);

/// How a cell ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// As it should.
    Good,
    /// With an error.
    Raised {
        /// The name of the error, as `Panic`.
        name: String,
        /// What it says.
        message: String,
    },
    /// It took too long and was interrupted, or killed when that did not help.
    TimedOut {
        /// Whether the kernel had to be killed.
        killed: bool,
    },
    /// The kernel ended while the cell ran.
    Died {
        /// How, and its last words.
        how: String,
    },
}

/// What the kernel answered to a cell.
#[derive(Debug)]
pub struct Execution {
    /// How the cell ended.
    pub ending: Ending,
    /// Its number in the kernel's count.
    pub count: Value,
}

/// A kernel that is running, and the connections to it.
pub struct Session {
    process: Process,
    iopub: ClientIoPubConnection,
    shell: ClientShellConnection,
    control: ClientControlConnection,
    interrupt_by_message: bool,
}

impl Session {
    /// Starts a fresh kernel in `folder` and waits until it answers.
    ///
    /// # Errors
    /// When it cannot be started, ends at once, or does not answer within two minutes.
    pub async fn start(spec: &Kernelspec, folder: &Path) -> Result<Self, Error> {
        let (mut process, info) = Process::start(spec, folder).await?;
        let connected = tokio::select! {
            connected = timeout(START, connect(&info)) => connected,
            status = process.ended() => return Err(Error::Kernel(died("ended before it answered", status?, &process))),
        };
        let Ok((iopub, shell, control)) = connected else {
            process.kill().await;
            return Err(Error::Kernel(format!("`{}` did not answer within {} s", spec.name, START.as_secs())));
        };
        let interrupt_by_message = spec.content.interrupt_mode.as_deref() == Some("message");
        Ok(Self { process, iopub, shell, control, interrupt_by_message })
    }

    /// Runs `source` as the cell `cell` and collects what it shows.
    ///
    /// # Errors
    /// When the connection breaks although the kernel lives.
    pub async fn execute(
        &mut self,
        cell: usize,
        source: &str,
        outputs: &mut Outputs,
        limit: Duration,
    ) -> Result<Execution, Error> {
        let request = send(&mut self.shell, Request::Execute(source)).await?;
        let mut run = Run { cell, request, outputs, reply: None, idle: false };
        let mut deadline = Instant::now() + limit;
        let mut interrupted = false;
        while !run.is_over() {
            let replied = run.reply.is_some();
            tokio::select! {
                biased;
                message = receive(&mut self.iopub) => match message {
                    Ok(message) => run.take_iopub(&message),
                    Err(error) => return self.broken(error).await,
                },
                message = receive(&mut self.shell) => match message {
                    Ok(message) => run.take_reply(message),
                    Err(error) => return self.broken(error).await,
                },
                status = self.process.ended() => return Ok(died_while_running(status?, &self.process)),
                () = sleep_until(deadline) => {
                    if replied {
                        break;
                    }
                    if interrupted {
                        self.process.kill().await;
                        return Ok(Execution { ending: Ending::TimedOut { killed: true }, count: Value::Null });
                    }
                    interrupted = true;
                    deadline = Instant::now() + GRACE;
                    self.interrupt().await?;
                }
            }
            if !replied && run.reply.is_some() {
                deadline = Instant::now() + IDLE;
            }
        }
        let mut execution = run.execution();
        if interrupted {
            execution.ending = Ending::TimedOut { killed: false };
        }
        Ok(execution)
    }

    /// Asks the kernel to end, and ends it when it does not.
    pub async fn stop(mut self) {
        let asked = send(&mut self.control, Request::Shutdown).await.is_ok();
        if asked {
            let _ = timeout(GRACE, self.process.ended()).await;
        }
        self.process.kill().await;
    }

    async fn interrupt(&mut self) -> Result<(), Error> {
        if self.interrupt_by_message {
            send(&mut self.control, Request::Interrupt).await?;
        } else {
            self.process.interrupt();
        }
        Ok(())
    }

    async fn broken(&mut self, error: Error) -> Result<Execution, Error> {
        match timeout(LAST_GASP, self.process.ended()).await {
            Ok(status) => Ok(died_while_running(status?, &self.process)),
            Err(_) => Err(error),
        }
    }
}

/// What has come so far for one cell.
struct Run<'a> {
    cell: usize,
    request: String,
    outputs: &'a mut Outputs,
    reply: Option<Value>,
    idle: bool,
}

impl Run<'_> {
    fn is_over(&self) -> bool {
        self.idle && self.reply.is_some()
    }

    fn answers(&self, message: &Message) -> bool {
        message.parent.as_deref() == Some(&self.request)
    }

    fn take_iopub(&mut self, message: &Message) {
        if !self.answers(message) {
            return;
        }
        if message.kind == "status" {
            self.idle |= message.content["execution_state"] == "idle";
        } else {
            self.outputs.take(self.cell, &message.kind, &message.content);
        }
    }

    fn take_reply(&mut self, message: Message) {
        if message.kind == "execute_reply" && self.answers(&message) {
            self.reply = Some(message.content);
        }
    }

    fn execution(self) -> Execution {
        let reply = self.reply.unwrap_or_default();
        let text = |key: &str| reply[key].as_str().unwrap_or_default().to_owned();
        let ending = match reply["status"].as_str() {
            Some("ok") => Ending::Good,
            Some("aborted") => {
                Ending::Raised { name: "Aborted".to_owned(), message: "the kernel skipped the cell".to_owned() }
            }
            _ => Ending::Raised { name: text("ename"), message: text("evalue") },
        };
        Execution { ending, count: reply["execution_count"].clone() }
    }
}

type Connections = (ClientIoPubConnection, ClientShellConnection, ClientControlConnection);

/// Connects, anew when a connection breaks while the kernel is still opening its sockets.
async fn connect(info: &ConnectionInfo) -> Connections {
    loop {
        match try_to_connect(info).await {
            Ok(connections) => return connections,
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Asks who is there until an answer comes and the iopub channel is heard: what a kernel publishes before
/// the subscription has reached it is lost.
async fn try_to_connect(info: &ConnectionInfo) -> Result<Connections, Error> {
    let failed = |reason: jupyter_zmq_client::RuntimeError| Error::Kernel(format!("cannot connect: {reason}"));
    let session = &info.key;
    let identity = peer_identity_for_session(session).map_err(failed)?;
    let mut iopub = create_client_iopub_connection(info, "", session).await.map_err(failed)?;
    let mut shell = create_client_shell_connection_with_identity(info, session, identity).await.map_err(failed)?;
    let control = create_client_control_connection(info, session).await.map_err(failed)?;
    let (mut answered, mut heard) = (false, false);
    while !(answered && heard) {
        send(&mut shell, Request::Info).await?;
        let next = Instant::now() + Duration::from_millis(500);
        loop {
            tokio::select! {
                message = receive(&mut iopub) => { heard |= message?.kind == "status"; }
                message = receive(&mut shell) => { answered |= message?.kind == "kernel_info_reply"; }
                () = sleep_until(next) => break,
            }
            if answered && heard {
                break;
            }
        }
    }
    Ok((iopub, shell, control))
}

fn died_while_running(status: std::process::ExitStatus, process: &Process) -> Execution {
    Execution { ending: Ending::Died { how: died("died", status, process) }, count: Value::Null }
}

fn died(what: &str, status: std::process::ExitStatus, process: &Process) -> String {
    let words = process.last_words();
    let separator = if words.is_empty() { "" } else { "; its last words:\n" };
    format!("the kernel {what} ({status}){separator}{words}")
}
