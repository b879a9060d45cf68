//! The command line. What the commands answer goes to standard output.
#![allow(clippy::print_stdout)]

mod check;
mod keys;
mod publish;
mod serve;
mod token;

use std::path::PathBuf;

use anyhow::Context;

use live_dashboard_hub::auth::StoredKeys;
use live_dashboard_hub::config::data_dir;

/// The hub of Live Dashboard: tokens, publishing and fan-out in one binary.
#[derive(clap::Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Serve the page, tokens, publishing and WebSockets until told to stop
    #[command(
        after_help = "Examples:\n  live-dashboard-hub serve --source demo\n  live-dashboard-hub serve --history 6h --storage-limit 4GiB"
    )]
    Serve(Box<serve::Args>),
    /// Publish one message
    #[command(
        after_help = "Examples:\n  live-dashboard-hub publish --event alert --store 3600 --data '{\"level\":\"info\",\"message\":\"Hello\"}'\n  live-dashboard-hub publish --event alert --at 2026-07-24T14:30:00 --time-zone Europe/Vienna --data '{\"level\":\"info\",\"message\":\"Maintenance begins\"}'"
    )]
    Publish(publish::Args),
    /// Print a viewer's token for one connection
    #[command(
        after_help = "Example:\n  live-dashboard-hub token --uid alice --lifetime 10m --history 1h"
    )]
    Token(token::Args),
    /// Check layouts, as `serve` would
    #[command(after_help = "Example:\n  live-dashboard-hub check dashboards/*.toml")]
    Check(check::Args),
    /// Show the API keys and the signing key; makes them if there are none
    #[command(after_help = "Example:\n  live-dashboard-hub keys --api-key")]
    Keys(keys::Args),
}

pub(crate) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::run(*args).await,
        Command::Publish(args) => publish::run(args).await,
        Command::Token(args) => token::run(args),
        Command::Check(args) => check::run(args),
        Command::Keys(args) => keys::run(args),
    }
}

/// Where the keys are, for the commands that want them.
#[derive(clap::Args)]
struct DataDir {
    /// Where keys are kept [default: the platform's data directory]
    #[arg(long, env = "LIVE_DASHBOARD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl DataDir {
    /// The keys, made where there are none.
    fn made_keys(self) -> anyhow::Result<StoredKeys> {
        Ok(StoredKeys::load_or_create(&data_dir(self.data_dir)?)?)
    }

    /// The keys that a hub of this machine has made.
    fn keys(self) -> anyhow::Result<StoredKeys> {
        let directory = data_dir(self.data_dir)?;
        StoredKeys::load(&directory).with_context(|| {
            format!(
                "no hub's keys in {}: name its directory with --data-dir",
                directory.display()
            )
        })
    }
}
