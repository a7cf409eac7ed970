//! The command line of the course: `worksheets kernel` is what Jupyter starts, the other commands
//! set up, check and serve the sheets. Exit codes: 0 good, 1 something checked is wrong, 2 usage or
//! environment.

mod checking;
mod doctor;
mod kernel;
mod lab;
mod pool;
mod project;
mod template;

use clap::{Args, Parser, Subcommand};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Rust worksheets for deep learning.
///
/// Exit codes: 0 good, 1 something that was checked is wrong, 2 usage or environment.
#[derive(Parser)]
#[command(name = "worksheets", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up what is missing and open JupyterLab on the sheets.
    Lab(Lab),
    /// Run notebooks in fresh kernels and compare their outputs with the stored ones.
    Check(checking::Arguments),
    /// Say what this machine lacks, and what brings it.
    Doctor,
    /// Build what kernels start from, and write the kernelspec `rust-course`.
    Install {
        /// Write the kernelspec below DIR, as in a virtual environment.
        #[arg(long, value_name = "DIR", conflicts_with = "user")]
        prefix: Option<PathBuf>,
        /// Write the kernelspec into the user's own Jupyter folder (the default).
        #[arg(long)]
        user: bool,
        /// Write a second kernelspec, `rust-course-stock`, which runs the sheets on evcxr_jupyter as it is.
        #[arg(long)]
        stock: bool,
    },
    /// Run the Jupyter kernel (Jupyter starts it).
    Kernel {
        /// The file in which Jupyter names ports and key.
        #[arg(long, value_name = "FILE", required_unless_present = "spare")]
        connection_file: Option<PathBuf>,
        /// Warm up, and serve whoever asks next (`worksheets pool` starts it).
        #[arg(long, hide = true, conflicts_with = "connection_file")]
        spare: bool,
    },
    /// Keep warmed kernels ready, until interrupted: a notebook's first cells then take no longer than later ones.
    Pool {
        /// How many kernels wait. Each holds some 400 MB.
        #[arg(long, value_name = "N", default_value_t = 1)]
        size: usize,
    },
}

/// Students work in `my-worksheets`, a copy of `notebooks` in which nothing is ever overwritten.
#[derive(Args)]
struct Lab {
    /// Open the originals in `notebooks`.
    #[arg(long)]
    instructor: bool,
    /// Keep the student's copy in DIR (usual: my-worksheets).
    #[arg(long, value_name = "DIR", conflicts_with = "instructor")]
    copy: Option<PathBuf>,
    /// Serve on this port (usual: the first free one from 8888 on).
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Print the address, and open no browser.
    #[arg(long)]
    no_browser: bool,
    /// Set everything up, and start nothing.
    #[arg(long)]
    only_prepare: bool,
    /// Keep N warmed kernels ready for the notebooks that are opened next; each holds some 400 MB.
    #[arg(long, value_name = "N", env = "WORKSHEETS_POOL", default_value_t = 1)]
    pool: usize,
}

fn main() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Lab(Lab { instructor, copy, port, no_browser, only_prepare, pool }) => {
            lab::run(&lab::Options { instructor, copy, port, browser: !no_browser, only_prepare, pool }, &mut say)?;
        }
        Command::Check(arguments) => return Ok(checking::run(arguments)?),
        Command::Doctor => return Ok(report_health()),
        Command::Install { prefix, user: _, stock } => {
            let prefix = prefix.map_or(template::Prefix::User, template::Prefix::Directory);
            if stock {
                let kernelspec = template::install_stock(&prefix, &mut say)?;
                say(&format!("both kernels are ready; kernelspec of stock evcxr: {}", kernelspec.display()));
                return Ok(ExitCode::SUCCESS);
            }
            let installed = template::install(&prefix, &mut say)?;
            let state = if installed.built { "is ready" } else { "was ready already" };
            say(&format!("the kernel {state}; kernelspec: {}", installed.kernelspec.display()));
        }
        Command::Kernel { connection_file: Some(file), .. } => kernel::run(&file)?,
        Command::Kernel { connection_file: None, .. } => kernel::run_spare()?,
        Command::Pool { size } => pool::run(size, say)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn report_health() -> ExitCode {
    let findings = doctor::examine();
    findings.iter().for_each(|finding| say(&finding.to_string()));
    ExitCode::from(if findings.iter().any(doctor::Finding::is_missing) { 2 } else { 0 })
}

/// Says one line to the user. A pipe that nobody reads any more is no reason to stop.
fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The one place that writes to standard error: a reason why the command could not do its work.
#[allow(clippy::print_stderr)]
fn complain(message: &str) {
    eprintln!("worksheets: {message}");
}
