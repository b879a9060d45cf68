//! From a checked configuration to a hub.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::config::Config;
use crate::dashboards::{Dashboards, FileError};
use crate::engine::{Embedded, OpenError, Settings};
use crate::http::{OriginPolicy, Page, PageError};
use crate::hub::{Hub, Parts, ViewerAccess};

/// The file of the stored messages, in the data directory.
const STORE: &str = "hub.db";

/// Why a configuration makes no hub at an address.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The hub can be reached from elsewhere, and nobody said for whom it is.
    #[error(
        "{0} can be reached from elsewhere: say who gets viewer tokens, with \
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

/// Puts together the hub that `config` asks for, on the embedded engine.
/// `address` is where it listens: on a loopback address it is open to its
/// viewers, and keeps to that machine.
///
/// # Errors
/// The address demands a viewer access that is not given, or the page, a layout or
/// the stored messages cannot be read.
pub fn assemble(config: &Config, address: SocketAddr) -> Result<Arc<Hub>, AssembleError> {
    let loopback = address.ip().is_loopback();
    let viewer_access = match &config.viewer_access {
        Some(access) => access.clone(),
        None if loopback => ViewerAccess::Open,
        None => return Err(AssembleError::ViewerAccess(address)),
    };
    let page = match &config.ui {
        Some(directory) => Some(Page::from_directory(directory)?),
        None => Page::embedded(),
    };
    let note = config.sources.first().map(|kind| kind.note().to_owned());
    let dashboards = Dashboards::read(config.dashboards.clone(), config.channel.clone(), note)
        .map_err(AssembleError::Dashboards)?;
    let settings = Settings {
        storage_limit: config.storage_limit,
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
    }))
}
