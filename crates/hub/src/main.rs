//! The `live-dashboard-hub` program: runs the command of the command line.

mod cli;
mod embedded_page;
mod logging;
#[cfg(unix)]
mod service_manager;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With all causes, without a backtrace.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let command = cli::Cli::parse().command;
    logging::begin()?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(cli::run(command))
}
