//! The kernel that waits: it hangs out a notice, warms up, and goes on as the kernel of whoever takes it.

use super::handover::{END, Handover, INTERRUPT, OK};
use super::notice::Hung;
use std::io;
use std::path::Path;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// A kernel that can be taken.
pub struct Spare {
    listener: UnixListener,
    notice: Hung,
    _folder: TempDir,
}

impl Spare {
    /// Listens, in a folder that nobody else may enter, and hangs out the notice.
    ///
    /// # Errors
    /// When nothing is installed, or a file cannot be written.
    pub fn wait(root: &Path) -> io::Result<Self> {
        // The name of a socket must be short, so it cannot lie in the project's folder.
        let folder = tempfile::Builder::new().prefix("worksheets-").tempdir()?;
        let socket = folder.path().join("spare");
        let listener = UnixListener::bind(&socket)?;
        Ok(Self { listener, notice: Hung::out(root, &socket)?, _folder: folder })
    }

    /// Says that the kernel is warm.
    pub fn is_warm(&self) {
        self.notice.add_warm();
    }

    /// The one who takes the kernel, and what it hands over. Whoever says something else is sent away.
    pub async fn taken(&self) -> (Launcher, Handover) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                continue;
            };
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            if stream.read_line(&mut line).await.is_ok()
                && let Ok(handover) = serde_json::from_str(&line)
            {
                return (Launcher { stream }, handover);
            }
        }
    }
}

/// The program in whose place the kernel serves.
pub struct Launcher {
    stream: BufReader<UnixStream>,
}

/// What the launcher wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Stop the cell.
    Interrupt,
    /// End; also when the launcher is no more.
    End,
}

impl Launcher {
    /// Says how opening the sockets went.
    pub async fn tell(&mut self, opened: Result<(), String>) {
        let line = opened.err().unwrap_or_else(|| OK.to_owned()).replace('\n', " ");
        let _ = self.stream.write_all(format!("{line}\n").as_bytes()).await;
    }

    /// The next wish.
    pub async fn wish(&mut self) -> Wish {
        loop {
            let mut line = String::new();
            match self.stream.read_line(&mut line).await {
                Ok(1..) if line.trim() == INTERRUPT => return Wish::Interrupt,
                Ok(1..) if line.trim() != END => {}
                _ => return Wish::End,
            }
        }
    }
}
