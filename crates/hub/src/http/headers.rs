//! Around requests: the Content-Security-Policy, the check of `Host`, and metrics.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{self, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::proxied::peer;
use crate::hub::Hub;

/// Allows scripts and styles of the hub itself, and inline ones with a known hash. The
/// page makes its worker from a part of its script, which has no address.
/// The origins whose pages may use the hub may frame the page.
pub(crate) fn content_security_policy(hub: &Hub) -> HeaderValue {
    let (scripts, styles) = match hub.page() {
        Some(page) => (&page.script_hashes[..], &page.style_hashes[..]),
        None => Default::default(),
    };
    let policy = format!(
        "default-src 'none'; \
         script-src 'self' 'wasm-unsafe-eval'{}; \
         style-src 'self'{}; \
         img-src 'self' data:; \
         connect-src 'self'; \
         worker-src blob:; \
         manifest-src 'self'; \
         base-uri 'none'; \
         form-action 'none'; \
         frame-ancestors 'self'{}",
        list(scripts),
        list(styles),
        list(&hub.access().origins.frame_ancestors()),
    );
    HeaderValue::try_from(policy).expect("hashes and origins are ASCII")
}

/// Each item with a space before it.
fn list(items: &[impl Display]) -> String {
    items.iter().map(|item| format!(" {item}")).collect()
}

/// Rejects requests for a `Host` that is not the hub's.
pub(crate) async fn check_host(
    State(hub): State<Arc<Hub>>,
    request: Request,
    next: Next,
) -> Response {
    match hub.access().origins.check_host(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            let status = StatusCode::MISDIRECTED_REQUEST;
            ApiError::new(status, "WRONG_HOST", error.to_string())
                .counted(&hub, label(request.uri().path()), "wrong_host")
                .into_response()
        }
    }
}

/// What a viewer's request is called in the metrics.
pub(super) fn label(path: &str) -> &'static str {
    match path {
        "/live-dashboard" | "/dashboards" => "token",
        "/v1" => "connect",
        "/connection/listMessages" | "/connection/summarizePoints" => "history",
        _ => "page",
    }
}

/// Counts and logs each request.
pub(crate) async fn measure(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let measured = Measured::begin(&hub, &request, peer(&request));
    let response = next.run(request).await;
    measured.end(&hub, &response);
    response
}

/// A request that is being answered.
pub(super) struct Measured {
    start: Instant,
    /// For the log, if it is written.
    log: Option<(Method, String, Option<IpAddr>)>,
}

impl Measured {
    pub(super) fn begin<B>(
        hub: &Hub,
        request: &http::Request<B>,
        peer: Option<SocketAddr>,
    ) -> Self {
        let log = tracing::enabled!(tracing::Level::DEBUG).then(|| {
            let proxies = &hub.access().trusted_proxies;
            let client = peer.map(|peer| proxies.client(peer.ip(), request.headers()));
            let path = request.uri().path().to_owned();
            (request.method().clone(), path, client)
        });
        let start = Instant::now();
        Self { start, log }
    }

    /// Counts the request and logs it, without its query, which may contain a token.
    pub(super) fn end(self, hub: &Hub, response: &Response) {
        let took = self.start.elapsed();
        let status = response.status().as_u16();
        hub.metrics().answered(status, took);
        if let Some((method, path, client)) = self.log {
            tracing::debug!(%method, path, status, ?took, ?client, "answered");
        }
    }
}
