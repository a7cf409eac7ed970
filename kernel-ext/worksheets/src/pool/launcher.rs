//! The program that Jupyter has started, when a warmed kernel takes its place: it passes signals on, and lives and
//! dies with that kernel.

use super::handover::{END, Handover, INTERRUPT, OK};
use super::notice::Notice;
use super::spares_wanted;
use crate::kernel::{Error, parent_is_gone};
use jupyter_protocol::ConnectionInfo;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

/// How long a waiting kernel may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Has a waiting kernel serve this connection, until it ends. `false` when none waits: then nothing has happened.
///
/// # Errors
/// When the kernel cannot open the connection's sockets.
pub async fn stand_in(root: &Path, connection: &ConnectionInfo) -> Result<bool, Error> {
    if spares_wanted() == 0 {
        return Ok(false);
    }
    for notice in Notice::all(root).into_iter().filter(|notice| notice.is_current(root)) {
        if !notice.take() {
            continue;
        }
        // One that does not answer is dead or dying, as happens to processes.
        let Some(mut kernel) = hand_over(root, &notice, connection).await else { continue };
        return match kernel.answer.trim() {
            OK => {
                kernel.accompany().await;
                Ok(true)
            }
            reason => Err(Error::Socket(reason.to_owned())),
        };
    }
    Ok(false)
}

/// A kernel that has answered.
struct Kernel {
    stream: BufReader<UnixStream>,
    answer: String,
}

async fn hand_over(root: &Path, notice: &Notice, connection: &ConnectionInfo) -> Option<Kernel> {
    let handover = Handover::of_this_process(root, connection.clone()).ok()?;
    let line = serde_json::to_string(&handover).ok()? + "\n";
    let talk = async {
        let mut stream = BufReader::new(UnixStream::connect(&notice.socket).await.ok()?);
        stream.write_all(line.as_bytes()).await.ok()?;
        let mut answer = String::new();
        (stream.read_line(&mut answer).await.ok()? > 0).then_some(Kernel { stream, answer })
    };
    timeout(PATIENCE, talk).await.ok()?
}

impl Kernel {
    /// Passes signals on until the kernel has ended.
    async fn accompany(&mut self) {
        let (Ok(mut interrupts), Ok(mut ends)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        let orphaned = parent_is_gone();
        tokio::pin!(orphaned);
        let mut ending = false;
        loop {
            let mut line = String::new();
            let word = tokio::select! {
                read = self.stream.read_line(&mut line) => match read {
                    Ok(1..) => continue,
                    Ok(0) | Err(_) => return,
                },
                _ = interrupts.recv() => INTERRUPT,
                _ = ends.recv() => END,
                () = &mut orphaned, if !ending => END,
            };
            ending |= word == END;
            let _ = self.stream.write_all(format!("{word}\n").as_bytes()).await;
        }
    }
}
