//! `serve`: runs a hub until SIGTERM or Ctrl-C.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use live_dashboard_hub::config::{Config, Options};
use live_dashboard_hub::{assemble, serve, sources};
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
    let config = Config::resolve(options)?;
    let listener = listen(&config.listen).await?;
    let admin = match &config.admin_listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let address = listener.local_addr()?;
    let hub = assemble(&config, address, embedded_page::page())?;

    // Dropping it at the end of this function stops the sources.
    let mut publishing = JoinSet::new();
    for kind in config.sources {
        publishing.spawn(sources::run(kind, Arc::clone(&hub), config.channel.clone()));
    }
    // Whoever reads the address may ask to stop at once.
    let stopped = stopped()?;
    let scheme = if hub.tls().is_some() { "https" } else { "http" };
    println!("listening on {scheme}://{address}");
    if let Some(admin) = &admin {
        println!("listening for programs on http://{}", admin.local_addr()?);
    }
    serve(listener, admin, hub, stopped).await?;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("cannot listen on {address}"))
}

/// Resolves when the process is asked to stop, from now on.
#[cfg(unix)]
fn stopped() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// Resolves when the process is asked to stop.
#[cfg(not(unix))]
fn stopped() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        tracing::info!("stopping");
    })
}
