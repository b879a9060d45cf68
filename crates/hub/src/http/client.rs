//! Which client a request is from: the only place that decides this.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;

use crate::server::Peer;

/// The client of a request. Limits for each address are about [`Client::address`].
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// The other end of its connection, which may be a proxy.
    pub(crate) peer: Option<Peer>,
}

impl Client {
    /// The client of a request with these extensions.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let peer = extensions.get::<Peer>().cloned();
        let address = peer.as_ref().map(Peer::address);
        Self {
            address: address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            peer,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}
