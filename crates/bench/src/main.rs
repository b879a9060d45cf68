//! Measures the hub beside its peers on the same work, in turn: what counts is the ratio.
//!
//! - [`fanout`]: one publisher, many viewers.
//! - [`publish`]: publishers without viewers, stored and not.
//! - [`idle`]: viewers that only wait.
//! - [`floor`]: the least that a server can do.
//! - [`target`], [`load`], [`process`]: the servers, the work, what it costs them.

#![expect(
    clippy::print_stdout,
    reason = "the results of a command-line tool go there"
)]

mod fanout;
mod floor;
mod idle;
mod load;
mod process;
mod publish;
mod target;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

#[derive(Parser)]
#[command(about, disable_version_flag = true)]
struct CommandLine {
    /// The hub's binary
    #[arg(long, default_value = "target/release/live-dashboard-hub")]
    hub: PathBuf,
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// One publisher and many viewers: processor time of a delivery, and latency
    Fanout(fanout::Options),
    /// Publishers without viewers: processor time of a publish; durable ones in a second
    Publish(publish::Options),
    /// Viewers that only wait: memory and processor time of each
    Idle(idle::Options),
    /// The server that does nothing but write (started by the others)
    #[command(hide = true)]
    Floor,
}

fn main() -> Result<()> {
    let CommandLine { hub, bench } = CommandLine::parse();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        match bench {
            Bench::Fanout(options) => fanout::run(&hub, &options).await,
            Bench::Publish(options) => publish::run(&hub, &options).await,
            Bench::Idle(options) => idle::run(&hub, &options).await,
            Bench::Floor => floor::serve().await,
        }
    })
}
