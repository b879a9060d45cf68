//! The command line. Commands print their results to standard output.
#![allow(clippy::print_stdout)]

mod backup;
mod check;
mod health;
mod keys;
mod new;
mod notify;
mod publish;
mod remote;
mod serve;
mod token;

use std::path::PathBuf;

use anyhow::{Context, bail};

use live_dashboard_hub::auth::{ApiKeys, Expected, Signer, StoredKeys};
use live_dashboard_hub::config::{
    API_KEYS_VARIABLE, DEFAULT_LISTEN, Options, SIGNING_KEY_VARIABLE, data_dir,
};

/// The hub of Live Dashboard: tokens, publishing and fan-out in one binary.
#[derive(clap::Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Serve the page, tokens, publishing and WebSockets
    #[command(
        after_help = "Examples:\n  live-dashboard-hub serve --source demo\n  live-dashboard-hub serve --history 6h --storage-limit 4GiB"
    )]
    Serve(Box<serve::Args>),
    /// Publish one message
    #[command(
        after_help = "Examples:\n  live-dashboard-hub publish --event alert --store 3600 --data '{\"level\":\"info\",\"message\":\"Hello\"}'\n  live-dashboard-hub publish --event alert --at 2030-07-24T14:30:00 --time-zone Europe/Vienna --data '{\"level\":\"info\",\"message\":\"Maintenance begins\"}'"
    )]
    Publish(publish::Args),
    /// Exit with 0 if the hub is ready to serve (`/readyz`), else with 1 and the reason
    #[command(
        after_help = "Examples:\n  live-dashboard-hub health\n  live-dashboard-hub health --hub https://dash.example"
    )]
    Health(health::Args),
    /// Issue a viewer's token and print it
    #[command(
        after_help = "Example:\n  live-dashboard-hub token --uid alice --lifetime 10m --history 1h"
    )]
    Token(token::Args),
    /// Write a commented layout file to begin with
    #[command(after_help = "Example:\n  live-dashboard-hub new ops")]
    New(new::Args),
    /// Validate layout files, as `serve` does
    #[command(after_help = "Example:\n  live-dashboard-hub check dashboards/*.toml")]
    Check(check::Args),
    /// Send a test message to each notifier of a dashboard
    #[command(after_help = "Example:\n  live-dashboard-hub notify ops --test")]
    Notify(notify::Args),
    /// Print the API keys and the signing key; creates them if there are none
    #[command(
        after_help = "Examples:\n  live-dashboard-hub keys --api-key\n  live-dashboard-hub keys rotate\n  live-dashboard-hub keys add --dashboard ops"
    )]
    Keys(keys::Args),
    /// Copy the stored messages, schedules and used tokens to a new file, also beside a
    /// running hub
    #[command(after_help = "Example:\n  live-dashboard-hub backup /backups/hub-$(date +%F).db")]
    Backup(backup::Args),
    /// Make a backup the store of a hub that does not run; keeps the previous store as
    /// `hub.db.replaced`
    #[command(after_help = "Example:\n  live-dashboard-hub restore /backups/hub-2030-07-24.db")]
    Restore(backup::Args),
}

pub(crate) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::run(*args).await,
        Command::Publish(args) => publish::run(args),
        Command::Health(args) => health::run(args),
        Command::Token(args) => token::run(args),
        Command::New(args) => new::run(args),
        Command::Check(args) => check::run(args),
        Command::Notify(args) => notify::run(args).await,
        Command::Keys(args) => keys::run(args),
        Command::Backup(args) => backup::back_up(args),
        Command::Restore(args) => backup::restore(args),
    }
}

/// Where to find the keys and the hub: as for `serve`, in the environment or the
/// configuration file, else in the data directory.
#[derive(Clone, clap::Args)]
struct Keys {
    /// The directory of the keys [default: the platform's data directory]
    #[arg(long, env = "LIVE_DASHBOARD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// The hub's configuration file
    #[arg(long, env = "LIVE_DASHBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Keys {
    fn options(self) -> anyhow::Result<Options> {
        let variable = |name: &str| std::env::var(name).ok();
        let given = Options {
            data_dir: self.data_dir,
            listen: variable("LIVE_DASHBOARD_LISTEN"),
            admin_listen: variable("LIVE_DASHBOARD_ADMIN_LISTEN"),
            tls_cert: variable("LIVE_DASHBOARD_TLS_CERT").map(PathBuf::from),
            ..Options::default()
        };
        Ok(given.complete(self.config.as_deref(), variable)?)
    }

    /// All keys; creates them if there are none.
    fn load_or_create(self) -> anyhow::Result<StoredKeys> {
        let options = self.options()?;
        let keys = options.keys(
            &data_dir(options.data_dir.clone())?,
            StoredKeys::load_or_create,
        )?;
        ApiKeys::new(keys.api_keys.clone())
            .with_context(|| format!("`api_keys`, from {API_KEYS_VARIABLE} or the file"))?;
        Signer::new(&keys.signing_key, Expected::default())
            .with_context(|| format!("`signing_key`, from {SIGNING_KEY_VARIABLE} or the file"))?;
        Ok(keys)
    }

    /// The first API key of this machine's hub.
    fn api_key(self) -> anyhow::Result<String> {
        let options = self.options()?;
        let keys = match options.api_keys {
            Some(keys) => keys,
            None => stored(options.data_dir)?.api_keys,
        };
        keys.into_iter().next().context("there is no API key")
    }

    /// The address of this machine's hub: where it listens for programs, or loopback if
    /// that is all addresses.
    fn hub_address(self) -> anyhow::Result<String> {
        let options = self.options()?;
        if options.admin_listen.is_none() && options.tls_cert.is_some() {
            bail!(
                "the hub has a certificate: name its address with --hub, such as \
                 https://dash.example"
            );
        }
        let listen = options.admin_listen.or(options.listen);
        let listen = listen.unwrap_or_else(|| DEFAULT_LISTEN.into());
        let (host, port) = listen.rsplit_once(':').unwrap_or((&listen, "0"));
        if port == "0" {
            bail!(
                "the hub listens on {listen}, which names no port: name the hub's address \
                 with --hub"
            );
        }
        Ok(match host {
            "0.0.0.0" => format!("http://127.0.0.1:{port}"),
            "[::]" => format!("http://[::1]:{port}"),
            host => format!("http://{host}:{port}"),
        })
    }

    /// The signing key of this machine's hub.
    fn signing_key(self) -> anyhow::Result<String> {
        let options = self.options()?;
        match options.signing_key {
            Some(key) => Ok(key),
            None => Ok(stored(options.data_dir)?.signing_key),
        }
    }
}

/// The keys that this machine's hub has created.
fn stored(directory: Option<PathBuf>) -> anyhow::Result<StoredKeys> {
    let directory = data_dir(directory)?;
    StoredKeys::load(&directory).with_context(|| {
        format!(
            "there are no keys in {}: name the hub's directory with --data-dir, or its \
             configuration file with --config",
            directory.display()
        )
    })
}
