//! The process of a kernel: started from its kernelspec, in a process group of its own, so that
//! whatever it starts ends with it.

use crate::message::connection_info;
use crate::{Error, Kernelspec};
use jupyter_zmq_client::{ConnectionInfo, peek_ports_with_listeners};
use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// How many lines of its own output are shown when a kernel dies.
const LAST_WORDS: usize = 8;

/// A kernel's process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    group: i32,
    files: TempDir,
}

impl Process {
    /// Starts the kernel in `folder` and says how it can be reached.
    ///
    /// # Errors
    /// When no port is free, a file cannot be written, or the program cannot be started.
    pub async fn start(spec: &Kernelspec, folder: &Path) -> Result<(Self, ConnectionInfo), Error> {
        let files = tempfile::tempdir().map_err(|reason| Error::Kernel(format!("no temporary folder: {reason}")))?;
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (ports, listeners) = peek_ports_with_listeners(loopback, 5).await.map_err(no_ports)?;
        let ports = ports.try_into().map_err(|_| no_ports("five were asked for"))?;
        let info = connection_info(&spec.name, &ports, key(files.path())?);
        let connection_file = files.path().join("connection.json");
        let text = serde_json::to_string(&info).map_err(|reason| Error::Kernel(reason.to_string()))?;
        fs::write(&connection_file, text).map_err(|reason| Error::file(&connection_file, reason))?;

        let log = files.path().join("log");
        let file = File::create(&log).map_err(|reason| Error::file(&log, reason))?;
        let also = file.try_clone().map_err(|reason| Error::file(&log, reason))?;
        let argument = |text: &String| {
            text.replace("{connection_file}", &connection_file.to_string_lossy())
                .replace("{resource_dir}", &spec.folder.to_string_lossy())
        };
        let program = spec.program();
        let child = Command::new(&program)
            .args(spec.content.argv[1..].iter().map(argument))
            .envs(spec.content.env.iter().flatten())
            .env("JPY_PARENT_PID", std::process::id().to_string())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(also)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|reason| {
                Error::Kernel(format!("`{}` of `{}` cannot be started: {reason}", program.display(), spec.name))
            })?;
        // The ports were held until now, so that nobody else could take them.
        drop(listeners);
        let group = child.id().and_then(|id| i32::try_from(id).ok()).unwrap_or(0);
        Ok((Self { child, group, files }, info))
    }

    /// Waits until the process has ended. May be dropped while it waits.
    ///
    /// # Errors
    /// When the system does not know the process.
    pub async fn ended(&mut self) -> Result<ExitStatus, Error> {
        self.child.wait().await.map_err(|reason| Error::Kernel(format!("cannot wait for the kernel: {reason}")))
    }

    /// Sends SIGINT to the kernel and what it has started.
    pub fn interrupt(&self) {
        self.signal(libc::SIGINT);
    }

    /// Ends the kernel and what it has started, at once.
    pub async fn kill(&mut self) {
        self.signal(libc::SIGKILL);
        // An error would say that it has ended already.
        let _ = self.child.wait().await;
    }

    /// The last lines of what the process itself printed, or an empty text.
    pub fn last_words(&self) -> String {
        let text = fs::read(self.files.path().join("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n")
    }

    fn signal(&self, signal: i32) {
        if self.group > 0 {
            // SAFETY: killpg takes two numbers and touches no memory; the group was made for this child.
            unsafe { libc::killpg(self.group, signal) };
        }
    }
}

fn no_ports(reason: impl std::fmt::Display) -> Error {
    Error::Kernel(format!("no free ports: {reason}"))
}

/// A key that nobody can guess: the random name of a fresh folder is not enough, so the system is asked.
fn key(folder: &Path) -> Result<String, Error> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 16];
    let mut file = File::open(source).map_err(|reason| Error::file(source, reason))?;
    std::io::Read::read_exact(&mut file, &mut bytes).map_err(|reason| Error::file(source, reason))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(bytes.iter().fold(name, |key, byte| format!("{key}{byte:02x}")))
}
