//! Which client a request is from: the only place that decides this.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

use crate::hub::Hub;
use crate::server::Peer;

/// The client of a request. Limits for each address are about [`Client::address`].
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// The other end of its connection, which may be a proxy.
    pub(crate) peer: Option<Peer>,
}

impl Client {
    /// The client of a request to `hub`: if it came from a trusted proxy, whom that names.
    pub(crate) fn of(hub: &Hub, extensions: &Extensions, headers: &HeaderMap) -> Self {
        let peer = extensions.get::<Peer>().cloned();
        let address = peer.as_ref().map(Peer::address);
        let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Self {
            address: hub.access().trusted_proxies.client(address, headers),
            peer,
        }
    }
}

impl FromRequestParts<Arc<Hub>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<Self, Infallible> {
        Ok(Self::of(hub, &parts.extensions, &parts.headers))
    }
}
