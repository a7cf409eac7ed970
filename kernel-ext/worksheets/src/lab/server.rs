//! JupyterLab itself: started in the background, ended with all its kernels.

use super::environment::Environment;
use super::{Error, Places};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{interval, timeout};

/// How long JupyterLab may take to end its kernels.
const FAREWELL: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(100);

/// How JupyterLab is started.
#[derive(Debug)]
pub struct Options {
    /// The folder that it shows.
    pub folder: PathBuf,
    /// The port, or the first free one from 8888 on.
    pub port: Option<u16>,
    /// Whether the browser is opened.
    pub browser: bool,
}

/// Runs JupyterLab until it ends or the user interrupts.
///
/// # Errors
/// When it does not start, or ends by itself with an error.
pub async fn serve(
    environment: &Environment,
    places: &Places,
    options: &Options,
    say: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    // Signals are caught before there is anything to clean up.
    let caught = |kind| signal(kind).map_err(|reason| step(reason.to_string()));
    let (mut interrupt, mut terminate, mut hangup) =
        (caught(SignalKind::interrupt())?, caught(SignalKind::terminate())?, caught(SignalKind::hangup())?);
    let log = places.jupyter.join("lab.log");
    write_style(&places.jupyter.join("config/custom"))?;
    let mut lab = start(environment, options, &log)?;
    let runtime = places.jupyter.join("runtime");
    let description = runtime.join(format!("jpserver-{}.json", lab.id().unwrap_or_default()));
    let mut ticks = interval(TICK);
    let mut announced = false;
    loop {
        tokio::select! {
            status = lab.wait() => {
                return match status {
                    Ok(status) if status.success() => Ok(()),
                    _ => Err(step(last_lines(&log))),
                };
            }
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hangup.recv() => break,
            _ = ticks.tick(), if !announced => {
                if let Some(url) = url(&description) {
                    say(&format!("JupyterLab: {url}"));
                    say("Ctrl-C ends it, and all kernels");
                    announced = true;
                }
            }
        }
    }
    say("ending JupyterLab and its kernels");
    end(&mut lab).await;
    Ok(())
}

/// In a process group of its own, so that Ctrl-C reaches this program alone, which then ends JupyterLab
/// without its question.
fn start(environment: &Environment, options: &Options, log: &Path) -> Result<Child, Error> {
    let file = File::create(log).map_err(|reason| Error::file(log, reason))?;
    let also = file.try_clone().map_err(|reason| Error::file(log, reason))?;
    let mut command = environment.module("jupyterlab");
    command.current_dir(&options.folder).stdout(file).stderr(also);
    command.arg("--custom-css").arg("--ServerApp.root_dir").arg(&options.folder);
    // Everybody may be root in a container, where JupyterLab would refuse to start.
    command.arg("--allow-root");
    if let Some(port) = options.port {
        command.args([format!("--port={port}"), "--ServerApp.port_retries=0".to_owned()]);
    }
    if !options.browser {
        command.arg("--no-browser");
    }
    let mut command = Command::from(command);
    command.process_group(0).kill_on_drop(true);
    command.spawn().map_err(|reason| step(reason.to_string()))
}

/// Where JupyterLab looks for additions to its style.
fn write_style(folder: &Path) -> Result<(), Error> {
    let file = folder.join("custom.css");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, include_str!("custom.css")))
        .map_err(|reason| Error::file(&file, reason))
}

/// What JupyterLab writes about itself once it listens.
fn url(description: &Path) -> Option<String> {
    let description: Value = serde_json::from_str(&fs::read_to_string(description).ok()?).ok()?;
    let (url, token) = (description["url"].as_str()?, description["token"].as_str()?);
    Some(format!("{url}lab?token={token}"))
}

async fn end(lab: &mut Child) {
    let Some(id) = lab.id().and_then(|id| i32::try_from(id).ok()) else { return };
    // SAFETY: kill takes two numbers and touches no memory; the process is our child and not yet waited for.
    unsafe { libc::kill(id, libc::SIGTERM) };
    if timeout(FAREWELL, lab.wait()).await.is_err() {
        // SAFETY: as above; the group was made for this child.
        unsafe { libc::killpg(id, libc::SIGKILL) };
        // An error would say that it has ended already.
        let _ = lab.wait().await;
    }
}

fn step(output: String) -> Error {
    let remedy = "`worksheets doctor` looks for what is missing; --port N chooses another port.";
    Error::Step { what: "starting JupyterLab".to_owned(), output, remedy }
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
