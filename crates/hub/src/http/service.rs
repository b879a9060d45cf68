//! Answers requests: accepted publishers at once, everyone else through the router.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use tower_service::Service as _;

use super::access::presented_key;
use super::publish;
use super::router::{Audience, router};
use crate::hub::Hub;

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

    /// Answers a request.
    pub(crate) async fn answer(&self, request: Request) -> Result<Response, Infallible> {
        let publishes = self.publishers
            && request.method() == Method::POST
            && request.uri().path() == publish::PATH;
        let key = publishes.then(|| presented_key(request.headers()));
        match key.and_then(|key| self.hub.publisher(key)) {
            Some(publisher) => Ok(publish::answer(&self.hub, &publisher, request).await),
            None => self.router.clone().call(request).await,
        }
    }
}
