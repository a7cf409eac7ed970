//! The command line of the course: `worksheets kernel` is what Jupyter starts, the other commands
//! set up, check and serve the sheets. Exit codes: 0 good, 1 something checked is wrong, 2 usage or
//! environment.

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
}

fn main() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    match command {
        Command::Kernel { connection_file: _ } => ExitCode::from(2),
    }
}
