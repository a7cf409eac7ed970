//! A small Jupyter front end: starts a kernel from its kernelspec and talks to it over the sockets.

// Each program that uses this module needs another part of it.
#![allow(dead_code)]

pub mod pool;
pub mod processes;

use jupyter_protocol::{
    CompleteRequest, ConnectionInfo, ExecuteRequest, InputReply, InspectRequest, InterruptRequest, IsCompleteRequest,
    JupyterMessage, JupyterMessageContent, KernelInfoRequest, ShutdownRequest, Transport,
};
use jupyter_zmq_client::{
    ClientControlConnection, ClientIoPubConnection, ClientShellConnection, ClientStdinConnection,
    create_client_control_connection, create_client_heartbeat_connection, create_client_iopub_connection,
    create_client_shell_connection_with_identity, create_client_stdin_connection_with_identity,
    peek_ports_with_listeners, peer_identity_for_session, wait_for_iopub_welcome,
};
use serde_json::{Value, json};
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The command that the kernelspec in this folder gives, for this connection file.
pub fn command(kernelspec: &Path, connection_file: &Path) -> Command {
    let spec: Value = serde_json::from_slice(&fs::read(kernelspec.join("kernel.json")).unwrap()).unwrap();
    let mut arguments = spec["argv"]
        .as_array()
        .unwrap()
        .iter()
        .map(|argument| argument.as_str().unwrap().replace("{connection_file}", connection_file.to_str().unwrap()));
    let mut command = Command::new(arguments.next().unwrap());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    for (name, value) in spec["env"].as_object().into_iter().flatten() {
        command.env(name, value.as_str().unwrap());
    }
    // Whoever else works here may have kernels that wait.
    command.env("WORKSHEETS_POOL", "0");
    command
}

/// What a cell gave out, one line an output, and the reply's content.
#[derive(Default)]
pub struct Ran {
    /// `stdout: text`, `result: text`, `error: name: value`, ...
    pub outputs: Vec<String>,
    /// The content of the `error` message, if there was one.
    pub error: Option<Value>,
    /// The content of `execute_reply`.
    pub reply: Value,
    /// How long it was waited for.
    pub took: Duration,
}

/// How a kernel is started.
pub struct Start {
    /// The kind of sockets.
    pub transport: Transport,
    /// Where the notices of warmed kernels hang that may take its place.
    pub pool: Option<PathBuf>,
    /// Where the notebook lies, if not here.
    pub folder: Option<PathBuf>,
    /// Variables besides those of the kernelspec.
    pub environment: Vec<(String, String)>,
    /// Whether the kernel may publish what belongs to no request: TensorFlow writes from threads of its own.
    pub strays: bool,
}

impl Default for Start {
    fn default() -> Self {
        Self { transport: Transport::TCP, pool: None, folder: None, environment: Vec::new(), strays: false }
    }
}

