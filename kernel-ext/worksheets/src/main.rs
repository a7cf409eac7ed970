//! The command line of the course: `worksheets kernel` is what Jupyter starts, the other commands
//! set up, check and serve the sheets. Exit codes: 0 good, 1 something checked is wrong, 2 usage or
//! environment.

mod kernel;
mod project;
mod template;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Rust worksheets for deep learning.
#[derive(Parser)]
#[command(name = "worksheets", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the Jupyter kernel (Jupyter starts it).
    Kernel {
        /// The file in which Jupyter names ports and key.
        #[arg(long, value_name = "FILE")]
        connection_file: PathBuf,
    },
    /// Build what kernels start from, and write the kernelspec `rust-course`.
    Install {
        /// Write the kernelspec below DIR, as in a virtual environment.
        #[arg(long, value_name = "DIR", conflicts_with = "user")]
        prefix: Option<PathBuf>,
        /// Write the kernelspec into the user's own Jupyter folder (the default).
        #[arg(long)]
        user: bool,
    },
}

fn main() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    let result: Result<(), Box<dyn std::error::Error>> = match command {
        Command::Kernel { connection_file } => kernel::run(&connection_file).map_err(Into::into),
        Command::Install { prefix, user: _ } => install(prefix).map_err(Into::into),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(2)
        }
    }
}

fn install(prefix: Option<PathBuf>) -> Result<(), template::Error> {
    let prefix = prefix.map_or(template::Prefix::User, template::Prefix::Directory);
    let installed = template::install(&prefix, &mut |line| println!("{line}"))?;
    println!("kernelspec: {}", installed.kernelspec.display());
    Ok(())
}

/// The one place that writes to standard error: a reason why the command could not do its work.
#[allow(clippy::print_stderr)]
fn complain(message: &str) {
    eprintln!("worksheets: {message}");
}
