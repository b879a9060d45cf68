//! Assembles a hub from a configuration, and reloads it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gethostname::gethostname;

use crate::config::Config;
use crate::dashboards::{Dashboards, FileError};
use crate::engine::{Embedded, Engine, OpenError, Redis, Settings};
use crate::hub::{Access, Hub, Parts, ViewerAccess};
use crate::origin::OriginPolicy;
use crate::page::{Page, PageError};
use crate::sources::{self, SourceKind};
use crate::tls::{Tls, TlsError};

/// The file of the stored messages, in a data directory.
#[must_use]
pub fn store_file(data_dir: &Path) -> PathBuf {
    data_dir.join("hub.db")
}

/// Why a hub cannot be assembled.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// Other machines can reach the hub, and no viewer access is configured.
    #[error(
        "other machines can reach this hub (`{0}`): choose who gets viewer tokens with \
         --viewer-access open, proxy-header:NAME or off"
    )]
    ViewerAccess(String),
    /// The configured page cannot be served.
    #[error(transparent)]
    Page(#[from] PageError),
    /// Layouts break rules.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Dashboards(Vec<FileError>),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A running hub cannot begin or end to have a certificate.
    #[error("a certificate can be added or removed only by a restart")]
    Restart,
    /// The file with the stored messages cannot be used.
    #[error(transparent)]
    Store(#[from] OpenError),
}

/// Assembles the hub of `config`, to listen on `address`. Must be called within a tokio
/// runtime.
/// If only this machine can reach it, every viewer gets tokens by default.
/// `default_page` is served unless the configuration has one.
///
/// # Errors
/// Other machines can reach the hub and no viewer access is configured, or the page, a
/// layout, the certificate or the stored messages cannot be read.
pub fn assemble(
    config: &Config,
    address: SocketAddr,
    default_page: Option<Page>,
) -> Result<Arc<Hub>, AssembleError> {
    let access = access(config, address)?;
    let tls = config.tls.clone().map(Tls::load).transpose()?;
    let page = match &config.ui {
        Some(directory) => Some(Page::from_directory(directory)?),
        None => default_page,
    };
    let note = config.sources.iter().find_map(|kind| kind.note());
    let (directory, channel) = (config.dashboards.clone(), config.channel.clone());
    let known = access.viewer_access.known();
    let mut dashboards = Dashboards::read(directory, channel, note.map(Into::into), known)
        .map_err(AssembleError::Dashboards)?;
    if config.sources.contains(&SourceKind::System) {
        dashboards = dashboards.with_built_in("machine", sources::MACHINE);
    }
    Ok(Hub::new(Parts {
        engine: engine(config)?,
        access,
        tls,
        connections: config.connections.clone(),
        history: config.history,
        dashboards: Arc::new(dashboards),
        page,
        drawing: config.drawing.clone(),
        limits: config.limits.clone(),
    }))
}

/// Applies what a running hub can take of `config`: keys, rules of access, limits, and the
/// certificate. Connections stay open, unless keys or rules do not permit them any more.
///
/// # Errors
/// As of [`assemble`], or the configuration has a certificate for the first time, or no
/// longer. Then nothing has changed.
pub fn reload(hub: &Hub, config: &Config, address: SocketAddr) -> Result<(), AssembleError> {
    let mut access = access(config, address)?;
    let previous = &hub.access().verifiers;
    access.verifiers = access.verifiers.with_sets_of(previous);
    match (hub.tls(), &config.tls) {
        (Some(tls), Some(files)) => tls.replace(files.clone())?,
        (None, None) => {}
        _ => return Err(AssembleError::Restart),
    }
    let admission = hub.admission();
    admission.set_limits(config.limits.clone().after(&admission.limits()));
    hub.set_access(access);
    Ok(())
}

fn engine(config: &Config) -> Result<Arc<dyn Engine>, OpenError> {
    if let Some(address) = &config.engine {
        return Ok(Arc::new(Redis::new(address.clone(), None)));
    }
    let settings = Settings {
        storage_limit: config.storage_limit,
        deduplication_bytes: config.limits.deduplication_bytes,
        ..Settings::default()
    };
    let path = store_file(&config.data_dir);
    Ok(Arc::new(Embedded::open(&path, settings)?))
}

fn access(config: &Config, address: SocketAddr) -> Result<Access, AssembleError> {
    let viewer_access = match (&config.viewer_access, reachable_by(config, address)) {
        (Some(access), _) => access.clone(),
        (None, None) => ViewerAccess::Open,
        (None, Some(option)) => return Err(AssembleError::ViewerAccess(option)),
    };
    Ok(Access {
        api_keys: config.api_keys.clone(),
        variables: config.variables.clone(),
        verifiers: config.verifiers.clone(),
        signer: config.signer.clone(),
        viewer_access,
        trusted_proxies: config.trusted_proxies.clone(),
        origins: OriginPolicy {
            loopback: address.ip().is_loopback(),
            public: config.public_origins.clone(),
            allowed: config.allowed_origins.clone(),
            machine: gethostname().to_string_lossy().into_owned(),
        },
    })
}

/// The first option by which viewers on other machines can reach the hub.
fn reachable_by(config: &Config, address: SocketAddr) -> Option<String> {
    if !address.ip().is_loopback() {
        return Some(format!("--listen {address}"));
    }
    let public = config.public_origins.iter();
    let mut public = public.filter(|origin| !origin.is_loopback());
    let allowed = config.allowed_origins.iter();
    let mut allowed = allowed.filter(|origin| !origin.is_loopback());
    let public = public.next().map(|it| format!("--public-origin {it}"));
    public.or_else(|| allowed.next().map(|it| format!("--allowed-origin {it}")))
}
