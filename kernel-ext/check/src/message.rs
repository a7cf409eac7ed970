//! The few messages of the Jupyter protocol that a runner sends and reads.
//!
//! What comes in is kept as JSON, so that outputs are stored exactly as the kernel sent them.

use crate::Error;
use jupyter_protocol::{
    ExecuteRequest, InterruptRequest, JupyterMessage, JupyterMessageContent, KernelInfoRequest, ShutdownRequest,
    Transport,
};
use jupyter_zmq_client::{Connection, ConnectionInfo, RawMessage};
use serde_json::Value;
use zeromq::{SocketRecv, SocketSend};

/// A message from the kernel.
#[derive(Debug)]
pub struct Message {
    /// What kind it is, as `execute_reply`.
    pub kind: String,
    /// The id of the request that it answers, if it answers one.
    pub parent: Option<String>,
    /// What it says.
    pub content: Value,
}

/// A request to the kernel.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    /// Say what you are.
    Info,
    /// Run this cell.
    Execute(&'a str),
    /// Stop the cell that is running.
    Interrupt,
    /// End.
    Shutdown,
}

impl Request<'_> {
    fn content(self) -> JupyterMessageContent {
        match self {
            Self::Info => KernelInfoRequest {}.into(),
            Self::Interrupt => InterruptRequest {}.into(),
            Self::Shutdown => ShutdownRequest { restart: false }.into(),
            Self::Execute(source) => ExecuteRequest {
                code: source.to_owned(),
                silent: false,
                store_history: true,
                user_expressions: None,
                allow_stdin: false,
                // The runner decides what happens after an error; nothing waits behind this request.
                stop_on_error: false,
            }
            .into(),
        }
    }
}

/// Sends a request and returns its id, which the answers name as their parent.
///
/// # Errors
/// When the connection is broken.
pub async fn send<S: SocketSend>(connection: &mut Connection<S>, request: Request<'_>) -> Result<String, Error> {
    let message = JupyterMessage::new(request.content(), None);
    let id = message.header.msg_id.clone();
    connection.send(message).await.map_err(|reason| Error::Kernel(format!("cannot send a request: {reason}")))?;
    Ok(id)
}

/// Waits for the next message. May be dropped while it waits: nothing is lost.
///
/// # Errors
/// When the connection is broken, the signature is wrong or the message is no JSON.
pub async fn receive<S: SocketRecv>(connection: &mut Connection<S>) -> Result<Message, Error> {
    let broken = |reason: String| Error::Kernel(format!("cannot read a message: {reason}"));
    let parts = connection.socket.recv().await.map_err(|reason| broken(reason.to_string()))?;
    let raw = RawMessage::from_multipart(parts, &connection.mac).map_err(|reason| broken(reason.to_string()))?;
    let part =
        |index: usize| serde_json::from_slice::<Value>(&raw.jparts[index]).map_err(|reason| broken(reason.to_string()));
    let kind = part(0)?["msg_type"].as_str().unwrap_or_default().to_owned();
    let parent = part(1)?["msg_id"].as_str().map(str::to_owned);
    Ok(Message { kind, parent, content: part(3)? })
}

/// A connection file's content for the ports, on the loopback interface, with a fresh key.
pub fn connection_info(kernel_name: &str, ports: &[u16; 5], key: String) -> ConnectionInfo {
    let [shell_port, iopub_port, stdin_port, control_port, hb_port] = *ports;
    ConnectionInfo {
        transport: Transport::TCP,
        ip: "127.0.0.1".to_owned(),
        shell_port,
        iopub_port,
        stdin_port,
        control_port,
        hb_port,
        key,
        signature_scheme: "hmac-sha256".to_owned(),
        kernel_name: Some(kernel_name.to_owned()),
    }
}
