//! The five sockets of the Jupyter protocol. Everything that a front end sees in an order goes through
//! one queue: outputs, then the reply, then `idle`.
//!
//! What may not be in this file: what a message means.

use super::Error;
use jupyter_protocol::messaging::Header;
use jupyter_protocol::{ConnectionInfo, IoPubWelcome, JupyterMessage, JupyterMessageContent, UnknownMessage};
use jupyter_zmq_client::{
    Connection, KernelControlConnection, KernelHeartbeatConnection, KernelIoPubXPubConnection, KernelShellConnection,
    KernelStdinConnection, RawMessage, RouterRecvConnection, RouterSendConnection, SubscriptionEvent,
    create_kernel_control_connection, create_kernel_heartbeat_connection, create_kernel_iopub_xpub_connection,
    create_kernel_shell_connection, create_kernel_stdin_connection,
};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use zeromq::SocketRecv;

/// How many messages may wait for a slow front end before whoever sends has to wait too.
const QUEUE: usize = 256;
/// How long a port may stay taken.
const PATIENCE: Duration = Duration::from_secs(4);

/// The sockets, open and named as the connection file says.
pub struct Sockets {
    /// Requests that are served one after the other.
    pub shell: RouterRecvConnection,
    /// Requests that must be served at once.
    pub control: KernelControlConnection,
    /// What the user answers when a cell asks.
    pub input: RouterRecvConnection,
}

/// Reads the connection file.
///
/// # Errors
/// When it is missing or is not what Jupyter writes.
pub fn read_connection(path: &Path) -> Result<ConnectionInfo, Error> {
    let text = fs::read_to_string(path).map_err(|reason| Error::Connection(path.to_owned(), reason.to_string()))?;
    serde_json::from_str(&text).map_err(|reason| Error::Connection(path.to_owned(), reason.to_string()))
}

/// The way to a front end that is not there yet, and what waits for it.
pub fn front() -> (Front, Outgoing) {
    let (queue, waiting) = mpsc::channel(QUEUE);
    (Front { queue }, Outgoing(waiting))
}

/// What waits for the front end.
pub struct Outgoing(mpsc::Receiver<Message>);

/// Opens the sockets and starts the tasks that write to them.
///
/// # Errors
/// When a port is taken and stays so: a kernel that is restarted gets the ports of the one before, which may be about to
/// end.
pub async fn open(connection: &ConnectionInfo, outgoing: Outgoing) -> Result<Sockets, Error> {
    let start = Instant::now();
    let Bound { shell, control, iopub, input, mut heartbeat } = loop {
        match bind(connection).await {
            Ok(bound) => break bound,
            Err(reason) if start.elapsed() > PATIENCE => return Err(Error::Socket(reason.to_string())),
            Err(_) => pause().await,
        }
    };
    let ((replies, shell), (questions, input)) = (shell.split(), input.split());
    tokio::spawn(async move {
        loop {
            if heartbeat.single_heartbeat().await.is_err() {
                pause().await;
            }
        }
    });
    tokio::spawn(write(outgoing.0, iopub, replies, questions));
    Ok(Sockets { shell, control, input })
}

struct Bound {
    shell: KernelShellConnection,
    control: KernelControlConnection,
    iopub: KernelIoPubXPubConnection,
    input: KernelStdinConnection,
    heartbeat: KernelHeartbeatConnection,
}

async fn bind(connection: &ConnectionInfo) -> Result<Bound, jupyter_zmq_client::RuntimeError> {
    let session = format!("worksheets-{}", std::process::id());
    Ok(Bound {
        shell: create_kernel_shell_connection(connection, &session).await?,
        control: create_kernel_control_connection(connection, &session).await?,
        iopub: create_kernel_iopub_xpub_connection(connection, &session).await?,
        input: create_kernel_stdin_connection(connection, &session).await?,
        heartbeat: create_kernel_heartbeat_connection(connection).await?,
    })
}

/// The next request. Whatever is not signed, or is no message of the protocol, is passed over.
pub async fn read<S: SocketRecv>(connection: &mut Connection<S>) -> JupyterMessage {
    loop {
        let Ok(frames) = connection.socket.recv().await else {
            pause().await;
            continue;
        };
        if let Some(message) = RawMessage::from_multipart(frames, &connection.mac).ok().and_then(decode) {
            return message;
        }
    }
}

