//! Drills: faults on purpose against a real hub, and what came of them in
//! figures. Each ends by itself, and fails where a promise is broken.
//!
//! - [`kill`]: the hub is killed again and again under publishers.
//! - [`slow`]: some viewers stop reading.
//! - [`storm`]: many viewers lose their hub at once.
//! - [`hub`], [`viewer`], [`publisher`]: the parties; [`figures`]: percentiles
//!   and the like.

#![expect(
    clippy::print_stdout,
    reason = "the results of a command-line tool go there"
)]

mod figures;
mod hub;
mod kill;
mod publisher;
mod slow;
mod storm;
mod viewer;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about, disable_version_flag = true)]
struct CommandLine {
    /// The hub's binary
    #[arg(long)]
    hub: PathBuf,
    #[command(subcommand)]
    drill: Drill,
}

#[derive(Subcommand)]
enum Drill {
    /// Kills the hub under publishers, and counts what is lost or doubled
    Kill(kill::Options),
    /// Lets 1 viewer in 100 stop reading, and measures the others
    Slow(slow::Options),
    /// Kills the hub under many viewers, and watches them return
    Storm(storm::Options),
}

fn main() -> ExitCode {
    let CommandLine { hub, drill } = CommandLine::parse();
    match perform(hub, drill) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            println!("FAILED: a promise is broken, see above");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the promises were kept.
fn perform(hub: PathBuf, drill: Drill) -> Result<bool> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        match drill {
            Drill::Kill(options) => kill::run(hub, options).await,
            Drill::Slow(options) => slow::run(hub, options).await,
            Drill::Storm(options) => storm::run(hub, options).await,
        }
    })
}
