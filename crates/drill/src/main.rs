//! Drills: inject a fault into a real hub and measure the result. Each drill ends
//! by itself and fails if a promise is broken.
//!
//! - [`kill`]: kills the hub repeatedly under load from publishers.
//! - [`slow`]: some viewers stop reading.
//! - [`storm`]: many viewers lose their hub at once.
//! - [`hub`], [`viewer`], [`publisher`]: the processes and clients under test.
//! - [`statistics`]: percentiles, medians, results.

#![expect(
    clippy::print_stdout,
    reason = "the results of a command-line tool go there"
)]

mod hub;
mod kill;
mod publisher;
mod slow;
mod statistics;
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
    /// Kill the hub under load and count lost and duplicated messages
    Kill(kill::Options),
    /// Let 1 viewer in 100 stop reading and measure the others
    Slow(slow::Options),
    /// Kill the hub under many viewers and measure how they return
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

/// Returns whether all promises were kept.
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
