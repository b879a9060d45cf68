//! Drills: inject a fault into a real hub and measure the result. Each drill ends
//! by itself and fails if a promise is broken.
//!
//! - [`kill`]: kills the hub repeatedly under load from publishers.
//! - [`slow`]: some viewers stop reading.
//! - [`storm`]: many viewers lose their hub at once.
//! - [`shared`]: hubs that share a Redis, which dies, freezes or is cut off.
//! - [`engine`]: what publishing costs, with each engine.
//! - [`hub`], [`viewer`], [`publisher`]: the processes and clients under test.
//! - [`redis`], [`proxy`]: the server that hubs share, and the network to it.
//! - [`statistics`]: percentiles, medians, results.

#![expect(
    clippy::print_stdout,
    reason = "the results of a command-line tool go there"
)]

mod engine;
mod hub;
mod kill;
mod proxy;
mod publisher;
mod redis;
mod shared;
mod slow;
mod statistics;
mod storm;
mod viewer;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use shared::Fault;

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
    /// Kill one of two hubs on a Redis, again and again
    KillHub(shared::Options),
    /// Kill the Redis of two hubs, again and again
    KillRedis(shared::Options),
    /// Stop the process of the Redis of two hubs for a while
    Freeze(shared::Options),
    /// Cut one of two hubs off from their Redis for a while
    Partition(shared::Options),
    /// Measure what publishing costs, with each engine
    Engine(engine::Options),
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
            Drill::KillHub(options) => shared::run(hub, Fault::KillHub, options).await,
            Drill::KillRedis(options) => shared::run(hub, Fault::KillRedis, options).await,
            Drill::Freeze(options) => shared::run(hub, Fault::Freeze, options).await,
            Drill::Partition(options) => shared::run(hub, Fault::Partition, options).await,
            Drill::Engine(options) => engine::run(hub, options).await,
            Drill::Slow(options) => slow::run(hub, options).await,
            Drill::Storm(options) => storm::run(hub, options).await,
        }
    })
}
