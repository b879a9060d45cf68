//! `serve`: a hub until SIGTERM or Ctrl-C.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use live_dashboard_hub::config::{Config, Options};
use live_dashboard_hub::{assemble, serve, sources};
use tokio::net::TcpListener;
use tokio::signal;
use tokio::task::JoinSet;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A file with options, and with the keys of others that sign tokens
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
    let listener = TcpListener::bind(&config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let hub = assemble(&config, address)?;

    // Dropped at the end of this function, and with it the sources.
    let mut publishing = JoinSet::new();
    for kind in config.sources {
        publishing.spawn(sources::run(kind, Arc::clone(&hub), config.channel.clone()));
    }
    println!("listening on http://{address}");
    serve(listener, hub, stopped()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Resolves when the process is asked to stop.
async fn stopped() {
    let interrupted = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
    tracing::info!("stopping");
}
