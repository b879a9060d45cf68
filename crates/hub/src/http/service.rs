//! Answers requests: accepted publishers at once, everyone else through the router.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use axum::response::Response;
use hyper::body::Incoming;
use tower_service::Service as _;

use super::access::presented_key;
use super::publish;
use super::router::{Audience, router};
use crate::hub::Hub;
use crate::server::Peer;

/// Answers the requests of a listener; cheap to clone.
#[derive(Clone)]
pub(crate) struct Service {
    hub: Arc<Hub>,
    router: Router,
    publishers: bool,
}

impl Service {
    /// For `audience`.
    pub(crate) fn new(hub: Arc<Hub>, audience: Audience) -> Self {
        Self {
            router: router(Arc::clone(&hub), audience),
            hub,
            publishers: audience != Audience::Viewers,
        }
    }

    /// Answers a request of `peer`.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> Result<Response, Infallible> {
        let publishes = self.publishers
            && request.method() == Method::POST
            && request.uri().path() == publish::PATH;
        let key = publishes.then(|| presented_key(request.headers()));
        if let Some(publisher) = key.and_then(|key| self.hub.publisher(key)) {
            return Ok(publish::answer(&self.hub, &publisher, request, peer.socket()).await);
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        request.extensions_mut().insert(ConnectInfo(peer.socket()));
        self.router.clone().call(request).await
    }
}
