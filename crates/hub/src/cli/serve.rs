//! `serve`: runs a hub until SIGTERM or Ctrl-C.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use live_dashboard_hub::config::{Config, ConfigError, Options};
use live_dashboard_hub::hub::Hub;
use live_dashboard_hub::{assemble, process, reload, serve, sources};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use crate::embedded_page;
#[cfg(unix)]
use crate::service_manager;

#[derive(Clone, clap::Args)]
pub(crate) struct Args {
    /// A file with options, and with the keys of other token issuers
    #[arg(long, env = "LIVE_DASHBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    options: Options,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let options = args.options()?;
    let mut config = Config::resolve(options.clone())?;
    config.limits.open_files = process::raise_open_files();
    let listener = listen(&config.listen).await?;
    let admin = match &config.admin_listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let address = listener.local_addr()?;
    let hub = assemble(&config, address, embedded_page::page())?;

    // Dropping it at the end of this function stops the sources and the reloads.
    let mut tasks = JoinSet::new();
    for kind in config.sources {
        tasks.spawn(sources::run(kind, Arc::clone(&hub), config.channel.clone()));
    }
    tracing::info!(
        files = config.limits.open_files,
        connections = config.limits.room(),
        "limits of this process"
    );
    // Whoever reads the address may send a signal at once.
    let stopped = stopped()?;
    #[cfg(unix)]
    {
        tasks.spawn(reloads(args, options, Arc::clone(&hub), address)?);
        tasks.spawn(service_manager::watchdog());
        service_manager::ready();
    }
    let scheme = if hub.tls().is_some() { "https" } else { "http" };
    println!("listening on {scheme}://{address}");
    if let Some(admin) = &admin {
        println!("operator API on http://{}", admin.local_addr()?);
    }
    serve(listener, admin, hub, stopped).await;
    tracing::info!("stopped");
    Ok(())
}

impl Args {
    /// With those of the environment and the file.
    fn options(&self) -> Result<Options, ConfigError> {
        let options = self.options.clone();
        options.complete(self.config.as_deref(), |name| std::env::var(name).ok())
    }
}

/// Reloads the configuration at each SIGHUP, from now on. If it is not valid, the hub
/// keeps the previous one. Tells which options differ from those that the hub was `started`
/// with but need a restart.
#[cfg(unix)]
fn reloads(
    args: Args,
    started: Options,
    hub: Arc<Hub>,
    address: SocketAddr,
) -> io::Result<impl Future<Output = ()>> {
    let mut hangups = signal(SignalKind::hangup())?;
    let reload = move || -> anyhow::Result<Vec<&str>> {
        let options = args.options()?;
        let waiting = options.need_restart(&started);
        reload(&hub, &Config::resolve_again(options)?, address)?;
        Ok(waiting)
    };
    Ok(async move {
        while hangups.recv().await.is_some() {
            service_manager::reloading();
            let status = match reload() {
                Ok(waiting) if waiting.is_empty() => {
                    tracing::info!("configuration reloaded");
                    String::new()
                }
                Ok(waiting) => {
                    let waiting = waiting.join(", ");
                    let status = format!("restart to apply the new values of {waiting}");
                    tracing::warn!("configuration reloaded; {status}");
                    status
                }
                Err(error) => {
                    let kept = format!("keeping the previous configuration: {error:#}");
                    tracing::error!("{kept}");
                    kept
                }
            };
            service_manager::reloaded(&status);
        }
    })
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
        service_manager::stopping();
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
