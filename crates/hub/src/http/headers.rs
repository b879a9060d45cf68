//! What goes around every request: the headers of every answer, the check of
//! `Host`, and the count.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use crate::hub::Hub;

/// The headers of every answer, made once.
#[derive(Clone)]
pub(crate) struct StrictHeaders(Arc<HeaderMap>);

impl StrictHeaders {
    pub(crate) fn new(hub: &Hub) -> Self {
        let mut headers = HeaderMap::new();
        let policy = content_security_policy(hub);
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&policy).expect("hashes and origins are plain ASCII"),
        );
        for (name, value) in [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Self(Arc::new(headers))
    }
}

/// Scripts and styles come from the hub itself, or stand in the page with a
/// known hash; the page may be framed by its own origin and the configured
/// ones.
fn content_security_policy(hub: &Hub) -> String {
    let (scripts, styles) = hub.parts.page.as_ref().map_or((&[][..], &[][..]), |page| {
        (page.script_hashes(), page.style_hashes())
    });
    let listed = |words: &[String]| {
        words
            .iter()
            .map(|word| format!(" {word}"))
            .collect::<String>()
    };
    let ancestors: String = hub
        .parts
        .origins
        .allowed()
        .iter()
        .map(|origin| format!(" {origin}"))
        .collect();
    format!(
        "default-src 'none'; \
         script-src 'self' 'wasm-unsafe-eval'{}; \
         style-src 'self'{}; \
         img-src 'self' data:; \
         connect-src 'self'; \
         manifest-src 'self'; \
         base-uri 'none'; \
         form-action 'none'; \
         frame-ancestors 'self'{ancestors}",
        listed(scripts),
        listed(styles),
    )
}

/// Adds the strict headers to whatever the hub answers. What must not be kept
/// says so: everything that does not bring its own rule.
pub(crate) async fn strict(
    State(headers): State<StrictHeaders>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let answered = response.headers_mut();
    for (name, value) in headers.0.iter() {
        answered.insert(name, value.clone());
    }
    if !answered.contains_key(header::CACHE_CONTROL) {
        answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Turns away requests to a name that the hub does not answer to.
pub(crate) async fn known_host(
    State(hub): State<Arc<Hub>>,
    request: Request,
    next: Next,
) -> Response {
    match hub.parts.origins.check_host(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "WRONG_HOST",
            error.to_string(),
        )
        .into_response(),
    }
}

/// Counts and logs each request, without its query: a token travels there.
pub(crate) async fn counted(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let took = start.elapsed();
    let status = response.status().as_u16();
    hub.metrics.answered(status, took);
    tracing::debug!(%method, path, status, ?took, "answered");
    response
}
