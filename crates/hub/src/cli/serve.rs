//! `serve`: runs a hub until SIGTERM or Ctrl-C.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use live_dashboard_hub::config::{Config, Options};
use live_dashboard_hub::{assemble, process, serve, sources};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use crate::embedded_page;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A file with options, and with the keys of other token issuers
    #[arg(long, env = "LIVE_DASHBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    options: Options,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let options = args
        .options
        .complete(args.config.as_deref(), |name| std::env::var(name).ok())?;
    let mut config = Config::resolve(options)?;
    config.limits.open_files = process::raise_open_files();
    let listener = TcpListener::bind(&config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let hub = assemble(&config, address, embedded_page::page())?;

    // Dropping it at the end of this function stops the sources.
    let mut publishing = JoinSet::new();
    for kind in config.sources {
        publishing.spawn(sources::run(kind, Arc::clone(&hub), config.channel.clone()));
    }
    tracing::info!(
        files = config.limits.open_files,
        connections = config.limits.room(),
        "open files allowed, and connections that fit"
    );
    println!("listening on http://{address}");
    serve(listener, hub, stopped()).await;
    tracing::info!("stopped");
    Ok(())
}

/// Resolves when the process is asked to stop. A signal that cannot be received
/// does not stop it.
async fn stopped() {
    #[cfg(unix)]
    let terminated = async { signal(SignalKind::terminate()).ok()?.recv().await };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<Option<()>>();
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        Some(()) = terminated => {}
        else => std::future::pending().await,
    }
    tracing::info!("stopping");
}
