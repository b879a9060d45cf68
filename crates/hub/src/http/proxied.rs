//! The headers in which a proxy describes the signed-in viewer: only from trusted proxies.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::field::display;

use super::error::ApiError;
use super::headers::label;
use crate::hub::Hub;
use crate::log_throttle::LogThrottle;

/// The state of the check.
pub(crate) struct ProxyCheck {
    hub: Arc<Hub>,
    refused: Mutex<LogThrottle>,
}

impl ProxyCheck {
    pub(crate) fn new(hub: &Arc<Hub>) -> Arc<Self> {
        Arc::new(Self {
            hub: Arc::clone(hub),
            refused: Mutex::default(),
        })
    }

    /// The header of this request that only a trusted proxy may send, if another peer
    /// has sent it.
    fn forged(&self, request: &Request) -> Option<HeaderName> {
        let access = self.hub.access();
        let mut headers = access.viewer_access.proxy_headers();
        let sent = headers.find(|header| request.headers().contains_key(*header))?;
        let proxies = &access.trusted_proxies;
        let trusted = peer(request).is_some_and(|peer| proxies.contain(peer.ip()));
        (!trusted).then(|| sent.clone())
    }

    fn log(&self, header: &HeaderName, peer: Option<SocketAddr>) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(requests) = refused.count(1) {
            let peer = peer.map(display);
            tracing::warn!(%header, peer, requests, "refused a header of a proxy that is not trusted");
        }
    }
}

/// The address at the other end of the request's connection.
pub(crate) fn peer(request: &Request) -> Option<SocketAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(address)| *address)
}

/// Rejects a request whose proxy header is not from a trusted proxy: handlers can rely
/// on the header.
pub(crate) async fn check_proxy(
    State(check): State<Arc<ProxyCheck>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(header) = check.forged(&request) else {
        return next.run(request).await;
    };
    check.log(&header, peer(&request));
    let message = format!(
        "only a trusted proxy may send the header `{header}`: name its address with \
         `--trusted-proxy` if it is one"
    );
    ApiError::new(StatusCode::FORBIDDEN, "UNTRUSTED_PROXY", message)
        .counted(&check.hub, label(request.uri().path()), "untrusted_proxy")
        .into_response()
}