impl Start {
    /// Starts a kernel the way Jupyter does, and waits for its answer to `kernel_info_request`.
    pub fn kernel(self, kernelspec: &Path) -> (Kernel, Value) {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut connection = runtime.block_on(connection());
        if matches!(self.transport, Transport::IPC) {
            // Jupyter's rule: the sockets are files of this name with the numbers of the ports.
            connection.ip = folder.path().join("socket").to_str().unwrap().to_owned();
        }
        connection.transport = self.transport;
        let file = folder.path().join("connection.json");
        fs::write(&file, serde_json::to_string(&connection).unwrap()).unwrap();
        let mut command = command(kernelspec, &file);
        command.envs(self.environment);
        if let Some(notices) = &self.pool {
            command.env_remove("WORKSHEETS_POOL").env("WORKSHEETS_POOL_FOLDER", notices);
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let mut process = command.spawn().unwrap();
        let sockets = runtime.block_on(async {
            tokio::select! {
                sockets = connect(&connection) => sockets,
                status = ended(&mut process) => panic!("the kernel {} has ended at once: {status}", kernelspec.display()),
            }
        });
        let Sockets { shell, control, iopub, input, welcome } = sockets;
        let strays = self.strays;
        let mut kernel =
            Kernel { process, welcome, runtime, shell, control, iopub, input, connection, strays, _folder: folder };
        let info = kernel.ask(KernelInfoRequest {});
        (kernel, info)
    }
}

/// Returns when the process has ended.
async fn ended(process: &mut Child) -> std::process::ExitStatus {
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A kernel and the sockets to it.
pub struct Kernel {
    /// The process of the kernel.
    pub process: Child,
    /// Whether the kernel has welcomed the subscriber, as newer ones do.
    pub welcome: bool,
    runtime: Runtime,
    shell: ClientShellConnection,
    control: ClientControlConnection,
    iopub: ClientIoPubConnection,
    input: ClientStdinConnection,
    connection: ConnectionInfo,
    strays: bool,
    _folder: TempDir,
}

impl Kernel {
    /// Starts a kernel the way Jupyter does, and waits for its answer to `kernel_info_request`.
    pub fn start(kernelspec: &Path) -> (Self, Value) {
        Start::default().kernel(kernelspec)
    }

    /// The folder in which this kernel works.
    pub fn workspace(&self) -> PathBuf {
        workspace(self.process.id())
    }

    /// The folder of the side channel's socket.
    pub fn channel_folder(&mut self) -> PathBuf {
        let ran = self.run("print!(\"{}\", std::env::var(\"COURSE_CHANNEL\").unwrap());");
        let path = ran.outputs.concat().replace("stdout: ", "");
        Path::new(&path).parent().unwrap().to_owned()
    }

    /// The process that speaks over the sockets: another one than Jupyter has started if a kernel waited.
    pub fn serving(&mut self) -> u32 {
        let ran = self.run("std::os::unix::process::parent_id()");
        ran.outputs[0].trim_start_matches("result: ").parse().unwrap()
    }

    /// Sends a request on shell, and returns the content of the reply to it.
    pub fn ask(&mut self, content: impl Into<JupyterMessageContent>) -> Value {
        let request = JupyterMessage::new(content, None);
        let id = request.header.msg_id.clone();
        self.runtime.block_on(async {
            self.shell.send(request).await.unwrap();
            reply(&mut self.shell, &id).await
        })
    }

    /// Sends a cell without waiting for anything; returns the id of the request.
    pub fn send(&mut self, code: &str) -> String {
        let request = JupyterMessage::new(ExecuteRequest::new(code.to_owned()), None);
        let id = request.header.msg_id.clone();
        self.runtime.block_on(self.shell.send(request)).unwrap();
        id
    }

    /// Sends a cell that asks its user, and returns its id and the question.
    pub fn send_and_be_asked(&mut self, code: &str) -> (String, Value) {
        let request = ExecuteRequest { allow_stdin: true, ..ExecuteRequest::new(code.to_owned()) };
        let request = JupyterMessage::new(request, None);
        let id = request.header.msg_id.clone();
        self.runtime.block_on(self.shell.send(request)).unwrap();
        (id, self.question())
    }

    /// The next question of a cell.
    pub fn question(&mut self) -> Value {
        let question = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, self.input.read()).await });
        let question = question.expect("no question").unwrap();
        assert_eq!(question.message_type(), "input_request");
        content_of(&question)
    }

    /// Types a line.
    pub fn answer(&mut self, line: &str) {
        let reply = InputReply { value: line.to_owned(), ..InputReply::default() };
        self.runtime.block_on(self.input.send(JupyterMessage::new(reply, None))).unwrap();
    }

    /// Runs a cell to its end.
    pub fn run(&mut self, code: &str) -> Ran {
        let id = self.send(code);
        self.finish(&id)
    }

    /// Sends a cell and returns as soon as the kernel has taken it up.
    pub fn send_and_see_busy(&mut self, code: &str) -> String {
        let id = self.send(code);
        self.publication(&id);
        id
    }

    /// Sends a cell and returns as soon as this text has appeared in its output.
    pub fn send_until(&mut self, code: &str, text: &str) -> String {
        let id = self.send(code);
        self.wait_for(&id, text);
        id
    }

    /// Waits until this text has appeared in the output of a cell that was sent.
    pub fn wait_for(&mut self, id: &str, text: &str) {
        let mut ran = Ran::default();
        while !ran.outputs.concat().contains(text) {
            let message = self.publication(id);
            take(&mut ran, &message);
        }
    }

    /// Waits for the end of a cell that was sent.
    pub fn finish(&mut self, id: &str) -> Ran {
        let start = Instant::now();
        let mut ran = Ran::default();
        loop {
            let message = self.publication(id);
            if matches!(&message.content, JupyterMessageContent::Status(status) if status.execution_state.as_str() == "idle")
            {
                break;
            }
            take(&mut ran, &message);
        }
        ran.took = start.elapsed();
        ran.reply = self.runtime.block_on(reply(&mut self.shell, id));
        ran
    }

    /// The next publication that belongs to this request.
    fn publication(&mut self, id: &str) -> JupyterMessage {
        self.runtime.block_on(async {
            loop {
                let message = tokio::time::timeout(PATIENCE, self.iopub.read()).await.expect("silence").unwrap();
                if message.parent_header.as_ref().is_some_and(|parent| parent.msg_id == id) {
                    return message;
                }
                let stray = message.message_type();
                let is_allowed = self.strays || stray == "status" || message.parent_header.is_some();
                assert!(is_allowed, "{stray} belongs to no request");
            }
        })
    }

    /// Whether the kernel answers on the socket that says whether it lives.
    pub fn is_alive(&mut self) -> bool {
        let connection = self.connection.clone();
        self.runtime.block_on(async {
            let mut heart = create_client_heartbeat_connection(&connection).await.unwrap();
            tokio::time::timeout(Duration::from_secs(2), heart.single_heartbeat()).await.is_ok_and(|beat| beat.is_ok())
        })
    }

    /// Sends this on shell, and returns what is published because of it, with the parent's id left out.
    pub fn publications_of(&mut self, content: impl Into<JupyterMessageContent>) -> Vec<Value> {
        let request = JupyterMessage::new(content, None);
        let id = request.header.msg_id.clone();
        self.runtime.block_on(self.shell.send(request)).unwrap();
        let mut all = Vec::new();
        loop {
            let message = self.publication(&id);
            let content = content_of(&message);
            let is_last = content["execution_state"] == "idle";
            all.push(json!({ "type": message.message_type(), "content": content }));
            if is_last {
                return all;
            }
        }
    }

    /// Presses the stop button.
    pub fn interrupt(&mut self) {
        let answer = self.ask_control(InterruptRequest {});
        assert_eq!(answer["status"], "ok");
    }

    /// Tells the kernel to end, and waits until it has.
    pub fn shut_down(&mut self) {
        let answer = self.ask_control(ShutdownRequest { restart: false });
        assert_eq!(answer["status"], "ok");
        wait_until("the kernel ends", || self.process.try_wait().unwrap().is_some());
    }

    fn ask_control(&mut self, content: impl Into<JupyterMessageContent>) -> Value {
        let request = JupyterMessage::new(content, None);
        self.runtime.block_on(async {
            self.control.send(request).await.unwrap();
            content_of(&self.control.read().await.unwrap())
        })
    }

    /// What could stand at the end of this code.
    pub fn complete(&mut self, code: &str) -> Vec<String> {
        let reply = self.ask(CompleteRequest { code: code.to_owned(), cursor_pos: code.chars().count() });
        reply["matches"].as_array().unwrap().iter().map(|found| found.as_str().unwrap().to_owned()).collect()
    }

    /// What is known about the name at the end of this code.
    pub fn inspect(&mut self, code: &str) -> String {
        let request = InspectRequest { code: code.to_owned(), cursor_pos: code.chars().count(), detail_level: Some(0) };
        self.ask(request)["data"]["text/plain"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether this code can be run.
    pub fn is_complete(&mut self, code: &str) -> String {
        self.ask(IsCompleteRequest { code: code.to_owned() })["status"].as_str().unwrap().to_owned()
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folder in which the kernel with this process works.
pub fn workspace(process: u32) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    root.join(".worksheets/kernels").join(process.to_string())
}

/// Five free ports and a key.
pub async fn connection() -> ConnectionInfo {
    let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let (ports, listeners) = peek_ports_with_listeners(ip, 5).await.unwrap();
    drop(listeners);
    ConnectionInfo {
        ip: ip.to_string(),
        transport: Transport::TCP,
        shell_port: ports[0],
        iopub_port: ports[1],
        stdin_port: ports[2],
        control_port: ports[3],
        hb_port: ports[4],
        key: "a key for tests".to_owned(),
        signature_scheme: "hmac-sha256".to_owned(),
        kernel_name: Some("rust-course".to_owned()),
    }
}

/// The client's ends of the sockets, and whether the kernel has welcomed the subscriber.
struct Sockets {
    shell: ClientShellConnection,
    control: ClientControlConnection,
    iopub: ClientIoPubConnection,
    input: ClientStdinConnection,
    welcome: bool,
}

async fn connect(connection: &ConnectionInfo) -> Sockets {
    let session = "test";
    // The kernel asks whoever has sent the cell, so both sockets bear one name.
    let identity = || peer_identity_for_session(session).unwrap();
    let shell = create_client_shell_connection_with_identity(connection, session, identity()).await.unwrap();
    let input = create_client_stdin_connection_with_identity(connection, session, identity()).await.unwrap();
    let control = create_client_control_connection(connection, session).await.unwrap();
    let mut iopub = create_client_iopub_connection(connection, "", session).await.unwrap();
    let welcome = wait_for_iopub_welcome(&mut iopub, Duration::from_secs(5)).await.unwrap();
    Sockets { shell, control, iopub, input, welcome: welcome.is_some() }
}

async fn reply(shell: &mut ClientShellConnection, id: &str) -> Value {
    loop {
        let message = tokio::time::timeout(PATIENCE, shell.read()).await.expect("no reply").unwrap();
        if message.parent_header.as_ref().is_some_and(|parent| parent.msg_id == id) {
            return content_of(&message);
        }
    }
}

fn content_of(message: &JupyterMessage) -> Value {
    serde_json::to_value(message).unwrap()["content"].take()
}

/// Adds a publication to what a cell gave out. Neighbouring texts of one stream are one output.
fn take(ran: &mut Ran, message: &JupyterMessage) {
    let content = content_of(message);
    let plain = content["data"]["text/plain"].as_str().unwrap_or_default();
    let id = content["transient"]["display_id"].as_str().map(|id| format!("({id})")).unwrap_or_default();
    let output = match message.message_type() {
        "stream" => {
            let name = format!("{}: ", content["name"].as_str().unwrap());
            let text = content["text"].as_str().unwrap();
            if let Some(before) = ran.outputs.last_mut().filter(|before| before.starts_with(&name)) {
                before.push_str(text);
                return;
            }
            format!("{name}{text}")
        }
        "execute_result" => format!("result: {plain}"),
        "display_data" => format!("display{id}: {plain}"),
        "update_display_data" => format!("update{id}: {plain}"),
        "clear_output" => format!("clear: {}", content["wait"]),
        "error" => {
            let output = format!("error: {}", content["ename"].as_str().unwrap());
            assert!(ran.error.is_none(), "a second error: {content}");
            ran.error = Some(json!({
                "ename": content["ename"], "evalue": content["evalue"], "traceback": content["traceback"],
            }));
            output
        }
        _ => return,
    };
    ran.outputs.push(output);
}

/// Waits for something that other processes do.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "not within 20 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