/// jupyter-zmq-client's own reader refuses a request in which a field is missing, and whoever has sent it
/// waits for ever. Clients do leave out what has a default.
fn decode(raw: RawMessage) -> Option<JupyterMessage> {
    let [header, parent, metadata, content, buffers @ ..] = raw.jparts.as_slice() else { return None };
    let header: Header = serde_json::from_slice(header).ok()?;
    let mut content: Value = serde_json::from_slice(content).ok()?;
    if let ("execute_request", Some(fields)) = (header.msg_type.as_str(), content.as_object_mut()) {
        fields.entry("silent").or_insert(false.into());
        let stored = !fields["silent"].as_bool().unwrap_or(false);
        fields.entry("store_history").or_insert(stored.into());
        fields.entry("user_expressions").or_insert(Value::Null);
    }
    let parsed = JupyterMessageContent::from_type_and_content(&header.msg_type, content.clone());
    let msg_type = header.msg_type.clone();
    Some(JupyterMessage {
        zmq_identities: raw.zmq_identities,
        parent_header: serde_json::from_slice(parent).ok(),
        metadata: serde_json::from_slice(metadata).ok()?,
        content: parsed.unwrap_or(JupyterMessageContent::UnknownMessage(UnknownMessage { msg_type, content })),
        header,
        buffers: buffers.to_vec(),
        channel: None,
    })
}

/// Keeps a loop from spinning on a socket that fails again and again.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

enum Message {
    Publication(JupyterMessage),
    Reply(JupyterMessage),
    Question(JupyterMessage),
}

/// Takes messages to the front end, in the order in which they were handed over.
#[derive(Clone)]
pub struct Front {
    queue: mpsc::Sender<Message>,
}

impl Front {
    /// Shows something to every front end. For threads; it waits when the front end is slow.
    pub fn publish(&self, content: impl Into<JupyterMessageContent>, parent: Option<&JupyterMessage>) {
        let _ = self.queue.blocking_send(Message::Publication(publication(content, parent)));
    }

    /// Answers the one who asked. For threads.
    pub fn reply(&self, message: JupyterMessage) {
        let _ = self.queue.blocking_send(Message::Reply(message));
    }

    /// Asks the one who has sent the cell. For threads.
    pub fn ask(&self, message: JupyterMessage) {
        let _ = self.queue.blocking_send(Message::Question(message));
    }

    /// As [`Front::publish`], for tasks.
    pub async fn publish_soon(&self, content: impl Into<JupyterMessageContent>, parent: Option<&JupyterMessage>) {
        let _ = self.queue.send(Message::Publication(publication(content, parent))).await;
    }

    /// As [`Front::reply`], for tasks.
    pub async fn reply_soon(&self, message: JupyterMessage) {
        let _ = self.queue.send(Message::Reply(message)).await;
    }
}

/// The first frame of a publication is its topic; the identity of the one who asked has no place there.
fn publication(content: impl Into<JupyterMessageContent>, parent: Option<&JupyterMessage>) -> JupyterMessage {
    let message = JupyterMessage::new(content, parent);
    let topic = message.message_type().to_owned().into_bytes().into();
    message.with_zmq_identities(vec![topic])
}

async fn write(
    mut waiting: mpsc::Receiver<Message>,
    mut iopub: KernelIoPubXPubConnection,
    mut replies: RouterSendConnection,
    mut questions: RouterSendConnection,
) {
    loop {
        // A message that cannot be written has lost its reader; there is nobody to tell.
        tokio::select! {
            outgoing = waiting.recv() => match outgoing {
                Some(Message::Publication(message)) => drop(iopub.send(message).await),
                Some(Message::Reply(message)) => drop(replies.send(message).await),
                Some(Message::Question(message)) => drop(questions.send(message).await),
                None => return,
            },
            subscription = iopub.recv_subscription() => match subscription {
                Ok(SubscriptionEvent::Subscribe(topic)) => {
                    drop(iopub.send(publication(IoPubWelcome::new(topic), None)).await);
                }
                Ok(SubscriptionEvent::Unsubscribe(_)) => {}
                Err(_) => pause().await,
            },
        }
    }
}
