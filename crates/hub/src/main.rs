//! The hub as a program: reads the command line and does what it says.

mod cli;

use clap::Parser;
use tracing_subscriber::EnvFilter;

fn main() -> anyhow::Result<()> {
    let command = cli::Cli::parse().command;
    // Only serving logs; the other commands answer on standard output.
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("LIVE_DASHBOARD_LOG").unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(cli::run(command))
}
