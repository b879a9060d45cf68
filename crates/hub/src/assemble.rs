//! Assembles a hub from a configuration.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::config::Config;
use crate::dashboards::{Dashboards, FileError};
use crate::engine::{Embedded, OpenError, Settings};
use crate::hub::{Hub, Parts, ViewerAccess};
use crate::origin::OriginPolicy;
use crate::page::{Page, PageError};

/// The file of the stored messages, in the data directory.
const STORE: &str = "hub.db";

/// Why a hub cannot be assembled.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The address is not a loopback address, and no viewer access is configured.
    #[error(
        "{0} is reachable from other machines: choose who gets viewer tokens with \
         --viewer-access open, proxy-header:NAME or off"
    )]
    ViewerAccess(SocketAddr),
    /// The configured page cannot be served.
    #[error(transparent)]
    Page(#[from] PageError),
    /// Layouts break rules.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Dashboards(Vec<FileError>),
    /// The file with the stored messages cannot be used.
    #[error(transparent)]
    Store(#[from] OpenError),
}

/// Assembles the hub of `config`, with the embedded engine, to listen on `address`.
/// On a loopback address every viewer gets tokens by default, and requests must be
/// for loopback names. `default_page` is served unless the configuration has one.
///
/// # Errors
/// The address requires a viewer access that is not configured, or the page, a
/// layout or the stored messages cannot be read.
pub fn assemble(
    config: &Config,
    address: SocketAddr,
    default_page: Option<Page>,
) -> Result<Arc<Hub>, AssembleError> {
    let loopback = address.ip().is_loopback();
    let viewer_access = match &config.viewer_access {
        Some(access) => access.clone(),
        None if loopback => ViewerAccess::Open,
        None => return Err(AssembleError::ViewerAccess(address)),
    };
    let page = match &config.ui {
        Some(directory) => Some(Page::from_directory(directory)?),
        None => default_page,
    };
    let note = config.sources.first().map(|kind| kind.note().to_owned());
    let dashboards = Dashboards::read(config.dashboards.clone(), config.channel.clone(), note)
        .map_err(AssembleError::Dashboards)?;
    let settings = Settings {
        storage_limit: config.storage_limit,
        deduplication_bytes: config.limits.deduplication_bytes,
        ..Settings::default()
    };
    Ok(Hub::new(Parts {
        engine: Arc::new(Embedded::open(&config.data_dir.join(STORE), settings)?),
        api_keys: config.api_keys.clone(),
        verifiers: config.verifiers.clone(),
        signer: config.signer.clone(),
        viewer_access,
        origins: OriginPolicy::new(loopback, config.allowed_origins.clone()),
        connections: config.connections.clone(),
        history: config.history,
        dashboards: Arc::new(dashboards),
        page,
        drawing: config.drawing.clone(),
        limits: config.limits.clone(),
    }))
}
